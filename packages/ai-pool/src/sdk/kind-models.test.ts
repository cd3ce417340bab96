import { apiCallError, fakeModel } from '@ai-pool/testing';
import { describe, expect, it } from 'vitest';
import { untyped } from '../__fixtures__/scene.ts';
import {
  createPool,
  PoolConfigError,
  PoolExhaustedError,
  type ModelPool,
  type PoolConfig,
  type PoolEvent,
  type PoolMetadata,
  type PoolSettings,
  type ProviderEntry,
} from '../index.ts';

interface Options {
  readonly values: readonly string[];
  readonly abortSignal?: AbortSignal;
  readonly providerOptions?: Record<string, unknown>;
}

interface Embedded {
  readonly embeddings: number[][];
  readonly providerMetadata: { pool: PoolMetadata; own?: unknown };
  readonly response: { modelId: string; headers?: unknown };
}

interface Embedding {
  readonly specificationVersion: string;
  readonly provider: string;
  readonly modelId: string;
  readonly maxEmbeddingsPerCall: unknown;
  readonly supportsParallelCalls: unknown;
  doEmbed(options: Options): Promise<Embedded>;
}

/** A pool that may have models of every kind. */
const createAny = (config: PoolConfig): ModelPool => createPool(config) as unknown as ModelPool;

/** What reached upstream: `provider/key/model`. */
type Trail = string[];

interface Upstream {
  readonly limit?: number | undefined;
  readonly parallel?: boolean;
  /** Throws to fail. */
  readonly answer?: (key: string, options: Options) => void;
  readonly version?: string;
}

