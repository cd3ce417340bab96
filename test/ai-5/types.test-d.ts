import { fakeModel } from '@ai-pool/testing';
import { createPool, createPooledModel, createPooledProvider, createPoolMiddleware } from 'ai-pool';
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
expectTypeOf(full.specificationVersion).toEqualTypeOf<'v2'>();
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
expectTypeOf(byName.specificationVersion).toEqualTypeOf<'v2'>();
void ai.generateText({ model: byName, prompt });

const openai = createOpenAI({ apiKey: 'one' });
const google = createGoogleGenerativeAI({ apiKey: 'one' });
const short = createPooledModel([openai('gpt-4o'), google('gemini-2.5-flash')]);
expectTypeOf(short.specificationVersion).toEqualTypeOf<'v2'>();
void ai.generateText({ model: short, prompt });
void ai.streamText({ model: short, prompt });

const ready = createPooledModel({
  providers: [{ name: 'openai', models: [openai('gpt-4o'), openai('gpt-4o-mini')] }],
});
expectTypeOf(ready.specificationVersion).toEqualTypeOf<'v2'>();
void ai.generateText({ model: ready, prompt });

const fakes = createPooledModel([fakeModel({ specificationVersion: 'v2' })]);
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
expectTypeOf(view.specificationVersion).toEqualTypeOf<'v2'>();
expectTypeOf(view.pool.languageModel().specificationVersion).toEqualTypeOf<'v2'>();
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
expectTypeOf(fetched.specificationVersion).toEqualTypeOf<'v2'>();
void ai.streamText({ model: fetched, prompt });

expectTypeOf(full.pool.status().providers.map(({ name }) => name)).toEqualTypeOf<string[]>();

// A pooled provider is what the factory makes.
const provider = createPooledProvider(createOpenAI, {
  keys: ['one', { apiKey: 'two', account: 'acme' }],
  baseURL: 'https://proxy.test',
});
expectTypeOf(provider('gpt-4o')).toEqualTypeOf<LanguageModel>();
expectTypeOf(provider.chat('gpt-4o')).toEqualTypeOf<LanguageModel>();
expectTypeOf(provider.tools).toEqualTypeOf(openai.tools);
expectTypeOf(provider.textEmbeddingModel('text-embedding-3-small')).toEqualTypeOf<
  ReturnType<typeof openai.textEmbeddingModel>
>();
expectTypeOf(provider.pool.providers()).toEqualTypeOf<string[]>();
void ai.generateText({ model: provider.responses('gpt-4o'), prompt });
void ai.embed({ model: provider.embedding('text-embedding-3-small'), value: prompt });
void ai.createProviderRegistry({ openai: provider });
void ai.customProvider({ fallbackProvider: provider });
createPooledProvider(createGoogleGenerativeAI, { keys: 'one' })('gemini-2.5-flash');
createPooledProvider(createOpenRouter, { keys: 'one' })('openai/gpt-4o');
createPooledProvider(createAnthropic, { keys: 'one' }, { name: 'claude', maxWaitMs: 0 });
createPooledProvider((options: { apiKey: string; region: string }) => createOpenAI(options), {
  keys: 'one',
  region: 'eu',
}).chat('gpt-4o');

// @ts-expect-error
createPooledProvider(createOpenAI, { keys: 'one', baseUrl: 'https://proxy.test' });
// @ts-expect-error
createPooledProvider(createOpenAI, { keys: 'one', apiKey: 'two' });
// @ts-expect-error
createPooledProvider(createOpenAI, {});
// @ts-expect-error
createPooledProvider(createOpenAI, { keys: 'one' }, { routing: 'fallback' });
// @ts-expect-error
createPooledProvider(createOpenAI, { keys: 'one' }, { providers: [] });

// Other kinds of models are what the factories' own are.
const embedding = pool.textEmbeddingModel('text-embedding-3-small');
expectTypeOf(embedding.specificationVersion).toEqualTypeOf<'v2'>();
void ai.embed({ model: embedding, value: prompt });
void ai.embedMany({ model: pool.embeddingModel(['openai/a', 'openai/b']), values: [prompt] });
void ai.experimental_generateImage({ model: pool.imageModel('gpt-image-1'), prompt });
void ai.experimental_generateSpeech({ model: pool.speechModel('tts-1'), text: prompt });
void ai.experimental_transcribe({
  model: pool.transcriptionModel('whisper-1'),
  audio: new Uint8Array(),
});
void ai.embed({ model: full.pool.embeddingModel('openai/text-embedding-3-small'), value: prompt });

// Middleware of a pool goes around models of its generation.
const middleware = createPoolMiddleware({
  providers: { openai: { create: createOpenAI, keys: 'one', models: ['gpt-4o'] } },
});
expectTypeOf(middleware.specificationVersion).toEqualTypeOf<'v2'>();
expectTypeOf(middleware.pool.providers()).toEqualTypeOf<string[]>();
void ai.generateText({
  model: ai.wrapLanguageModel({ model: google('gemini-2.5-flash'), middleware }),
  prompt,
});
void ai.wrapLanguageModel({
  model: full,
  middleware: [ai.simulateStreamingMiddleware(), createPoolMiddleware([openai('gpt-4o')])],
});
void ai.wrapLanguageModel({
  model: openai('gpt-4o'),
  middleware: createPoolMiddleware({
    providers: [{ name: 'openai', create: () => untold, keys: 'one', models: ['gpt-4o'] }],
  }),
});

// What the SDK refuses, it refuses of a pool.
const foreign = fakeModel({ specificationVersion: 'v3' });
// @ts-expect-error
void ai.generateText({ model: createPooledModel([foreign]), prompt });
// @ts-expect-error
void ai.wrapLanguageModel({ model: full, middleware: createPoolMiddleware([foreign]) });

// As the global default.
globalThis.AI_SDK_DEFAULT_PROVIDER = pool;
globalThis.AI_SDK_DEFAULT_PROVIDER = provider;
