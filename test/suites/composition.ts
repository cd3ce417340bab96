import type { FakeProviders } from '@ai-pool/testing';
import {
  createPool,
  createPooledProvider,
  createPoolMiddleware,
  type KeyEntry,
  type ModelObject,
} from 'ai-pool';
import { describe, expect, test, vi } from 'vitest';
import { expectUsageMatches } from './expect-usage.ts';
import { prompt, type ModelBase, type ProviderName, type Sdk } from './sdk.ts';
import { functionOf, oneOf, readList } from './sdk-calls.ts';
import { askModel, modelIds, secretOf, startFakes, ways } from './world.ts';

interface Options {
  readonly keys: readonly KeyEntry[];
  readonly baseURL: string;
}

/** A provider package's own factory, and what it makes. */
type Create<Model extends ModelBase> = (options: {
  apiKey: string;
  baseURL: string;
}) => ((id: string) => Model) & object;

/** What one generation of the SDK brings along. */
export interface Composing<Model extends ModelBase> {
  readonly sdk: Sdk<Model>;
  readonly ai: object;
  readonly factories: Readonly<Record<ProviderName, Create<Model>>>;
}

/** What a user's own middleware may look like. */
const user = {
  transformParams: async ({ params }: { params: object }) => ({ ...params, seed: 7 }),
  wrapGenerate: async ({ doGenerate }: { doGenerate: () => Promise<unknown> }) => doGenerate(),
  wrapStream: async ({ doStream }: { doStream: () => Promise<unknown> }) => doStream(),
};

/** What one generation of the SDK puts around models. */
function composing<Model extends ModelBase>({ sdk, ai, factories }: Composing<Model>) {
  const wrap = (model: Model, ...middleware: readonly unknown[]): Model =>
    functionOf(ai, 'wrapLanguageModel')({ model, middleware }) as Model;
  const reasoning = functionOf(ai, 'extractReasoningMiddleware')({ tagName: 'think' });
  const defaults = functionOf(ai, 'defaultSettingsMiddleware')({ settings: { temperature: 0.5 } });
  const languageModel = (provider: unknown, id: string): Model =>
    Reflect.apply(functionOf(provider as object, 'languageModel'), provider, [id]) as Model;
  return {
    wrapped: {
      defaults: (model: Model) => wrap(model, defaults),
      reasoning: (model: Model) => wrap(model, reasoning),
      streaming: (model: Model) => wrap(model, functionOf(ai, 'simulateStreamingMiddleware')()),
      user: (model: Model) => wrap(model, user),
    },
    async reasoningOf(model: Model) {
      const result = await functionOf(ai, 'generateText')({ model, prompt, maxRetries: 0 });
      const name = sdk.major === 4 ? 'reasoning' : 'reasoningText';
      return { text: oneOf(result, 'text'), reasoning: oneOf(result, name) };
    },
    /** A pool behind a model, and other middleware around both. */
    withPool(model: Model, pooled: readonly Model[]) {
      const middleware = createPoolMiddleware(pooled as readonly (Model & ModelObject)[]);
      return {
        pool: middleware.pool,
        model: wrap(model, middleware),
        reasoning: wrap(model, reasoning, middleware),
      };
    },
    /** A provider whose models rotate over keys. */
    provider(name: ProviderName, options: Options) {
      const provider = createPooledProvider(factories[name], options);
      return { pool: provider.pool, model: (id: string): Model => provider(id) };
    },
    /** OpenAI, rotating, in a registry and behind a custom provider that has a model `small`. */
    openai(options: Options) {
      const openai = createPooledProvider(factories.openai, options);
      const registry = functionOf(ai, 'createProviderRegistry')({ openai });
      const custom = functionOf(
        ai,
        'customProvider',
      )({
        languageModels: { small: openai('gpt-4o-mini') },
        fallbackProvider: openai,
      });
      return {
        pool: openai.pool,
        fromRegistry: (id: string) => languageModel(registry, `openai:${id}`),
        fromCustom: (id: string) => languageModel(custom, id),
      };
    },
    /** Models of the global default provider, by their names alone. */
    byName: {
      generateText: async (model: string) =>
        oneOf(await functionOf(ai, 'generateText')({ model, prompt, maxRetries: 0 }), 'text'),
      embed: async (model: string) =>
        readList(functionOf(ai, 'embed')({ model, value: prompt, maxRetries: 0 }), 'embedding'),
      pool: ({ keys, baseURL }: Options): object =>
        createPool({
          providers: [
            {
              name: 'openai',
              create: ({ apiKey }: { apiKey: string }) => factories.openai({ apiKey, baseURL }),
              keys,
              models: ['gpt-4o'],
            },
          ],
        }),
      provider: (options: Options): object => createPooledProvider(factories.openai, options),
    },
  };
}

