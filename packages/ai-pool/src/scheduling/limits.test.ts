import { describe, expect, it } from 'vitest';
import { http, rejection, scene, type Scene, type SceneProvider } from '../__fixtures__/scene.ts';
import { PoolExhaustedError, type Limits } from '../index.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** A prompt of so many tokens by the pool's estimate: four characters each. */
const prompt = (tokens: number): object[] => [
  { role: 'user', content: [{ type: 'text', text: 'x'.repeat(tokens * 4 - 8) }] },
];
const asking = (tokens: number, pool: object = {}): object => ({
  prompt: prompt(tokens),
  providerOptions: { pool },
});
const answer = (inputTokens: number, outputTokens = 0) => ({
  text: 'fine',
  usage: { inputTokens, outputTokens },
});

/** More parts than are read ahead of the consumer. */
const long = 'more '.repeat(100);

/** Answers after a second. */
const slowly = (world: () => Scene) => async () => {
  await new Promise<void>(resolve => world().clock.setTimeout(resolve, 1_000));
  return answer(10);
};

const left = ({ pool }: Scene): unknown => pool.status().providers[0]?.targets[0]?.headroom;

function keysWith(limits?: Limits) {
  return [
    { apiKey: 'secret-one', account: 'acme', ...(limits && { limits }) },
    { apiKey: 'secret-two', account: 'acme' },
    'secret-three',
  ];
}

describe('a declared limit', () => {
  const dimensions: Readonly<Record<keyof Limits, { limit: number; againMs: number }>> = {
    rpm: { limit: 2, againMs: MINUTE },
    rpd: { limit: 2, againMs: DAY },
    tpm: { limit: 20, againMs: MINUTE },
    tpd: { limit: 20, againMs: DAY },
    maxConcurrency: { limit: 2, againMs: 1_000 },
  };

  /** Where it stands, what counts together there, and how many of 40 parallel calls that allows. */
  const places: Readonly<
    Record<
      string,
      {
        entry: (limits: Limits) => Partial<SceneProvider>;
        group: (key: string, model: string) => string;
        most: Readonly<Record<string, number>>;
      }
    >
  > = {
    key: {
      entry: limits => ({ keys: keysWith(limits), models: ['m', 'n'] }),
      group: key => (key === 'secret-one' ? key : 'others'),
      most: { 'secret-one': 2, others: 38 },
    },
    'model, per account or key': {
      entry: limits => ({ keys: keysWith(), models: [{ id: 'm', limits }, 'n'] }),
      group: (key, model) =>
        model === 'n' ? 'n' : key === 'secret-three' ? 'm of three' : 'm of acme',
      most: { 'm of acme': 2, 'm of three': 2, n: 20 },
    },
    account: {
      entry: limits => ({
        keys: keysWith(),
        models: ['m', 'n'],
        accounts: { acme: { limits } },
      }),
      group: key => (key === 'secret-three' ? 'three' : 'acme'),
      most: { acme: 2, three: 38 },
    },
    provider: {
      entry: limits => ({ keys: keysWith(), models: ['m', 'n'], limits }),
      group: () => 'all',
      most: { all: 2 },
    },
  };

  const cases = Object.keys(places).flatMap(place =>
    Object.keys(dimensions).map(dimension => [place, dimension] as const),
  );

  it.each(cases)('of a %s, %s: holds for parallel calls, and again', async (place, dimension) => {
    const { entry, group, most } = places[place]!;
    const { limit, againMs } = dimensions[dimension as keyof Limits];
    const world: Scene = scene({
      a: { ...entry({ [dimension]: limit }), answer: slowly(() => world) },
      b: {},
    });
    const wave = async (): Promise<Record<string, number>> => {
      const before = world.seen.length;
      const calls = Array.from({ length: 40 }, (_, i) =>
        world.generate(asking(10, { only: [`a/${i % 2 === 0 ? 'm' : 'n'}`, 'b'] })),
      );
      await world.clock.advance(1_000);
      await Promise.all(calls);
      const counts: Record<string, number> = {};
      for (const { provider, key, model } of world.seen.slice(before)) {
        if (provider === 'b') continue;
        const name = group(key, model);
        counts[name] = (counts[name] ?? 0) + 1;
      }
      return counts;
    };
    expect(await wave()).toEqual(most);
    await world.clock.advance(againMs - 1_000);
    expect(await wave()).toEqual(most);
  });

  it('is one of several: an attempt debits each that holds for it', async () => {
    const world = scene(
      {
        a: {
          keys: [{ apiKey: 'secret-one', account: 'acme', limits: { rpm: 5 } }],
          models: [{ id: 'm', limits: { rpm: 4 } }],
          accounts: { acme: { limits: { rpm: 3 } } },
          limits: { rpm: 6 },
          answer: () => 'fine',
        },
      },
      { maxWaitMs: 0 },
    );
    for (let i = 0; i < 3; i++) await world.generate();
    expect(left(world)).toEqual({ requests: 0 });
    expect(await rejection(world.generate())).toMatchObject({ statusCode: 429, attempts: [] });
    expect(world.seen).toHaveLength(3);
  });

  it('is not used up by a call that another one keeps away', async () => {
    const world = scene({
      a: {
        keys: [{ apiKey: 'secret-one', limits: { rpm: 1 } }],
        limits: { rpm: 10 },
      },
      b: {},
    });
    for (let i = 0; i < 5; i++) await world.generate();
    await world.clock.advance(MINUTE - 1);
    await world.generate();
    await world.clock.advance(1);
    expect((await world.generate()).pool.provider).toBe('a');
    expect(world.seen.filter(({ provider }) => provider === 'a')).toHaveLength(2);
  });
});

