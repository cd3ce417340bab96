import { fakeModel } from '@ai-pool/testing';
import { describe, expect, it } from 'vitest';
import { createPool, createPooledModel, PoolConfigError } from '../index.ts';

const model = (specificationVersion: 'v1' | 'v2' | 'v3' | 'v4' = 'v4') =>
  fakeModel({ specificationVersion });
const create = () => () => model();
const one = { name: 'a', create, keys: 'secret-one', models: ['m'] };

function mistake(config: unknown): PoolConfigError {
  try {
    createPool(config as never);
  } catch (error) {
    if (PoolConfigError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('expected a PoolConfigError');
}

describe('a mistake names its path and what was expected', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['no config', undefined, 'config', /object/],
    ['no providers', {}, 'providers', /list/],
    ['empty providers', { providers: [] }, 'providers', /empty/],
    ['empty record', { providers: {} }, 'providers', /empty/],
    ['unknown pool option', { providers: [one], rooting: 'sticky' }, 'rooting', /routing/],
    ['unknown provider option', { providers: [{ ...one, key: 'x' }] }, 'providers[0].key', /keys/],
    ['no name', { providers: [{ ...one, name: undefined }] }, 'providers[0].name', /string/],
    ['a slash in a name', { providers: [{ ...one, name: 'a/b' }] }, 'providers[0].name', /slash/],
    ['two of a name', { providers: [one, one] }, 'providers[1].name', /twice/],
    ['a name in a record', { providers: { a: one } }, 'providers.a.name', /record/],
    [
      'no factory',
      { providers: [{ ...one, create: undefined }] },
      'providers[0].create',
      /missing/,
    ],
    [
      'create is no function',
      { providers: [{ ...one, create: {} }] },
      'providers[0].create',
      /function/,
    ],
    [
      'keys undefined',
      { providers: [{ ...one, keys: undefined }] },
      'providers[0].keys',
      /undefined/,
    ],
    ['empty keys', { providers: [{ ...one, keys: [] }] }, 'providers[0].keys', /empty/],
    [
      'an empty text of keys',
      { providers: [{ ...one, keys: ' , ' }] },
      'providers[0].keys',
      /empty/,
    ],
    [
      'an undefined key',
      { providers: [{ ...one, keys: ['x', undefined] }] },
      'providers[0].keys[1]',
      /undefined/,
    ],
    ['an empty key', { providers: [{ ...one, keys: [''] }] }, 'providers[0].keys[0]', /empty/],
    [
      'a key of a wrong type',
      { providers: [{ ...one, keys: [7] }] },
      'providers[0].keys[0]',
      /string/,
    ],
    [
      'a key object without secret',
      { providers: [{ ...one, keys: [{ id: 'x' }] }] },
      'providers[0].keys[0].apiKey',
      /undefined/,
    ],
    [
      'a mistyped key option',
      { providers: [{ ...one, keys: [{ apikey: 'x' }] }] },
      'providers[0].keys[0].apikey',
      /apiKey/,
    ],
    [
      'two keys of an id',
      {
        providers: [
          {
            ...one,
            keys: [
              { apiKey: 'k1', id: 'x' },
              { apiKey: 'k2', id: 'x' },
            ],
          },
        ],
      },
      'providers[0].keys[1].id',
      /twice/,
    ],
    ['empty models', { providers: [{ ...one, models: [] }] }, 'providers[0].models', /empty/],
    [
      'two of a model',
      { providers: [{ ...one, models: ['m', 'm'] }] },
      'providers[0].models[1]',
      /twice/,
    ],
    [
      'a model without id',
      { providers: [{ ...one, models: [{}] }] },
      'providers[0].models[0].id',
      /string/,
    ],
    ['unknown routing', { providers: [one], routing: 'stiky' }, 'routing', /sticky/],
    [
      'unknown key selection',
      { providers: [one], keySelection: 'lru' },
      'keySelection',
      /least-recently-used/,
    ],
    ['a negative wait', { providers: [one], maxWaitMs: -1 }, 'maxWaitMs', /negative/],
    [
      'a wait that is no number',
      { providers: [one], maxWaitMs: '5s' },
      'maxWaitMs',
      /milliseconds/,
    ],
    ['NaN', { providers: [one], cooldown: Number.NaN }, 'cooldown', /milliseconds/],
    [
      'an unknown kind',
      { providers: [one], cooldown: { 'rate-limits': 1 } },
      'cooldown.rate-limits',
      /rate-limit/,
    ],
    ['half a clock', { providers: [one], clock: { now: () => 0 } }, 'clock.setTimeout', /function/],
    ['a listener that is none', { providers: [one], on: { success: 1 } }, 'on.success', /function/],
    ['an unknown event', { providers: [one], on: { atempt: () => 0 } }, 'on.atempt', /attempt/],
    ['a flag that is none', { providers: [one], bypass: 'yes' }, 'bypass', /true or false/],
    [
      'members of different generations',
      { providers: [one, { ...one, name: 'b', create: () => () => model('v2') }] },
      'providers[1]',
      /generation/,
    ],
    [
      'a factory that makes no model',
      { providers: [{ ...one, create: () => 7 }] },
      'providers[0].create',
      /callable/,
    ],
    [
      'no known generation',
      { providers: [{ ...one, create: () => () => ({}) }] },
      'providers[0]',
      /specificationVersion/,
    ],
  ])('%s', (_, config, path, message) => {
    const error = mistake(config);
    expect(error.path).toBe(path);
    expect(error.message).toMatch(message);
  });

  it('a language model needs models; other kinds are asked for by name', () => {
    const bare = { name: 'a', create, keys: 'secret-one' };
    for (const providers of [[bare], [one, { ...bare, name: 'b' }]]) {
      expect(() => createPooledModel({ providers })).toThrow(
        /^providers\[\d\]\.models: is missing/,
      );
    }
    const pool = createPool({ providers: [bare] });
    expect(pool.providers()).toEqual(['a']);
    expect(() => pool.languageModel()).toThrow(PoolConfigError);
  });

  it('never repeats a secret, also not one that a factory throws', () => {
    const secret = 'sk-live-0123456789abcdef';
    const throws = () => {
      throw new Error(`cannot use ${secret}`);
    };
    const error = mistake({ providers: [{ ...one, keys: [secret], create: throws }] });
    expect(error.path).toBe('providers[0].create');
    expect(JSON.stringify([error.message, String(error.cause), error.stack])).not.toContain(secret);
  });

  it('refuses an unknown name in order and only before any call', async () => {
    const pooled = createPooledModel({ providers: [one] });
    for (const pool of [{ order: ['x'] }, { only: ['a/nope'] }, { only: [] }, { ordre: ['a'] }]) {
      await expect(pooled.doGenerate({ prompt: [], providerOptions: { pool } })).rejects.toThrow(
        PoolConfigError,
      );
    }
  });
});