/** Members as provider packages have them: classes with secrets of their own. */
function embedding(
  trail: Trail,
  name: string,
  { limit, parallel = true, answer, version = 'v4' }: Upstream,
) {
  return class EmbeddingModel {
    readonly specificationVersion = version;
    readonly provider: string = `${name}.embedding`;
    readonly modelId: string;
    readonly config: { headers: () => { authorization: string } };
    readonly #key: string;

    constructor(key: string, modelId: string) {
      this.#key = key;
      this.modelId = modelId;
      this.config = { headers: () => ({ authorization: key }) };
    }

    get maxEmbeddingsPerCall(): Promise<number | undefined> {
      return Promise.resolve(limit);
    }

    get supportsParallelCalls(): boolean {
      return parallel;
    }

    async doEmbed(options: Options) {
      trail.push(`${name}/${this.#key}/${this.modelId}`);
      answer?.(this.#key, options);
      return {
        embeddings: options.values.map(value => [value.length]),
        providerMetadata: { own: name },
        response: { headers: { 'x-name': name } },
        warnings: [],
      };
    }
  };
}

function entry(trail: Trail, name: string, upstream: Upstream = {}, keys = 'k1,k2'): ProviderEntry {
  const EmbeddingModel = embedding(trail, name, upstream);
  return {
    name,
    keys,
    models: ['chat'],
    create: ({ apiKey }) =>
      Object.assign((modelId: string) => fakeModel({ specificationVersion: 'v4', modelId }), {
        textEmbeddingModel: (modelId: string) => new EmbeddingModel(apiKey, modelId),
        imageModel: () => {
          throw new Error('it has no images');
        },
      }),
  };
}

function scene(
  upstream: Record<string, Upstream> = { a: {} },
  settings: PoolSettings = {},
): {
  pool: ModelPool;
  trail: Trail;
  events: PoolEvent[];
  model: (id: string | readonly string[]) => Embedding;
} {
  const trail: Trail = [];
  const events: PoolEvent[] = [];
  const pool = createAny({
    providers: Object.entries(upstream).map(([name, each]) => entry(trail, name, each)),
    random: () => 0,
    onEvent: event => events.push(event),
    ...settings,
  });
  return { pool, trail, events, model: id => pool.embeddingModel(id) };
}

const limited = (): never => {
  throw apiCallError({ statusCode: 429, responseHeaders: { 'retry-after': '30' } });
};

describe('an embedding model', () => {
  it('takes the keys in turn, and says who answered beside what the member says', async () => {
    const { model, trail } = scene();
    const results = [];
    for (let i = 0; i < 3; i++) results.push(await model('e').doEmbed({ values: ['one', 'four'] }));
    expect(trail).toEqual(['a/k1/e', 'a/k2/e', 'a/k1/e']);
    expect(results[0]).toMatchObject({
      embeddings: [[3], [4]],
      providerMetadata: { own: 'a', pool: { provider: 'a', model: 'e', attempts: [{}] } },
      response: { modelId: 'e', headers: { 'x-name': 'a' } },
    });
  });

  it('goes on when 1,000 others were asked for since, and is known anew', async () => {
    const { model, trail, pool } = scene();
    const held = model('held');
    for (let i = 0; i < 1_200; i++) await model(`other-${i}`).doEmbed({ values: ['x'] });
    const known = (): string[] => pool.status().providers[0]?.models.map(({ id }) => id) ?? [];
    expect(known()).toHaveLength(1_001);
    expect(known()[0]).toBe('chat');
    expect(known()).not.toContain('held');
    pool.addKey('a', 'k3');
    for (let i = 0; i < 3; i++) await held.doEmbed({ values: ['x'] });
    expect(new Set(trail.slice(-3))).toEqual(new Set(['a/k1/held', 'a/k2/held', 'a/k3/held']));
    expect(known()).toContain('held');
  });

  it('leaves a limited key, whose pause is of that model alone', async () => {
    const { model, trail, pool, events } = scene({
      a: { answer: key => void (key === 'k1' && limited()) },
    });
    const { providerMetadata } = await model('e').doEmbed({ values: ['x'] });
    await model('e').doEmbed({ values: ['x'] });
    expect(trail).toEqual(['a/k1/e', 'a/k2/e', 'a/k2/e']);
    expect(providerMetadata.pool.attempts).toMatchObject([{ kind: 'rate-limit', status: 429 }, {}]);
    expect(pool.status().providers[0]?.targets).toMatchObject([
      { model: 'chat', state: 'ready' },
      { model: 'chat', state: 'ready' },
      { model: 'e', state: 'cooling' },
      { model: 'e', state: 'ready' },
    ]);
    expect(events.map(({ type }) => type)).toEqual([
      'attempt',
      'failure',
      'cooled',
      'key-rotated',
      'attempt',
      'success',
      'attempt',
      'success',
    ]);
    expect(pool.hasAvailable('a', 'e')).toBe(true);
    pool.disable({ provider: 'a', model: 'e' });
    expect(pool.hasAvailable('a', 'e')).toBe(false);
    expect(pool.explain('a', 'e')).toHaveLength(2);
    expect(pool.hasAvailable('a')).toBe(true);
  });

  it('shares a disabled key with the language models', async () => {
    const { model, trail, pool } = scene();
    pool.disable({ provider: 'a', key: pool.status().providers[0]?.keys[0]?.id ?? '' });
    await model('e').doEmbed({ values: ['x'] });
    expect(trail).toEqual(['a/k2/e']);
  });

  it('shares declared limits with the language models', async () => {
    const trail: Trail = [];
    const pool = createAny({
      providers: [{ ...entry(trail, 'a'), limits: { rpm: 2 } }],
      maxWaitMs: 0,
    });
    const model: Embedding = pool.embeddingModel('e');
    const language = untyped(pool.languageModel());
    await model.doEmbed({ values: ['x'] });
    await language.doGenerate({ prompt: [] });
    await expect(model.doEmbed({ values: ['x'] })).rejects.toThrow(PoolExhaustedError);
    expect(trail).toHaveLength(1);
  });

  it('counts the tokens of its values where tokens are limited', async () => {
    const trail: Trail = [];
    const pool = createAny({
      providers: [{ ...entry(trail, 'a'), limits: { tpm: 100 } }],
      maxWaitMs: 0,
    });
    const model: Embedding = pool.embeddingModel('e');
    await model.doEmbed({ values: ['x'.repeat(200), 'x'.repeat(160)] });
    await expect(model.doEmbed({ values: ['x'.repeat(80)] })).rejects.toThrow(PoolExhaustedError);
    await model.doEmbed({ values: ['x'.repeat(20)] });
    expect(trail).toHaveLength(2);
  });

  it('ends with the reason of an abort, and tries nothing else', async () => {
    const left = new AbortController();
    const { model, trail, pool } = scene({
      a: {
        answer: () => {
          left.abort('enough');
          throw apiCallError({ statusCode: 500 });
        },
      },
    });
    const options = { values: ['x'], abortSignal: left.signal };
    await expect(model('e').doEmbed(options)).rejects.toBe('enough');
    expect(trail).toHaveLength(1);
    expect(pool.status().providers[0]?.keys[0]?.usage).toMatchObject({ aborted: 1, failures: 0 });
  });

  it('goes on to the next provider with the same id, in the order of the routing', async () => {
    const { model, trail } = scene({ a: { answer: limited }, b: {} });
    await model('e').doEmbed({ values: ['x'] });
    expect(trail).toEqual(['a/k1/e', 'a/k2/e', 'b/k1/e']);

    const turns = scene({ a: {}, b: {} }, { routing: 'round-robin' });
    for (let i = 0; i < 4; i++) await turns.model('e').doEmbed({ values: ['x'] });
    expect(turns.trail).toEqual(['a/k1/e', 'b/k1/e', 'a/k2/e', 'b/k2/e']);
  });

  it('sticks to what served, apart from the language models', async () => {
    let down = true;
    const { model, trail, pool } = scene(
      { a: { answer: () => void (down && limited()) }, b: {} },
      { routing: 'sticky' },
    );
    await model('e').doEmbed({ values: ['x'] });
    down = false;
    pool.reset();
    trail.length = 0;
    await model('e').doEmbed({ values: ['x'] });
    await model('f').doEmbed({ values: ['x'] });
    expect(trail).toEqual(['b/k2/e', 'a/k1/f']);
    const language = untyped(pool.languageModel());
    const { providerMetadata } = await language.doGenerate({ prompt: [] });
    expect(providerMetadata.pool).toMatchObject({ provider: 'a', model: 'chat' });
  });

  it('stays at a provider that it names, and switches models where they are declared equal', async () => {
    const { model, trail } = scene({ a: { answer: limited }, b: {} }, { maxWaitMs: 0 });
    await expect(model('a/e').doEmbed({ values: ['x'] })).rejects.toThrow(PoolExhaustedError);
    expect(trail).toEqual(['a/k1/e', 'a/k2/e']);
    trail.length = 0;

    const equal = model(['a/small', 'b/vendor/small']);
    expect(equal.modelId).toBe('pool');
    await equal.doEmbed({ values: ['x'] });
    expect(trail).toEqual(['a/k1/small', 'a/k2/small', 'b/k1/vendor/small']);
  });

  it('can do what all of its members can', async () => {
    const { model } = scene({
      a: { limit: 100 },
      b: { limit: 10, parallel: false },
      c: {},
    });
    const of = async (id: string | readonly string[]) => [
      await model(id).maxEmbeddingsPerCall,
      await model(id).supportsParallelCalls,
    ];
    expect(await of('a/e')).toEqual([100, true]);
    expect(await of('e')).toEqual([10, false]);
    expect(await of(['a/e', 'c/e'])).toEqual([100, true]);
    expect(await of('c/e')).toEqual([undefined, true]);
  });

  it('hands on no pool option, and goes by it', async () => {
    const seen: unknown[] = [];
    const answer = (_: string, options: Options) => void seen.push(options.providerOptions);
    const { model, trail } = scene({ a: { answer }, b: { answer } });
    const providerOptions = { own: { x: 1 }, pool: { only: ['b'] } };
    await model('e').doEmbed({ values: ['x'], providerOptions });
    expect(trail).toEqual(['b/k1/e']);
    expect(seen).toEqual([{ own: { x: 1 } }]);
    const wrong = { pool: { only: ['c'] } };
    await expect(model('e').doEmbed({ values: ['x'], providerOptions: wrong })).rejects.toThrow(
      PoolConfigError,
    );
  });

  it('knows providers that come and go', async () => {
    const { model, trail, pool } = scene({ a: { answer: limited } }, { maxWaitMs: 0 });
    const one = model('e');
    await expect(one.doEmbed({ values: ['x'] })).rejects.toThrow(PoolExhaustedError);
    pool.addProvider(entry(trail, 'b', { limit: 7 }));
    await one.doEmbed({ values: ['x'] });
    expect(trail.at(-1)).toBe('b/k1/e');
    expect(await one.maxEmbeddingsPerCall).toBe(7);
    pool.removeProvider('b');
    await expect(one.doEmbed({ values: ['x'] })).rejects.toThrow(PoolExhaustedError);
    expect(trail).toHaveLength(3);
  });

  it('shows nothing of its members beyond what the SDK reads', () => {
    const { model } = scene();
    expect(Object.keys(model('e'))).toEqual([
      'specificationVersion',
      'provider',
      'modelId',
      'doEmbed',
      'maxEmbeddingsPerCall',
      'supportsParallelCalls',
    ]);
  });

  it('leaves out members of another generation', async () => {
    const { model, trail } = scene(
      { a: { answer: limited }, b: { version: 'v3' } },
      { maxWaitMs: 0 },
    );
    await expect(model('e').doEmbed({ values: ['x'] })).rejects.toThrow(PoolExhaustedError);
    expect(trail).toEqual(['a/k1/e', 'a/k2/e']);
    expect(() => model(['a/e', 'b/e'])).toThrow(/^embeddingModel: .*b\/e/);
  });
});

it('a kind that no provider has is a PoolConfigError', () => {
  const { pool } = scene();
  expect(() => pool.imageModel('i')).toThrow(/^imageModel: .*: i$/);
  expect(() => pool.rerankingModel('r')).toThrow(PoolConfigError);
  expect(() => pool.embeddingModel([])).toThrow(PoolConfigError);
});

it('keys of functions are fetched once for all kinds, and again after a 401', async () => {
  const trail: Trail = [];
  let fetched = 0;
  const { keys: _, ...rest } = entry(trail, 'a', {
    answer: key => {
      if (key === 'secret-1') throw apiCallError({ statusCode: 401 });
    },
  });
  const pool = createAny({
    providers: [{ ...rest, keys: [{ apiKey: () => `secret-${++fetched}` }] }],
  });
  const model: Embedding = pool.embeddingModel('e');
  expect(fetched).toBe(0);
  await model.doEmbed({ values: ['x'] });
  const other: Embedding = pool.embeddingModel('f');
  await other.doEmbed({ values: ['x'] });
  expect(trail).toEqual(['a/secret-1/e', 'a/secret-2/e', 'a/secret-2/f']);
});