describe('headroom in the status', () => {
  it('is what the tightest limit leaves, also while attempts are under way', async () => {
    const world: Scene = scene({
      a: {
        keys: [{ apiKey: 'secret-one', limits: { rpm: 10, tpm: 1_000 } }],
        limits: { maxConcurrency: 3, tpm: 200 },
        answer: slowly(() => world),
      },
    });
    expect(left(world)).toEqual({ requests: 3, tokens: 200 });
    const calls = [world.generate(asking(50)), world.generate(asking(50))];
    expect(left(world)).toEqual({ requests: 1, tokens: 100 });
    await world.clock.advance(1_000);
    await Promise.all(calls);
    expect(left(world)).toEqual({ requests: 3, tokens: 180 });
  });

  it('is there before the first attempt, for each target, and not where nothing is limited', () => {
    const { pool } = scene({
      a: { keys: ['secret-one', 'secret-two'], models: [{ id: 'm', limits: { rpm: 7 } }, 'n'] },
      b: {},
    });
    const [a, b] = pool.status().providers;
    expect(a?.targets.map(({ model, headroom }) => [model, headroom])).toEqual([
      ['m', { requests: 7 }],
      ['m', { requests: 7 }],
      ['n', undefined],
      ['n', undefined],
    ]);
    expect(b?.targets[0]).not.toHaveProperty('headroom');
  });
});