const allNames: readonly ProviderName[] = ['openai', 'google', 'openrouter', 'anthropic'];
const thought = '<think>quietly</think>Here it is.';
const keyIds = ['one', 'two'];

const keysOf = (name: ProviderName): KeyEntry[] =>
  keyIds.map(id => ({ id, apiKey: secretOf(name, id) }));

const limitedOf = (name: ProviderName) => ({
  keys: {
    [secretOf(name, 'one')]: { id: 'one', rpm: 0 },
    [secretOf(name, 'two')]: { id: 'two' },
  },
});

/** Every provider with two keys, the first of which is limited. */
function startLimited(): Promise<FakeProviders<ProviderName>> {
  return startFakes(Object.fromEntries(allNames.map(name => [name, limitedOf(name)])));
}

export function testComposition<Model extends ModelBase>(kit: Composing<Model>): void {
  const { sdk } = kit;
  const by = composing(kit);
  const { wrapped } = by;
  const failing = () => sdk.fake({ provider: 'failing', answer: new Error('it is down') });
  const healthy = (answer: string) => sdk.fake({ provider: 'healthy', answer });

  describe('a pooled model behind middleware', () => {
    test.each(ways)('defaultSettings: %s', async way => {
      const good = healthy('Here it is.');
      const model = wrapped.defaults(sdk.pooledModels([failing(), good]));
      expect((await askModel(sdk, model, way)).text).toBe('Here it is.');
      expect(good.calls).toMatchObject([{ options: { temperature: 0.5 } }]);
    });

    test('extractReasoning', async () => {
      const model = wrapped.reasoning(sdk.pooledModels([failing(), healthy(thought)]));
      expect(await by.reasoningOf(model)).toEqual({ text: 'Here it is.', reasoning: 'quietly' });
    });

    test('simulateStreaming', async () => {
      const good = healthy('Here it is.');
      const model = wrapped.streaming(sdk.pooledModels([failing(), good]));
      const { text, pool } = await askModel(sdk, model, 'stream');
      expect(text).toBe('Here it is.');
      expect(pool).toMatchObject({ provider: 'healthy', attempts: [{ kind: 'unknown' }, {}] });
      expect(good.calls).toMatchObject([{ kind: 'generate' }]);
    });

    test.each(ways)('a user’s own: %s', async way => {
      const good = healthy('Here it is.');
      const model = wrapped.user(sdk.pooledModels([failing(), good]));
      expect((await askModel(sdk, model, way)).text).toBe('Here it is.');
      expect(good.calls).toMatchObject([{ options: { seed: 7 } }]);
    });
  });

  describe('a pool of models behind middleware', () => {
    test.each(ways)('of any kind of middleware: %s', async way => {
      const good = healthy('Here it is.');
      const model = sdk.pooledModels([
        wrapped.user(failing()),
        wrapped.user(wrapped.defaults(good)),
      ]);
      const { text, pool } = await askModel(sdk, model, way);
      expect(text).toBe('Here it is.');
      expect(pool.attempts).toMatchObject([{ provider: 'failing' }, { provider: 'healthy' }]);
      expect(good.calls).toMatchObject([{ options: { seed: 7, temperature: 0.5 } }]);
    });

    test('extractReasoning', async () => {
      const members = [failing(), healthy(thought)].map(member => wrapped.reasoning(member));
      const answer = await by.reasoningOf(sdk.pooledModels(members));
      expect(answer).toEqual({ text: 'Here it is.', reasoning: 'quietly' });
    });
  });

  describe('a pool as middleware', () => {
    test.each(ways)('takes over from the wrapped model: %s', async way => {
      await using fakes = await startLimited();
      const options = { apiKey: secretOf('openai', 'one'), baseURL: fakes.baseURL('openai') };
      const { model, pool } = by.withPool(sdk.factories.openai(options)('gpt-4o'), [
        sdk.factories.google({
          apiKey: secretOf('google', 'two'),
          baseURL: fakes.baseURL('google'),
        })('gemini-2.5-flash'),
      ]);
      const answers = [await askModel(sdk, model, way), await askModel(sdk, model, way)];
      expect(answers.map(({ text }) => text)).not.toContain('');
      expect(answers[0]?.pool.attempts).toMatchObject([
        { provider: expect.stringMatching(/^openai\./), model: 'gpt-4o', kind: 'rate-limit' },
        { provider: expect.stringMatching(/^google\./), model: 'gemini-2.5-flash' },
      ]);
      expect(answers[1]?.pool.attempts).toHaveLength(1);
      await fakes.idle();
      expect(fakes.requests.map(({ provider, status }) => `${provider} ${status}`)).toEqual([
        'openai 429',
        'google 200',
        'google 200',
      ]);
      const usages = pool.status().providers.map(({ keys }) => keys[0]?.usage.attempts);
      expect(usages).toEqual([2, 1]);
    });

    test('among other middleware', async () => {
      const { reasoning } = by.withPool(failing(), [healthy(thought)]);
      expect(await by.reasoningOf(reasoning)).toEqual({
        text: 'Here it is.',
        reasoning: 'quietly',
      });
    });
  });

  describe('a pooled provider', () => {
    test.each(allNames.flatMap(name => ways.map(way => [name, way] as const)))(
      'in place of %s: %s',
      async (name, way) => {
        await using fakes = await startLimited();
        const { model, pool } = by.provider(name, {
          keys: keysOf(name),
          baseURL: fakes.baseURL(name),
        });
        const id = modelIds[name];
        const bare = sdk.factories[name]({ apiKey: 'none-0123', baseURL: fakes.baseURL(name) })(id);
        expect([model(id).specificationVersion, model(id).provider, model(id).modelId]).toEqual([
          bare.specificationVersion,
          bare.provider,
          bare.modelId,
        ]);
        const { text, pool: told } = await askModel(sdk, model(id), way);
        expect(text).toMatch(/nobody had to wait/);
        expect(told.attempts).toMatchObject([{ provider: name, key: 'one', status: 429 }, {}]);
        expect(pool.providers()).toEqual([name]);
        await expectUsageMatches(pool, fakes);
      },
    );

    test('in a registry and in a custom provider', async () => {
      await using fakes = await startLimited();
      const { pool, fromRegistry, fromCustom } = by.openai({
        keys: keysOf('openai'),
        baseURL: fakes.baseURL('openai'),
      });
      const models = [fromRegistry('gpt-4o'), fromCustom('small'), fromCustom('gpt-4.1')];
      for (const model of models) await askModel(sdk, model, 'generate');
      expect(fakes.requests.map(({ key, model, status }) => `${key} ${model} ${status}`)).toEqual([
        'one gpt-4o 429',
        'two gpt-4o 200',
        'one gpt-4o-mini 429',
        'two gpt-4o-mini 200',
        'one gpt-4.1 429',
        'two gpt-4.1 200',
      ]);
      await expectUsageMatches(pool, fakes);
    });
  });

  // Models by their names alone: from the fifth major on.
  const { byName } = by;
  test.skipIf(sdk.major === 4).each(['pool', 'provider'] as const)(
    'a %s as the global default',
    async source => {
      await using fakes = await startLimited();
      const pool = byName[source]({ keys: keysOf('openai'), baseURL: fakes.baseURL('openai') });
      vi.stubGlobal('AI_SDK_DEFAULT_PROVIDER', pool);
      try {
        expect(await byName.generateText('gpt-4o')).toMatch(/nobody had to wait/);
        expect((await byName.embed('text-embedding-3-small')).length).toBeGreaterThan(1);
        expect(fakes.requests.map(({ key, status }) => `${key} ${status}`)).toEqual([
          'one 429',
          'two 200',
          'one 429',
          'two 200',
        ]);
      } finally {
        vi.unstubAllGlobals();
      }
    },
  );
}
