import { describe, expect, it } from 'vitest';
import { http, rejection, scene, type Scene } from '../__fixtures__/scene.ts';
import type { KeyCandidate, ModelPool, ProviderCandidate } from '../index.ts';

const keys = ['secret-one', 'secret-two', 'secret-three'];

async function repeat(times: number, call: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < times; i++) await call();
}

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

/** How often each provider or key was called. */
function shares({ seen }: Scene, of: 'provider' | 'key', from = 0): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of seen.slice(from)) counts[one[of]] = (counts[one[of]] ?? 0) + 1;
  return counts;
}

const three = { a: {}, b: {}, c: {} };
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

describe('a function of one’s own', () => {
  it('orders providers: those that it leaves out come last', async () => {
    const asked: ProviderCandidate[] = [];
    const world = scene(
      {
        a: { meta: { region: 'eu' } },
        b: { weight: 2 },
        c: { answer: () => http(401) },
      },
      {
        routing: providers => {
          asked.push(...providers);
          return ['c', 'b'];
        },
      },
    );
    await world.generate();
    world.pool.disable({ provider: 'b' });
    await world.generate();
    expect(world.seen.map(({ provider }) => provider).join('')).toBe('cba');
    expect(asked.slice(0, 3)).toEqual([
      { name: 'a', weight: 1, inFlight: 0, latencyMs: undefined, meta: { region: 'eu' } },
      { name: 'b', weight: 2, inFlight: 0, latencyMs: undefined, meta: undefined },
      { name: 'c', weight: 1, inFlight: 0, latencyMs: undefined, meta: undefined },
    ]);
  });

  it('picks among the keys that are open, by id', async () => {
    const asked: (readonly KeyCandidate[])[] = [];
    const world = scene(
      {
        a: {
          keys: [
            { apiKey: 'secret-one', id: 'one', account: 'acme', meta: 1 },
            { apiKey: 'secret-two', id: 'two', label: 'second', weight: 2 },
            { apiKey: 'secret-three', id: 'three' },
          ],
        },
      },
      {
        keySelection: (candidates, of) => {
          expect(of).toEqual({ provider: 'a', model: 'm' });
          asked.push(candidates);
          return candidates.at(-1)?.id;
        },
      },
    );
    await world.generate();
    world.pool.disable({ provider: 'a', key: 'three' });
    await world.generate();
    expect(world.seen.map(({ key }) => key)).toEqual(['secret-three', 'secret-two']);
    expect(asked[1]).toEqual([
      {
        id: 'one',
        label: undefined,
        account: 'acme',
        meta: 1,
        weight: 1,
        inFlight: 0,
        attempts: 0,
      },
      {
        id: 'two',
        label: 'second',
        account: undefined,
        meta: undefined,
        weight: 2,
        inFlight: 0,
        attempts: 0,
      },
    ]);
  });

  it('that names no key leaves it to the one that has rested longest', async () => {
    const world = scene({ a: { keys } }, { keySelection: () => 'nobody' });
    await repeat(4, world.generate);
    expect(world.seen.map(({ key }) => key)).toEqual([...keys, 'secret-one']);
  });

  it('that names no provider of the pool is a wrong configuration', async () => {
    const { generate, seen } = scene(three, { routing: () => ['nobody'] });
    expect(await rejection(generate())).toMatchObject({ path: 'routing' });
    expect(seen).toEqual([]);
  });

  it.each(['routing', 'keySelection'] as const)(
    '%s: what it throws reaches that caller as it is, and nobody else',
    async setting => {
      const own = new TypeError('mine');
      let isBad = false;
      const choose = (candidates: readonly { id?: string; name?: string }[]): never => {
        if (isBad) throw own;
        const [first] = candidates;
        return (setting === 'routing' ? [first?.name] : first?.id) as never;
      };
      const world = scene({ a: { keys } }, { [setting]: choose });
      const good = world.generate();
      isBad = true;
      const bad = rejection(world.generate());
      isBad = false;
      const alsoGood = world.generate();
      expect(await bad).toBe(own);
      await Promise.all([good, alsoGood]);
      expect(world.seen).toHaveLength(2);
      expect(world.pool.status().providers[0]?.keys.map(({ state }) => state)).toEqual([
        'ready',
        'ready',
        'ready',
      ]);
    },
  );

  it('that throws while calls wait ends the one whose turn it is', async () => {
    const own = new Error('mine');
    let throws = 0;
    const world = scene(
      { a: { keys, answer: (_, index) => (index < 3 ? http(429) : 'fine') } },
      {
        keySelection: ([first]) => {
          if (throws-- === 1) throw own;
          return first?.id;
        },
      },
    );
    const calls = [world.generate(), world.generate(), world.generate()].map(async call =>
      call.then(
        ({ text }) => text,
        (error: unknown) => error,
      ),
    );
    await world.clock.advance(500);
    throws = 1;
    await world.clock.advance(10_000);
    const ends = await Promise.all(calls);
    expect(ends.filter(end => end === own)).toHaveLength(1);
    expect(ends.filter(end => end === 'fine')).toHaveLength(2);
  });

  it('is not asked where no key is handed out: by a time limit, status or hasAvailable', async () => {
    const own = new Error('mine');
    let asked = 0;
    const world = scene(
      {
        a: {
          keys,
          answer: ({ key }) => (key === 'secret-one' ? new Promise(() => {}) : 'fine'),
        },
      },
      {
        keySelection: ([first]) => {
          if (asked++ > 0) throw own;
          return first?.id;
        },
      },
    );
    const call = rejection(world.stream());
    world.pool.status();
    world.pool.hasAvailable();
    expect(asked).toBe(1);
    // 120 s without output: another key could take over, and is to be chosen.
    await world.clock.advance(120_000);
    expect(await call).toBe(own);
    expect(asked).toBe(2);
    expect(world.clock.pending()).toBe(0);
  });
});