describe('waiting for room', () => {
  it('lasts until the window has room, to the millisecond, first come first served', async () => {
    const world = scene({ a: { limits: { rpm: 2 } } }, { maxWaitMs: 120_000 });
    await world.generate();
    await world.clock.advance(10_000);
    await world.generate();
    const served: number[] = [];
    const calls = [0, 1, 2].map(async i => {
      await world.generate(asking(3 + i));
      served.push(i);
    });
    const since = world.seen[0]!.at;
    await world.clock.advance(200_000);
    await Promise.all(calls);
    expect(world.seen.slice(2).map(({ at }) => at - since)).toEqual([60_000, 70_000, 120_000]);
    expect(served).toEqual([0, 1, 2]);
    expect(world.clock.pending()).toBe(0);
  });

  it('is refused at once where the room comes later than the call may wait', async () => {
    const world = scene({ a: { limits: { rpm: 1 } } });
    await world.generate();
    await world.clock.advance(20_000);
    const error = await rejection(world.generate());
    expect(error).toMatchObject({
      statusCode: 429,
      isRetryable: true,
      retryAfterMs: 40_000,
      attempts: [],
      responseHeaders: { 'retry-after-ms': '40000' },
    });
    expect(PoolExhaustedError.isInstance(error)).toBe(true);
    expect(world.clock.pending()).toBe(0);
  });

  it('ends as soon as an attempt makes room', async () => {
    const world: Scene = scene({
      a: { limits: { maxConcurrency: 2 }, answer: slowly(() => world) },
    });
    const calls = Array.from({ length: 6 }, () => world.generate());
    await world.clock.advance(3_000);
    await Promise.all(calls);
    const since = world.seen[0]!.at;
    expect(world.seen.map(({ at }) => at - since)).toEqual([0, 0, 1_000, 1_000, 2_000, 2_000]);
  });

  it('ends when the call’s allowance does', async () => {
    const world = scene(
      { a: { limits: { maxConcurrency: 1 }, answer: () => new Promise(() => {}) } },
      { maxWaitMs: 3_000 },
    );
    const leaving = new AbortController();
    const first = rejection(world.generate({ abortSignal: leaving.signal }));
    const second = rejection(world.generate());
    await world.clock.advance(2_999);
    expect(world.clock.pending()).toBe(1);
    await world.clock.advance(1);
    // Nobody knows when the other one ends: it is worth a look.
    expect(await second).toMatchObject({ statusCode: 429, isRetryable: true, retryAfterMs: 1_000 });
    expect(world.clock.pending()).toBe(0);
    leaving.abort('over');
    expect(await first).toBe('over');
  });

  it.each<[string, SceneProvider, Parameters<Scene['pool']['coolDown']>[0]]>([
    [
      'another key',
      { keys: [{ id: 'spare', apiKey: 'secret-two' }] },
      { provider: 'a', key: 'spare' },
    ],
    ['another provider', {}, { provider: 'b' }],
  ])(
    'for an attempt to end is worth it also where %s is closed for long',
    async (_, other, ref) => {
      for (const close of ['coolDown', 'disable'] as const) {
        const world: Scene = scene({
          ...(ref.provider === 'b' && { b: other }),
          a: {
            keys: [...(other.keys ?? []), { apiKey: 'secret-one', limits: { maxConcurrency: 1 } }],
            answer: slowly(() => world),
          },
        });
        if (close === 'disable') world.pool.disable(ref);
        else world.pool.coolDown(ref, DAY);
        const calls = [world.generate(), world.generate()];
        await world.clock.advance(2_000);
        await Promise.all(calls);
        expect(world.trail()).toEqual(['a/secret-one/m', 'a/secret-one/m']);
      }
    },
  );

  it('is no use where the attempt that ends opens nothing', async () => {
    const world: Scene = scene({
      a: { limits: { maxConcurrency: 1 }, answer: slowly(() => world) },
    });
    const first = world.generate();
    world.pool.coolDown({ provider: 'a' }, 30_000);
    const error = await rejection(world.generate());
    expect(error).toMatchObject({ retryAfterMs: 31_000 });
    expect(world.clock.pending()).toBe(1);
    await world.clock.advance(1_000);
    await first;
  });
});

type Outcome = ReturnType<NonNullable<SceneProvider['answer']>>;

/** What upstream does with the first call; every other one is answered. */
const firstIs = (outcome: () => Outcome): SceneProvider => ({
  limits: { maxConcurrency: 1 },
  answer: (_, index) => (index === 0 ? outcome() : 'fine'),
});
const forEver = (): Promise<never> => new Promise(() => {});

