import { describe, expect, it } from 'vitest';
import { http, rejection, scene, type Scene } from '../__fixtures__/scene.ts';
import type { ModelPool } from '../index.ts';
import { keys, repeat, shares, three } from './__fixtures__/shares.ts';

describe('key selection', () => {
  it('least-recently-used counts at hand-out, so that parallel calls spread', async () => {
    const { generate, trail } = scene({ a: { keys } });
    await Promise.all([generate(), generate(), generate()]);
    expect(new Set(trail()).size).toBe(3);
  });

  it('sticky keeps one key until it fails, and does not return by itself', async () => {
    let bad = '';
    const { generate, seen, clock } = scene(
      { a: { keys, answer: ({ key }) => (key === bad ? http(429) : 'fine') } },
      { keySelection: 'sticky' },
    );
    await repeat(2, generate);
    bad = 'secret-one';
    await generate();
    bad = '';
    await clock.advance(10_000);
    await generate();
    expect(seen.map(one => one.key)).toEqual([
      'secret-one',
      'secret-one',
      'secret-one',
      'secret-two',
      'secret-two',
    ]);
  });

  it('round-robin: retries inside a call take no turn', async () => {
    const { generate, seen } = scene(
      { a: { keys, answer: (_, index) => (index === 0 ? http(429) : 'fine') } },
      { keySelection: 'round-robin' },
    );
    await repeat(3, generate);
    expect(seen.map(one => one.key)).toEqual([
      'secret-one',
      'secret-two',
      'secret-two',
      'secret-three',
    ]);
  });

  it('least-used evens out what is uneven', async () => {
    let bad = true;
    const { generate, seen, clock } = scene(
      { a: { keys, answer: ({ key }) => (bad && key === 'secret-one' ? http(429) : 'fine') } },
      { keySelection: 'least-used' },
    );
    await repeat(5, generate);
    bad = false;
    await clock.advance(10_000);
    await repeat(3, generate);
    const counts = keys.map(key => seen.filter(one => one.key === key).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  it('random picks among the healthy', async () => {
    let turn = 0;
    const { generate, seen } = scene(
      { a: { keys, answer: ({ key }) => (key === 'secret-two' ? http(401) : 'fine') } },
      { keySelection: 'random', random: () => (turn++ % 10) / 10 },
    );
    await repeat(30, generate);
    expect(new Set(seen.slice(10).map(one => one.key))).toEqual(
      new Set(['secret-one', 'secret-three']),
    );
  });

  it.each([1, Number.NaN, -1])('random serves also with a random that gives %d', async number => {
    const { generate, seen } = scene(
      { a: { keys } },
      { keySelection: 'random', random: () => number },
    );
    await repeat(5, generate);
    expect(seen).toHaveLength(5);
  });
});

describe('routing', () => {
  const providers = { a: { models: ['m', 'n'] }, b: {}, c: {} };

  it('priority returns to the preferred route when its pause ends, by one probe', async () => {
    let index = 0;
    const { generate, trail, clock } = scene({
      a: { answer: () => (index++ === 0 ? http(429) : 'fine') },
      b: {},
    });
    await repeat(2, generate);
    await clock.advance(1_000);
    await repeat(2, generate);
    expect(
      trail()
        .map(each => each[0])
        .join(''),
    ).toBe('abbaa');
  });

  it('sticky stays with the last route that served', async () => {
    let broken = true;
    const { generate, trail } = scene(
      { a: { answer: () => (broken ? http(401) : 'fine') }, b: {} },
      { routing: 'sticky' },
    );
    await generate();
    broken = false;
    await repeat(2, generate);
    expect(
      trail()
        .map(each => each[0])
        .join(''),
    ).toBe('abbb');
  });

  it('round-robin cycles providers across calls; a provider’s models stay a fallback order', async () => {
    const { generate, trail, pool } = scene(providers, { routing: 'round-robin' });
    await repeat(2, generate);
    // The SDK reads this before each step: that takes no turn.
    expect(Reflect.get((pool as ModelPool).languageModel(), 'supportedUrls')).toEqual({});
    await repeat(2, generate);
    expect(trail()).toEqual([
      'a/secret-one/m',
      'b/secret-one/m',
      'c/secret-one/m',
      'a/secret-one/m',
    ]);
  });

  it('order puts routes first, only leaves the others out', async () => {
    const { generate, trail } = scene({
      ...providers,
      c: { answer: () => http(429) },
    });
    await generate({ providerOptions: { pool: { order: ['c', 'a/n'] } } });
    await generate({ providerOptions: { pool: { only: ['b'] } } });
    await generate({ providerOptions: { pool: { order: ['c', 'b'], only: ['a', 'b'] } } });
    expect(trail()).toEqual([
      'c/secret-one/m',
      'a/secret-one/n',
      'b/secret-one/m',
      'b/secret-one/m',
    ]);
  });

  it('members never see the pool’s own options, and get the route’s settings under the call’s', async () => {
    const { generate, seen } = scene({
      a: {
        models: [
          {
            id: 'm',
            settings: {
              temperature: 0.1,
              maxOutputTokens: 7,
              headers: { x: 'route', y: 'route' },
              providerOptions: { a: { deep: 1 } },
            },
          },
        ],
      },
    });
    await generate({
      temperature: 0.9,
      headers: { x: 'call' },
      providerOptions: { pool: { only: ['a'] }, other: {} },
    });
    expect(seen[0]?.call.options).toMatchObject({
      temperature: 0.9,
      maxOutputTokens: 7,
      headers: { x: 'call', y: 'route' },
      providerOptions: { a: { deep: 1 }, other: {} },
    });
    expect(seen[0]?.call.options).not.toHaveProperty('providerOptions.pool');
  });

  it('bypass sends every call to the first target, without failover', async () => {
    const error = http(429);
    const { generate, trail } = scene(
      { a: { keys, answer: () => error }, b: {} },
      { bypass: true },
    );
    await expect(generate()).rejects.toBe(error);
    await expect(generate()).rejects.toBe(error);
    expect(trail()).toEqual(['a/secret-one/m', 'a/secret-one/m']);
  });

  it('bypass takes the first target that there is', async () => {
    const { generate, trail } = scene(
      {
        a: {
          keys: [
            { apiKey: 'secret-one', models: ['n'] },
            { apiKey: 'secret-two', weight: 0 },
            'secret-three',
          ],
          models: ['m', 'n'],
        },
      },
      { bypass: true },
    );
    await generate();
    expect(trail()).toEqual(['a/secret-three/m']);
  });

  it('merges provider options deeply, and never passes the pool’s own on', async () => {
    const { generate, seen } = scene({
      a: {
        models: [
          { id: 'm', settings: { providerOptions: { openai: { store: false }, pool: { x: 1 } } } },
        ],
      },
    });
    await generate({ providerOptions: { openai: { user: 'u' } } });
    expect(seen[0]?.call.options.providerOptions).toEqual({ openai: { store: false, user: 'u' } });
  });
});

const weighted = {
  a: { weight: 3 },
  b: { weight: 2 },
  c: { weight: 1 },
  spare: { weight: 0 },
};

const keyed = (weights: readonly number[]) => ({
  a: { keys: keys.map((apiKey, i) => ({ apiKey, id: apiKey, weight: weights[i] ?? 1 })) },
});

describe('the same word at both levels', () => {
  it.each(['round-robin', 'weighted'] as const)('%s is the same rule', async word => {
    for (const weights of [
      [1, 1, 1],
      [3, 1, 2],
    ]) {
      const names = Object.keys(three);
      const ofProviders = scene(
        Object.fromEntries(names.map((name, i) => [name, { weight: weights[i] ?? 1 }])),
        { routing: word },
      );
      const ofKeys = scene(keyed(weights), { keySelection: word });
      for (let i = 0; i < 40; i++) {
        if (i === 10) {
          ofProviders.pool.disable({ provider: 'b' });
          ofKeys.pool.disable({ provider: 'a', key: 'secret-two' });
        }
        if (i === 30) {
          ofProviders.pool.enable({ provider: 'b' });
          ofKeys.pool.enable({ provider: 'a', key: 'secret-two' });
        }
        await ofProviders.generate();
        await ofKeys.generate();
      }
      expect(ofKeys.seen.map(({ key }) => keys.indexOf(key))).toEqual(
        ofProviders.seen.map(({ provider }) => names.indexOf(provider)),
      );
    }
  });

  it('the share of what is closed goes to all others alike', async () => {
    const world = scene(three, { routing: 'round-robin' });
    world.pool.disable({ provider: 'a' });
    await repeat(30, world.generate);
    expect(shares(world, 'provider')).toEqual({ b: 15, c: 15 });
  });

  it('weights are the shares of parallel calls, too', async () => {
    const world = scene(weighted, { routing: 'weighted' });
    await Promise.all(Array.from({ length: 60 }, () => world.generate()));
    expect(shares(world, 'provider')).toEqual({ a: 30, b: 20, c: 10 });

    const ofKeys = scene(keyed([3, 2, 1]), { keySelection: 'weighted' });
    await Promise.all(Array.from({ length: 60 }, () => ofKeys.generate()));
    expect(shares(ofKeys, 'key')).toEqual({
      'secret-one': 30,
      'secret-two': 20,
      'secret-three': 10,
    });
  });

  it('what comes back does not catch up', async () => {
    const world = scene({ a: {}, b: {} }, { routing: 'weighted' });
    world.pool.disable({ provider: 'a' });
    await repeat(50, world.generate);
    world.pool.enable({ provider: 'a' });
    await repeat(20, world.generate);
    expect(shares(world, 'provider', 50)['a']).toBeLessThanOrEqual(11);
  });

  it('a weight may be changed, to nothing and back', async () => {
    const world = scene(weighted, { routing: 'weighted' });
    const count = async (calls: number): Promise<Record<string, number>> => {
      const before = world.seen.length;
      await repeat(calls, world.generate);
      return shares(world, 'provider', before);
    };
    world.pool.setWeight({ provider: 'a' }, 0);
    expect(await count(30)).toEqual({ b: 20, c: 10 });
    world.pool.setWeight({ provider: 'b' }, 0);
    world.pool.setWeight({ provider: 'c' }, 0);
    // With nothing else left, in configured order.
    expect(await count(3)).toEqual({ a: 3 });
    world.pool.setWeight({ provider: 'c' }, 4);
    world.pool.setWeight({ provider: 'spare' }, 4);
    const { c, spare, ...others } = await count(40);
    expect(Math.abs((c ?? 0) - (spare ?? 0))).toBeLessThanOrEqual(2);
    expect(others).toEqual({});
  });
});

describe('round-robin', () => {
  it('among the keys of a fallback goes round, whoever failed before', async () => {
    const world = scene(
      {
        a: { answer: () => http(400, { error: { code: 'context_length_exceeded' } }) },
        b: { keys },
      },
      { keySelection: 'round-robin' },
    );
    await repeat(6, world.generate);
    expect(world.seen.filter(({ provider }) => provider === 'b').map(({ key }) => key)).toEqual([
      ...keys,
      ...keys,
    ]);
  });

  it('takes no turn for a fallback’s retry among providers', async () => {
    let isDown = true;
    const world = scene(
      { a: { answer: () => (isDown ? http(429) : 'fine') }, b: {}, c: {} },
      { routing: 'round-robin' },
    );
    await world.generate();
    isDown = false;
    await world.clock.advance(5_000);
    await repeat(3, world.generate);
    expect(world.seen.map(({ provider }) => provider).join('')).toBe('abbca');
  });
});

describe('sticky', () => {
  it('wraps around, and takes new keys in as the last', async () => {
    const world = scene({ a: { keys } }, { keySelection: 'sticky' });
    const next = async (): Promise<string | undefined> => {
      await world.generate();
      return world.seen.at(-1)?.key;
    };
    world.pool.rotate('a');
    world.pool.rotate('a');
    expect(await next()).toBe('secret-three');
    world.pool.addKey('a', 'secret-four');
    expect(await next()).toBe('secret-three');
    world.pool.rotate('a');
    expect(await next()).toBe('secret-four');
    world.pool.rotate('a');
    expect(await next()).toBe('secret-one');
  });
});

it('rotate passes the key that would come next, not one that is closed', async () => {
  for (const keySelection of ['least-recently-used', 'round-robin', 'sticky'] as const) {
    const world = scene(
      { a: { keys: keys.map(apiKey => ({ apiKey, id: apiKey })) } },
      { keySelection },
    );
    await world.generate();
    world.pool.disable({ provider: 'a', key: 'secret-two' });
    world.pool.disable({ provider: 'a', key: 'secret-one' });
    world.pool.addKey('a', 'secret-four');
    world.pool.rotate('a');
    await world.generate();
    expect(world.seen.at(-1)?.key).toBe('secret-four');
  }
});

describe('headroom', () => {
  it('takes the key with the most room under its limits', async () => {
    const world = scene(
      {
        a: {
          keys: [
            { apiKey: 'secret-one', limits: { rpm: 10 } },
            { apiKey: 'secret-two', limits: { rpm: 40 } },
            { apiKey: 'secret-three', limits: { rpm: 50 } },
          ],
        },
      },
      { keySelection: 'headroom' },
    );
    await repeat(50, world.generate);
    expect(shares(world, 'key')).toEqual({
      'secret-one': 5,
      'secret-two': 20,
      'secret-three': 25,
    });
  });

  it('spreads parallel calls where nothing is limited', async () => {
    const world = scene({ a: { keys } }, { keySelection: 'headroom' });
    await Promise.all(Array.from({ length: 30 }, () => world.generate()));
    expect(Object.values(shares(world, 'key'))).toEqual([10, 10, 10]);
  });

  it('finds the key with room among many without', async () => {
    const world = scene(
      {
        a: {
          keys: Array.from({ length: 100 }, (_, i) => ({
            apiKey: `secret-number-${i}`,
            limits: { rpm: i === 70 ? 1_000 : 1 },
          })),
        },
      },
      { keySelection: 'headroom', maxWaitMs: 0 },
    );
    await repeat(200, world.generate);
    expect(shares(world, 'key')['secret-number-70']).toBe(101);
  });
});

const slow = (world: () => Scene, ms: () => number) => async () => {
  await new Promise<void>(resolve => world().clock.setTimeout(resolve, ms()));
  return 'fine' as const;
};

async function oneByOne(world: Scene, calls: number): Promise<void> {
  await repeat(calls, async () => {
    const call = world.generate();
    await world.clock.advance(1_000);
    await call;
  });
}

describe('fastest', () => {
  it('finds out about all, then stays with the fastest, and notices when it is no longer', async () => {
    const ms = { a: 500, b: 100, c: 300 };
    const world: Scene = scene(
      Object.fromEntries(
        Object.keys(ms).map(name => [
          name,
          {
            answer: slow(
              () => world,
              () => ms[name as keyof typeof ms],
            ),
          },
        ]),
      ),
      { routing: 'fastest' },
    );
    await oneByOne(world, 20);
    expect(shares(world, 'provider')).toEqual({ a: 1, b: 18, c: 1 });
    ms.b = 900;
    await oneByOne(world, 10);
    expect(shares(world, 'provider', 20)).toEqual({ b: 1, c: 9 });
  });

  it('leaves one that fails, and comes back to it', async () => {
    let isBroken = false;
    let turn = 0;
    const world: Scene = scene(
      {
        a: {
          answer: async () => {
            if (isBroken) return http(503);
            return slow(
              () => world,
              () => 100,
            )();
          },
        },
        b: {
          answer: slow(
            () => world,
            () => 200,
          ),
        },
      },
      // One call in twenty looks elsewhere.
      { routing: 'fastest', random: () => (turn++ % 20 === 0 ? 0.01 : 0.6) },
    );
    await oneByOne(world, 10);
    isBroken = true;
    await oneByOne(world, 2);
    const before = world.seen.length;
    isBroken = false;
    await oneByOne(world, 3);
    expect(shares(world, 'provider', before)).toEqual({ b: 3 });
    await oneByOne(world, 100);
    const after = world.seen.length;
    await oneByOne(world, 20);
    expect(shares(world, 'provider', after)['a']).toBeGreaterThanOrEqual(18);
  });

  it('spreads parallel calls by what is in flight, also while nothing is known', async () => {
    const world: Scene = scene(
      {
        a: {
          answer: slow(
            () => world,
            () => 100,
          ),
        },
        b: {
          answer: slow(
            () => world,
            () => 300,
          ),
        },
      },
      { routing: 'fastest' },
    );
    const wave = async (): Promise<Record<string, number>> => {
      const before = world.seen.length;
      const calls = Array.from({ length: 40 }, () => world.generate());
      await world.clock.advance(1_000);
      await Promise.all(calls);
      return shares(world, 'provider', before);
    };
    expect(await wave()).toEqual({ a: 20, b: 20 });
    expect(await wave()).toEqual({ a: 30, b: 10 });
  });

  it('is not turned away from a provider by its callers’ own mistakes', async () => {
    const world: Scene = scene(
      {
        a: {
          answer: async ({ call }) =>
            JSON.stringify(call.options.prompt).includes('wrong')
              ? http(400, { error: { message: 'temperature: too hot' } })
              : slow(
                  () => world,
                  () => 100,
                )(),
        },
        b: {
          answer: slow(
            () => world,
            () => 150,
          ),
        },
      },
      { routing: 'fastest' },
    );
    await oneByOne(world, 4);
    await repeat(20, async () => rejection(world.generate({ prompt: ['wrong'] })));
    const before = world.seen.length;
    await oneByOne(world, 5);
    expect(shares(world, 'provider', before)).toEqual({ a: 5 });
  });
});

describe('a target that recovers is found again', () => {
  it.each([
    'least-recently-used',
    'sticky',
    'round-robin',
    'least-used',
    'random',
    'weighted',
    'headroom',
  ] as const)('%s', async keySelection => {
    let isLimited = true;
    let turn = 0;
    const world = scene(
      {
        a: {
          keys: keys.map(apiKey => ({ apiKey, id: apiKey })),
          answer: ({ key }) => (isLimited && key !== 'secret-two' ? http(429) : 'fine'),
        },
      },
      { keySelection, random: () => (turn++ % 97) / 97 },
    );
    await repeat(20, world.generate);
    isLimited = false;
    await world.clock.advance(60_000);
    const before = world.seen.length;
    // Sticky does not leave a key that works: it is found when its turn comes round.
    for (let i = 0; i < 60; i++) {
      await world.clock.advance(100);
      if (keySelection === 'sticky') world.pool.rotate('a');
      await world.generate();
    }
    expect(Object.keys(shares(world, 'key', before))).toHaveLength(3);
  });
});