const asking = (affinity: string, more: object = {}): object => ({
  providerOptions: { pool: { affinity }, ...more },
});

/** Which key each of so many conversations goes to. */
async function homes(world: Scene, conversations: number): Promise<string[]> {
  const found: string[] = [];
  for (let i = 0; i < conversations; i++) {
    const { pool } = await world.generate(asking(`user-${i}`));
    found.push(pool.key);
  }
  return found;
}

describe('affinity', () => {
  const eight = Array.from({ length: 8 }, (_, i) => ({
    apiKey: `secret-number-${i}`,
    id: `key-${i}`,
  }));

  it('keeps a conversation on one key, and spreads conversations over all', async () => {
    const world = scene({ a: { keys: eight } });
    const before = await homes(world, 400);
    expect(await homes(world, 400)).toEqual(before);
    expect(new Set(before).size).toBe(8);
    for (const { id } of eight) {
      expect(before.filter(home => home === id).length).toBeGreaterThan(20);
    }
  });

  it('moves the share of a key alone: when it closes, goes, comes back, or one is added', async () => {
    const world = scene({ a: { keys: eight } });
    const before = await homes(world, 200);
    const stays = (after: readonly string[], gone: string): void => {
      expect(after.filter((home, i) => home !== before[i] && before[i] !== gone)).toEqual([]);
      expect(after).not.toContain(gone);
    };
    world.pool.disable({ provider: 'a', key: 'key-3' });
    stays(await homes(world, 200), 'key-3');
    world.pool.enable({ provider: 'a', key: 'key-3' });
    expect(await homes(world, 200)).toEqual(before);
    world.pool.removeKey('a', 'key-5');
    const without = await homes(world, 200);
    stays(without, 'key-5');
    world.pool.addKey('a', { apiKey: 'secret-new', id: 'new' });
    const after = await homes(world, 200);
    expect(after.filter((home, i) => home !== without[i] && home !== 'new')).toEqual([]);
    expect(after).toContain('new');
  });

  it('goes elsewhere while its key is closed, and returns', async () => {
    const world = scene({ a: { keys: eight } });
    const home = (await homes(world, 1))[0] ?? '';
    world.pool.coolDown({ provider: 'a', key: home }, 10_000);
    expect((await homes(world, 1))[0]).not.toBe(home);
    await world.clock.advance(10_000);
    expect((await homes(world, 1))[0]).toBe(home);
  });

  it.each(['round-robin', 'weighted', 'fastest'] as const)(
    'keeps a conversation at one provider where routing spreads: %s',
    async routing => {
      const world = scene({ a: {}, b: {}, c: {}, spare: { weight: 0 } }, { routing });
      const homeOf = async (conversation: string): Promise<string> =>
        (await world.generate(asking(conversation))).pool.provider;
      const first = new Map<string, string>();
      for (let i = 0; i < 60; i++) first.set(`user-${i}`, await homeOf(`user-${i}`));
      for (const [conversation, home] of first) expect(await homeOf(conversation)).toBe(home);
      expect(new Set(first.values())).toEqual(new Set(['a', 'b', 'c']));
    },
  );

  it('leaves an order as it is: priority, sticky, a function, order and only', async () => {
    const functions = [
      () => ['b', 'a'],
      // Its own text says nothing about it.
      (providers: readonly ProviderCandidate[]) =>
        providers.map(({ name }) => name).toReversed() /* fastest, weighted, round-robin */,
    ];
    for (const routing of ['priority', 'sticky', ...functions] as const) {
      const world = scene({ a: {}, b: {} }, { routing });
      for (let i = 0; i < 10; i++) await world.generate(asking(`user-${i}`));
      expect(Object.keys(shares(world, 'provider'))).toHaveLength(1);
    }
    const world = scene(three, { routing: 'round-robin' });
    for (let i = 0; i < 10; i++) {
      await world.generate({ providerOptions: { pool: { affinity: `user-${i}`, only: ['c'] } } });
    }
    expect(shares(world, 'provider')).toEqual({ c: 10 });
  });

  it('is the key of the prompt cache where nothing else is said', async () => {
    const world = scene({ a: { keys: eight } });
    const byAffinity = (await world.generate(asking('user-7'))).pool.key;
    const byCache = { providerOptions: { openai: { promptCacheKey: 'user-7' } } };
    for (let i = 0; i < 3; i++) expect((await world.generate(byCache)).pool.key).toBe(byAffinity);
    const said = asking('user-8', { openai: { promptCacheKey: 'user-7' } });
    const other = (await world.generate(asking('user-8'))).pool.key;
    expect((await world.generate(said)).pool.key).toBe(other);
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
