import { fakeModel } from '@ai-pool/testing';
import type { RerankingModelV3 } from '@ai-sdk/provider';
import {
  createPool,
  createPooledModel,
  createPooledProvider,
  createPoolMiddleware,
  type Pool,
} from 'ai-pool';
import { expectTypeOf } from 'vitest';
import {
  ai,
  createAnthropic,
  createGoogleGenerativeAI,
  createOpenAI,
  createOpenRouter,
  type LanguageModel,
} from './sdk.ts';

// What this SDK takes and refuses of members, it takes and refuses of pools of them.

type Accepted = Parameters<typeof ai.generateText>[0]['model'];
type IsAccepted<M> = M extends Accepted ? true : false;

const v1 = fakeModel({ specificationVersion: 'v1' });
const pooledV1 = createPooledModel([v1]);
expectTypeOf<IsAccepted<typeof v1>>().toEqualTypeOf<false>();
expectTypeOf<IsAccepted<typeof pooledV1>>().toEqualTypeOf<false>();
expectTypeOf(pooledV1.specificationVersion).toEqualTypeOf<'v1'>();

const v2 = fakeModel({ specificationVersion: 'v2' });
const pooledV2 = createPooledModel([v2]);
expectTypeOf<IsAccepted<typeof v2>>().toEqualTypeOf<true>();
expectTypeOf<IsAccepted<typeof pooledV2>>().toEqualTypeOf<true>();
expectTypeOf(pooledV2.specificationVersion).toEqualTypeOf<'v2'>();

const v3 = fakeModel({ specificationVersion: 'v3' });
const pooledV3 = createPooledModel([v3]);
expectTypeOf<IsAccepted<typeof v3>>().toEqualTypeOf<true>();
expectTypeOf<IsAccepted<typeof pooledV3>>().toEqualTypeOf<true>();
expectTypeOf(pooledV3.specificationVersion).toEqualTypeOf<'v3'>();

const v4 = fakeModel({ specificationVersion: 'v4' });
const pooledV4 = createPooledModel([v4]);
expectTypeOf<IsAccepted<typeof v4>>().toEqualTypeOf<false>();
expectTypeOf<IsAccepted<typeof pooledV4>>().toEqualTypeOf<false>();
expectTypeOf(pooledV4.specificationVersion).toEqualTypeOf<'v4'>();

// By every function that takes a model.

const prompt = 'Where?';
const schema = ai.jsonSchema<{ city: string }>({ type: 'object' });
const full = createPooledModel({
  providers: [
    { name: 'openai', create: createOpenAI, keys: 'one', models: ['gpt-4o'] },
    { name: 'google', create: createGoogleGenerativeAI, keys: 'one', models: ['gemini-2.5-flash'] },
    { name: 'openrouter', create: createOpenRouter, keys: 'one', models: ['openai/gpt-4o'] },
    { name: 'anthropic', create: createAnthropic, keys: 'one', models: ['claude-sonnet-4-5'] },
  ],
});
expectTypeOf<Parameters<typeof full.doGenerate>>().toEqualTypeOf<
  Parameters<LanguageModel['doGenerate']>
>();
expectTypeOf<Awaited<ReturnType<typeof full.doStream>>>().toExtend<
  Awaited<ReturnType<LanguageModel['doStream']>>
>();
void ai.generateText({ model: full, prompt });
void ai.streamText({ model: full, prompt });
void ai.generateObject({ model: full, prompt, schema });
void ai.streamObject({ model: full, prompt, schema });

// A pooled provider is the factory's own, with the pool on it.

const settings = { keys: ['one', 'two'] };
const provider = createPooledProvider(createOpenAI, settings);
void new ai.ToolLoopAgent({ model: full });
void new ai.ToolLoopAgent({ model: provider('gpt-4o') });

type OpenAI = ReturnType<typeof createOpenAI>;
expectTypeOf(provider).toEqualTypeOf<OpenAI & { readonly pool: Pool }>();
expectTypeOf(provider('gpt-4o')).toEqualTypeOf<ReturnType<OpenAI>>();
expectTypeOf(provider.chat('gpt-4o')).toEqualTypeOf<ReturnType<OpenAI['chat']>>();
expectTypeOf(provider.responses('gpt-4o')).toEqualTypeOf<ReturnType<OpenAI['responses']>>();
expectTypeOf(provider.embedding('e')).toEqualTypeOf<ReturnType<OpenAI['embedding']>>();
expectTypeOf(provider.image('i')).toEqualTypeOf<ReturnType<OpenAI['image']>>();
expectTypeOf(provider.speech('s')).toEqualTypeOf<ReturnType<OpenAI['speech']>>();
expectTypeOf(provider.transcription('t')).toEqualTypeOf<ReturnType<OpenAI['transcription']>>();
expectTypeOf(provider.tools).toEqualTypeOf<OpenAI['tools']>();
expectTypeOf(createPooledProvider(createGoogleGenerativeAI, settings)).toExtend<
  ReturnType<typeof createGoogleGenerativeAI>
>();
expectTypeOf(createPooledProvider(createAnthropic, settings)).toExtend<
  ReturnType<typeof createAnthropic>
>();
expectTypeOf(createPooledProvider(createOpenRouter, settings)).toExtend<
  ReturnType<typeof createOpenRouter>
>();
// @ts-expect-error
provider.nothing('gpt-4o');
// @ts-expect-error
provider(42);

// Middleware is the SDK's own, of the pool's generation alone.

const middleware = createPoolMiddleware([createOpenAI({ apiKey: 'one' })('gpt-4o')]);
expectTypeOf(middleware).toExtend<ai.LanguageModelMiddleware>();
expectTypeOf(middleware.pool).toEqualTypeOf<Pool>();
expectTypeOf(ai.wrapLanguageModel({ model: full, middleware })).toExtend<Accepted>();
// @ts-expect-error
createPoolMiddleware([v1]) satisfies ai.LanguageModelMiddleware;
// @ts-expect-error
createPoolMiddleware([v2]) satisfies ai.LanguageModelMiddleware;
// @ts-expect-error
createPoolMiddleware([v4]) satisfies ai.LanguageModelMiddleware;

// Rerankers are what a factory's own are.

declare const ranker: { rerankingModel(id: string): RerankingModelV3 };
const rankers = createPool({ providers: [{ name: 'r', keys: 'one', create: () => ranker }] });
void ai.rerank({ model: rankers.rerankingModel('r-1'), documents: [prompt], query: prompt });
// @ts-expect-error
void ai.rerank({ model: full.pool.embeddingModel('e'), documents: [prompt], query: prompt });

// Models of one kind are none of another.

// @ts-expect-error
void ai.embed({ model: full.pool.imageModel('i'), value: prompt });
// @ts-expect-error
void ai.embed({ model: provider('gpt-4o'), value: prompt });
// @ts-expect-error
void ai.generateText({ model: provider.embedding('e'), prompt });
// @ts-expect-error
void ai.generateText({ model: provider, prompt });
// @ts-expect-error
void ai.generateText({ model: full.pool, prompt });
