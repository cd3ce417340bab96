import { fakeModel } from '@ai-pool/testing';
import { createPool, createPooledModel } from 'ai-pool';
import { expectTypeOf } from 'vitest';
import {
  ai,
  createAnthropic,
  createGoogleGenerativeAI,
  createOpenAI,
  createOpenRouter,
  type LanguageModel,
} from './sdk.ts';

const prompt = 'What is a pool?';

const full = createPooledModel({
  providers: [
    { name: 'google', create: createGoogleGenerativeAI, keys: 'one', models: ['gemini-2.5-flash'] },
    { name: 'openai', create: createOpenAI, keys: ['one', 'two'], models: ['gpt-4o'] },
    {
      name: 'openrouter',
      create: createOpenRouter,
      keys: [{ apiKey: 'one', id: 'main' }],
      models: [{ id: 'openai/gpt-4o' }],
    },
  ],
});
expectTypeOf(full.specificationVersion).toEqualTypeOf<'v4'>();
void ai.generateText({ model: full, prompt });
void ai.streamText({ model: full, prompt });

const byName = createPooledModel({
  providers: {
    openai: { create: createOpenAI, keys: 'one,two', models: ['gpt-4o', 'gpt-4o-mini'] },
    anthropic: {
      create: options => createAnthropic({ ...options, baseURL: 'https://proxy.test' }),
      keys: ['one'],
      models: ['claude-sonnet-4-5'],
    },
  },
});
expectTypeOf(byName.specificationVersion).toEqualTypeOf<'v4'>();
void ai.generateText({ model: byName, prompt });

const openai = createOpenAI({ apiKey: 'one' });
const google = createGoogleGenerativeAI({ apiKey: 'one' });
const short = createPooledModel([openai('gpt-4o'), google('gemini-2.5-flash')]);
expectTypeOf(short.specificationVersion).toEqualTypeOf<'v4'>();
void ai.generateText({ model: short, prompt });
void ai.streamText({ model: short, prompt });

const ready = createPooledModel({
  providers: [{ name: 'openai', models: [openai('gpt-4o'), openai('gpt-4o-mini')] }],
});
expectTypeOf(ready.specificationVersion).toEqualTypeOf<'v4'>();
void ai.generateText({ model: ready, prompt });

const fakes = createPooledModel([fakeModel({ specificationVersion: 'v4' })]);
void ai.generateText({ model: fakes, prompt });

// Wherever a model goes.
const model: LanguageModel = full;
void ai.generateText({ model, prompt });
void ai.generateText({ model: ai.wrapLanguageModel({ model: full, middleware: [] }), prompt });
void ai.customProvider({ languageModels: { pooled: full } });

const pool = createPool({
  providers: { openai: { create: createOpenAI, keys: 'one', models: ['gpt-4o'] } },
});
void ai.createProviderRegistry({ pool });
void ai.generateText({ model: pool.languageModel(), prompt });
void ai.generateText({ model: pool.languageModel('gpt-4o'), prompt });

// Members whose generation the types do not tell fit every SDK.
const untold: { languageModel(id: string): unknown } = openai;
const any = createPooledModel({
  providers: [{ name: 'openai', create: () => untold, keys: 'one', models: ['gpt-4o'] }],
});
void ai.generateText({ model: any, prompt });

// Views and secrets that are fetched change nothing about the type.
const view = full.with({ only: ['openai'] });
expectTypeOf(view.specificationVersion).toEqualTypeOf<'v4'>();
expectTypeOf(view.pool.languageModel().specificationVersion).toEqualTypeOf<'v4'>();
void ai.generateText({ model: view, prompt });

const fetched = createPooledModel({
  providers: [
    {
      name: 'openai',
      create: (options, { key, meta }) =>
        createOpenAI({ ...options, name: `${key}-${String(meta)}` }),
      keys: [{ apiKey: async () => 'one', weight: 2, limits: { rpm: 60 }, meta: 'ops' }],
      models: [{ id: 'gpt-4o', contextWindow: 128_000 }, openai('gpt-4o-mini')],
    },
  ],
  routing: 'weighted',
  keySelection: 'weighted',
});
expectTypeOf(fetched.specificationVersion).toEqualTypeOf<'v4'>();
void ai.streamText({ model: fetched, prompt });

expectTypeOf(full.pool.status().providers.map(({ name }) => name)).toEqualTypeOf<string[]>();
