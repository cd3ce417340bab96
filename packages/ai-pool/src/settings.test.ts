import { fakeModel } from '@ai-pool/testing';
import { describe, expect, it } from 'vitest';
import { firstKey, http, poolOf, rejection, scene } from './__fixtures__/scene.ts';
import { createPooledModel, PoolConfigError, type PoolSettings } from './index.ts';

const tokens = (answer: (key: string) => Error | string, fetch: () => string | Promise<string>) =>
  scene({ a: { keys: [{ apiKey: fetch, id: 'main' }], answer: ({ key }) => answer(key) } });

describe('key functions', () => {
  it('are called on first use, once for parallel calls, and again once after a 401', async () => {
    let fetched = 0;
    const { generate, seen, pool } = tokens(
      key => (key === 'token-1' && seen.length > 10 ? http(401) : 'fine'),
      async () => `token-${++fetched}`,
    );
    await Promise.all(Array.from({ length: 10 }, () => generate()));
    expect(fetched).toBe(1);
    expect((await generate()).pool.attempts.map(attempt => attempt.kind)).toEqual([
      'auth',
      undefined,
    ]);
    expect(fetched).toBe(2);
    expect(firstKey(pool)).toMatchObject({
      state: 'ready',
      usage: { attempts: 12, successes: 11, failures: 1 },
    });
  });

  it('count as failed when the fresh secret is refused too', async () => {
    let fetched = 0;
    const { generate, seen, pool } = tokens(
      () => http(401),
      () => `token-${++fetched}`,
    );
    await rejection(generate());
    expect(seen.map(one => one.key)).toEqual(['token-1', 'token-2']);
    expect(firstKey(pool).state).toBe('disabled');
  });

  it('never leak what they fetched', async () => {
    const { generate } = tokens(
      key => http(401, { error: { message: `bad ${key}` } }),
      () => 'fetched-0123456789abcdef',
    );
    expect(JSON.stringify(await rejection(generate()))).not.toContain('fetched-0123456789abcdef');
  });

  it('must give a string', async () => {
    const { generate } = tokens(
      () => 'fine',
      () => undefined as never,
    );
    expect(await rejection(generate())).toBeInstanceOf(TypeError);
  });
});

describe('model.with', () => {
  const providers = ['a', 'b'].map(name => ({
    name,
    models: [fakeModel({ specificationVersion: 'v4', provider: name, answer: name })],
  }));
  const pooled = createPooledModel({ providers });
  const served = async (model: typeof pooled, pool?: object) => {
    const result = await model.doGenerate({
      prompt: [],
      ...(pool === undefined ? {} : { providerOptions: { pool } }),
    });
    return poolOf(result).provider;
  };

  it('is a view on the same pool; a call’s own settings go over it', async () => {
    const view = pooled.with({ order: ['b'] });
    expect(view.pool).toBe(pooled.pool);
    expect(await served(view)).toBe('b');
    expect(await served(view, { order: ['a'] })).toBe('a');
    expect(await served(pooled)).toBe('a');
    expect(await served(view.with({ only: ['a'] }).with({ maxWaitMs: 1 }), { order: ['a'] })).toBe(
      'a',
    );
  });

  it('refuses mistakes at once', () => {
    expect(() => pooled.with({ only: ['nope'] })).toThrow(PoolConfigError);
    expect(() => pooled.with({ maxWaitMs: -1 })).toThrow(/with\.maxWaitMs/);
  });
});

async function until(
  cooldown: NonNullable<PoolSettings['cooldown']>,
  error: Error,
): Promise<number> {
  const { generate, pool, clock } = scene({ a: { answer: () => error }, b: {} }, { cooldown });
  await generate();
  return (pool.status().providers[0]!.targets[0]!.until ?? 0) - clock.now();
}

const create = () => () => fakeModel({ specificationVersion: 'v4' });