describe('an attempt’s place among those in flight', () => {
  const parts = [
    { type: 'text-start', id: '1' },
    { type: 'text-delta', id: '1', delta: 'Hel' },
    { type: 'text-delta', id: '1', delta: 'lo' },
  ] as const;

  /** Ends the first call in some way; its place must be free at once. */
  const endings: Readonly<
    Record<string, { first: () => Outcome; end: (world: Scene) => Promise<void> }>
  > = {
    'an answer': { first: () => 'fine', end: async world => void (await world.generate()) },
    'a refusal of the request': {
      first: () => http(400, { error: { message: 'temperature: too hot' } }),
      end: async world => void (await rejection(world.generate())),
    },
    'an abort': {
      first: forEver,
      end: async world => {
        const leaving = new AbortController();
        const call = rejection(world.generate({ abortSignal: leaving.signal }));
        leaving.abort('left');
        expect(await call).toBe('left');
      },
    },
    'a time limit': {
      first: forEver,
      end: async world => {
        const options = asking(3, { timeouts: { attemptMs: 100, totalMs: 100 } });
        const call = rejection(world.generate(options));
        await world.clock.advance(100);
        await call;
        world.pool.reset();
      },
    },
    'the end of a stream': {
      first: () => ({ text: long }),
      end: async world => {
        const stream = await world.open();
        expect(left(world)).toEqual({ requests: 0 });
        for await (const _ of stream);
      },
    },
    'a cancelled stream': {
      first: () => ({ parts, ending: 'hang' }),
      end: async world => {
        const stream = await world.open();
        expect(left(world)).toEqual({ requests: 0 });
        await stream.cancel();
      },
    },
    'an aborted stream': {
      first: () => ({ parts, ending: 'hang' }),
      end: async world => {
        const leaving = new AbortController();
        const stream = await world.open({ abortSignal: leaving.signal });
        leaving.abort('left');
        expect(await rejection(stream.getReader().read())).toBe('left');
      },
    },
    'a stream that breaks': {
      first: () => ({ parts, error: http(400, { error: { message: 'no' } }) }),
      end: async world => void (await world.stream()),
    },
    'a stream that nobody reads': {
      first: () => ({ parts, ending: 'hang' }),
      end: async world => {
        await world.open();
        await world.clock.advance(599_000);
        expect(left(world)).toEqual({ requests: 0 });
        await world.clock.advance(200_000);
      },
    },
  };

  it.each(Object.keys(endings))('is free after %s', async name => {
    const { first, end } = endings[name]!;
    const world = scene({ a: firstIs(first) }, { maxWaitMs: 0 });
    await end(world);
    expect(left(world)).toEqual({ requests: 1 });
    expect((await world.generate()).text).toBe('fine');
  });

  it('is free after a failure, for the call that is next in line', async () => {
    const world: Scene = scene({
      a: {
        keys: [{ apiKey: 'secret-one', limits: { maxConcurrency: 1 } }],
        answer: async (_, index) => {
          await new Promise<void>(resolve => world.clock.setTimeout(resolve, 500));
          return index === 0 ? http(400, { error: { message: 'no' } }) : 'fine';
        },
      },
    });
    const first = rejection(world.generate());
    const second = world.generate();
    await world.clock.advance(500);
    await first;
    expect(world.seen).toHaveLength(2);
    await world.clock.advance(500);
    expect((await second).text).toBe('fine');
  });
});