const ids = (config: unknown): string[] =>
  createPool(config as never)
    .status()
    .providers.flatMap(provider => provider.keys.map(key => key.id));

describe('what is accepted', () => {
  it('gives keys public ids that say nothing about them', () => {
    const [id] = ids({ providers: [one] });
    expect(id).toMatch(/^[0-9a-f]{8}$/);
    expect(ids({ providers: [{ ...one, name: 'b' }] })).not.toEqual([id]);
    expect(
      ids({ providers: [{ ...one, keys: [{ apiKey: () => 'x' }, { apiKey: () => 'y' }] }] }),
    ).toEqual(['1', '2']);
  });

  it('drops repeated secrets, takes text, lists, records and keyless providers', () => {
    expect(ids({ providers: [{ ...one, keys: ['k1', 'k1', 'k2'] }] })).toHaveLength(2);
    expect(ids({ providers: [{ ...one, keys: 'k1,k2\nk3' }] })).toHaveLength(3);
    expect(ids({ providers: { a: { create, models: ['m'] } } })).toHaveLength(1);
  });

  it('builds one member per route at construction, with the string "pending" for key functions', () => {
    const seen: unknown[] = [];
    createPool({
      providers: [
        {
          name: 'a',
          create: options => {
            seen.push(options.apiKey);
            return () => model();
          },
          keys: [{ apiKey: () => 'fetched' }],
          models: ['m'],
        },
      ],
    });
    expect(seen).toEqual(['pending']);
  });

  it('calls a factory once per key, when the key is first used', async () => {
    const made: string[] = [];
    const pooled = createPooledModel({
      providers: [
        {
          name: 'a',
          create: ({ apiKey }) => {
            made.push(apiKey);
            return () => model();
          },
          keys: ['k1', 'k2'],
          models: ['m', 'n'],
        },
      ],
    });
    expect(made).toEqual(['k1']);
    for (let i = 0; i < 6; i++) await pooled.doGenerate({ prompt: [] });
    expect(made).toEqual(['k1', 'k2']);
  });

  it('names the elements of the short form, also repeated ones', () => {
    const pooled = createPooledModel([model(), model(), model()]);
    expect(pooled.pool.providers()).toEqual(['fake', 'fake#2', 'fake#3']);
  });

  it('resolves gateway strings, or says what to write', () => {
    expect(() => createPooledModel(['openai/gpt-4o'])).toThrow(/gateway\('openai\/gpt-4o'\)/);
    const scope = globalThis as { AI_SDK_DEFAULT_PROVIDER?: unknown };
    scope.AI_SDK_DEFAULT_PROVIDER = { languageModel: () => model() };
    try {
      expect(createPooledModel(['openai/gpt-4o']).pool.providers()).toEqual(['fake']);
    } finally {
      delete scope.AI_SDK_DEFAULT_PROVIDER;
    }
  });

  it('keeps keys without models, which serve no language model', () => {
    const pool = createPool({ providers: [{ name: 'a', keys: 'k1,k2' }] });
    expect(pool.status().providers[0]?.keys).toHaveLength(2);
    expect(() => pool.languageModel()).toThrow(PoolConfigError);
    expect(() => pool.languageModel('m')).toThrow(PoolConfigError);
  });

  it('serves one model id over the providers that have it', () => {
    const pool = createPool({ providers: [one, { ...one, name: 'b', models: ['m', 'n'] }] });
    expect(pool.languageModel('n').modelId).toBe('n');
    expect(() => pool.languageModel('nope')).toThrow(PoolConfigError);
    expect(pool.languageModel()).toBe(pool.languageModel());
  });
});