describe('settings', () => {
  it('retryOnResult sends a call on to the next model, and cools nothing', async () => {
    const settings: PoolSettings = {
      retryOnResult: (result, { provider }) =>
        provider === 'a' && JSON.stringify(result).includes('sorry'),
    };
    const { generate, pool } = scene(
      { a: { answer: () => 'sorry' }, b: { answer: () => 'sorry too' } },
      settings,
    );
    expect((await generate()).text).toBe('sorry too');
    expect(pool.explain()).toEqual([]);
    const own = new Error('mine');
    const throws = scene(
      { a: {} },
      {
        retryOnResult: () => {
          throw own;
        },
      },
    );
    expect(await rejection(throws.generate())).toBe(own);
  });

  it('disableAfter disables a key that keeps failing; a success clears the count', async () => {
    let bad = true;
    const { generate, pool, clock } = scene(
      { a: { answer: () => (bad ? http(429) : 'fine') }, b: {} },
      { disableAfter: { failures: 3, windowMs: 60_000 } },
    );
    const state = () => firstKey(pool).state;
    const fail = async () => {
      await generate();
      await clock.advance(9_000);
    };
    await fail();
    await fail();
    bad = false;
    await fail();
    bad = true;
    await fail();
    await fail();
    expect(state()).toBe('ready');
    await fail();
    expect(state()).toBe('disabled');
    expect(pool.explain('a')[0]).toMatch(/3 failures/);
  });

  it('reprobe false never tries again by itself', async () => {
    const { generate, seen, clock } = scene(
      { a: { answer: () => http(401) }, b: {} },
      { reprobe: false },
    );
    await generate();
    await clock.advance(48 * 3_600_000);
    await generate();
    expect(seen.filter(one => one.provider === 'a')).toHaveLength(1);
  });

  it('a disabled key is tried again after an hour, and comes back when it works', async () => {
    let bad = true;
    const { generate, seen, clock, pool } = scene({
      a: { answer: () => (bad ? http(401) : 'fine') },
      b: {},
    });
    await generate();
    await clock.advance(3_600_000);
    await generate();
    expect(seen.filter(one => one.provider === 'a')).toHaveLength(2);
    bad = false;
    await clock.advance(7_200_000);
    expect((await generate()).pool.provider).toBe('a');
    expect(firstKey(pool).state).toBe('ready');
  });

  it('recoveryCheckMs tells the end of a pause without a call; close stops that', async () => {
    const { generate, events, clock, pool } = scene(
      { a: { answer: () => http(429, undefined, { 'retry-after': '2' }) }, b: {} },
      { recoveryCheckMs: 500 },
    );
    await generate();
    await clock.advance(2_500);
    expect(events.filter(event => event.type === 'recovered')).toHaveLength(1);
    expect(clock.pending()).toBe(1);
    pool.close();
    expect(clock.pending()).toBe(0);
  });

  it('cooldown: exactly the ms of a setting where nothing is stated; stated times win', async () => {
    expect(await until(30_000, http(429))).toBe(30_000);
    expect(await until({ 'rate-limit': 7_000 }, http(429))).toBe(7_000);
    expect(await until({ overloaded: 7_000 }, http(429))).toBe(1_000);
    expect(await until(30_000, http(429, undefined, { 'retry-after': '2' }))).toBe(2_000);
    expect(await until({ max: 60_000 }, http(429, undefined, { 'retry-after': '86400' }))).toBe(
      60_000,
    );
  });

  it('cooldown never touches disables or documented resets', async () => {
    const perDay = {
      error: {
        status: 'RESOURCE_EXHAUSTED',
        code: 429,
        message: 'quota',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
            violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' }],
          },
        ],
      },
    };
    expect(await until(1, http(429, perDay))).toBeGreaterThan(60_000);
    const { generate, pool } = scene({ a: { answer: () => http(401) }, b: {} }, { cooldown: 1 });
    await generate();
    expect(firstKey(pool).state).toBe('disabled');
  });

  it('cooldown.quota.dailyReset waits for the next midnight of a zone', async () => {
    const { generate, pool, clock } = scene(
      { a: { answer: () => http(429), family: 'amazon-bedrock' }, b: {} },
      {
        cooldown: { quota: { dailyReset: 'UTC' } },
        classify: () => ({ kind: 'quota', scope: 'key', retryAfterMs: null, source: 'guessed' }),
      },
    );
    await generate();
    const ends = firstKey(pool).until;
    expect(new Date(ends ?? 0).toISOString()).toMatch(/T00:00:00\.000Z$/);
    expect((ends ?? 0) - clock.now()).toBeLessThanOrEqual(86_400_000);
  });

  it('classify overrides the verdict, and sees where it happened', async () => {
    const contexts: unknown[] = [];
    const { generate, trail } = scene(
      { a: { models: ['m', 'n'], answer: ({ model }) => (model === 'm' ? http(400) : 'fine') } },
      {
        classify: (_, { verdict, ...where }) => {
          contexts.push(where);
          return verdict.kind === 'bad-request'
            ? { kind: 'unsupported', action: 'next-model' }
            : undefined;
        },
      },
    );
    await generate();
    expect(trail()).toEqual(['a/secret-one/m', 'a/secret-one/n']);
    expect(contexts).toMatchObject([{ provider: 'a', model: 'm' }]);
  });

  it('takes limits, accounts and context windows, and refuses wrong ones by name', () => {
    const good = {
      name: 'a',
      create,
      weight: 2,
      limits: { rpm: 60, tpd: 1_000 },
      accounts: { acme: { limits: { maxConcurrency: 3 } } },
      keys: [{ apiKey: 'k', account: 'acme', weight: 3, limits: { rpd: 5 } }],
      models: [{ id: 'm', limits: { tpm: 1 }, contextWindow: 8_192 }],
    };
    expect(() => createPooledModel({ providers: [good] })).not.toThrow();
    const wrong = (change: object) => {
      try {
        createPooledModel({ providers: [{ ...good, ...change }] } as never);
      } catch (error) {
        return (error as PoolConfigError).path;
      }
      return 'accepted';
    };
    expect(wrong({ limits: { rpm: -1 } })).toBe('providers[0].limits.rpm');
    expect(wrong({ limits: { rpms: 1 } })).toBe('providers[0].limits.rpms');
    expect(wrong({ accounts: { acme: { limits: 7 } } })).toBe('providers[0].accounts.acme.limits');
    expect(wrong({ keys: [{ apiKey: 'k', limits: { rpd: '5' } }] })).toBe(
      'providers[0].keys[0].limits.rpd',
    );
    expect(wrong({ keys: [{ apiKey: 'k', weight: -1 }] })).toBe('providers[0].keys[0].weight');
    expect(wrong({ models: [{ id: 'm', contextWindow: 0 }] })).toBe(
      'providers[0].models[0].contextWindow',
    );
    expect(wrong({ cooldown: { quota: { dailyReset: 'Mars/Olympus' } } })).toBe(
      'providers[0].cooldown.quota.dailyReset',
    );
  });
});