describe('tokens', () => {
  const limits = { tpm: 1_000 };

  it('are reserved by an estimate with what may come out, and settled by the usage', async () => {
    const world: Scene = scene({ a: { limits, answer: slowly(() => world) } });
    const call = world.generate({ ...asking(100), maxOutputTokens: 400 });
    expect(left(world)).toEqual({ tokens: 500 });
    await world.clock.advance(1_000);
    await call;
    expect(left(world)).toEqual({ tokens: 990 });
  });

  it('count beyond the reservation, too', async () => {
    const world = scene({ a: { limits, answer: () => answer(700, 500) } });
    await world.generate(asking(10));
    expect(left(world)).toEqual({ tokens: 0 });
  });

  it('are given back where the request was refused', async () => {
    const world = scene({
      a: { limits, answer: () => http(400, { error: { message: 'no' } }) },
    });
    await rejection(world.generate(asking(100)));
    expect(left(world)).toEqual({ tokens: 1_000 });
  });

  it('stay reserved where the caller left: nobody knows what was used', async () => {
    const world = scene({ a: { limits, answer: () => new Promise(() => {}) } });
    const leaving = new AbortController();
    const call = rejection(world.generate({ ...asking(100), abortSignal: leaving.signal }));
    leaving.abort();
    await call;
    expect(left(world)).toEqual({ tokens: 900 });
  });

  it('of a stream are settled at its end', async () => {
    const world = scene({ a: { limits, answer: () => ({ ...answer(30, 20), text: long }) } });
    const stream = await world.open(asking(100));
    expect(left(world)).toEqual({ tokens: 900 });
    for await (const _ of stream);
    expect(left(world)).toEqual({ tokens: 950 });
  });

  it.each(['cancel', 'break'] as const)('of a stream stay reserved: %s', async how => {
    const world = scene({
      a: {
        limits,
        answer: () => ({
          parts: [
            { type: 'text-start', id: '1' },
            { type: 'text-delta', id: '1', delta: 'Hel' },
          ],
          error: new Error('broken'),
        }),
      },
    });
    const stream = await world.open(asking(100));
    if (how === 'cancel') await stream.cancel();
    else for await (const _ of stream);
    expect(left(world)).toEqual({ tokens: 900 });
  });

  it('let a smaller request through where a larger one has no room', async () => {
    const world = scene({ a: { limits, answer: () => answer(600) } }, { maxWaitMs: 0 });
    await world.generate(asking(600));
    expect(await rejection(world.generate(asking(500)))).toMatchObject({ retryAfterMs: 60_000 });
    expect((await world.generate(asking(400))).text).toBe('fine');
  });

  it('of a request that is larger than the limit wait for all of it', async () => {
    const world = scene({ a: { limits, answer: () => answer(10) } }, { maxWaitMs: 120_000 });
    await world.generate(asking(10));
    const call = world.generate(asking(5_000));
    await world.clock.advance(MINUTE - 1);
    expect(world.seen).toHaveLength(1);
    await world.clock.advance(1);
    expect((await call).text).toBe('fine');
  });

  it('let a request wait for the key that has room for it first', async () => {
    const world = scene(
      {
        a: {
          keys: [
            { apiKey: 'secret-one', limits: { tpm: 100 } },
            { id: 'two', apiKey: 'secret-two' },
          ],
          answer: () => answer(60),
        },
      },
      { keySelection: 'sticky', maxWaitMs: 60_000 },
    );
    await world.generate(asking(60));
    world.pool.coolDown({ provider: 'a', key: 'two' }, DAY);
    // The first key has room for 40 tokens now, and for these in a minute.
    const call = world.generate(asking(50));
    await world.clock.advance(MINUTE);
    expect((await call).text).toBe('fine');
    expect(world.trail()).toEqual(['a/secret-one/m', 'a/secret-one/m']);
  });

  it('are counted for a key that is added with such a limit', async () => {
    const world = scene({ a: {}, b: {} });
    world.pool.addKey('a', { apiKey: 'secret-new', id: 'new', limits: { tpm: 100 } });
    world.pool.disable({ provider: 'a', key: 'secret-one' });
    const calls = [world.generate(asking(80)), world.generate(asking(80))];
    await Promise.all(calls);
    expect(world.trail()).toEqual(['a/secret-new/m', 'b/secret-one/m']);
  });
});

describe('a secret that has to be fetched', () => {
  it('is fetched once for a call, whatever the limits of its key', async () => {
    const fetched: string[] = [];
    const keys = ['one', 'two', 'three'].map(id => ({
      id,
      limits: { rpm: 1, maxConcurrency: 1 },
      apiKey: async () => {
        fetched.push(id);
        return `secret-${id}`;
      },
    }));
    const world = scene({ a: { keys } });
    await world.generate();
    expect(fetched).toEqual(['one']);
    expect(world.trail()).toEqual(['a/secret-one/m']);
  });

  it('is not used where its key was closed meanwhile', async () => {
    let fetched: ((secret: string) => void) | undefined;
    const world = scene({
      a: {
        keys: [{ id: 'one', apiKey: () => new Promise<string>(resolve => (fetched = resolve)) }],
      },
      b: {},
    });
    const call = world.generate();
    world.pool.disable({ provider: 'a', key: 'one' });
    fetched?.('secret-one');
    await call;
    expect(world.trail()).toEqual(['b/secret-one/m']);
    expect(world.pool.status().providers[0]?.keys[0]?.usage.attempts).toBe(0);
  });
});
