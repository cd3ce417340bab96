import { describe, expect, it } from 'vitest';
import { http, rejection, scene, type Scene } from '../__fixtures__/scene.ts';
import { PoolExhaustedError } from '../index.ts';

const START = 1_800_000_000_000;

const asking = (text: string, pool: object = {}): object => ({
  prompt: [{ role: 'user', content: [{ type: 'text', text }] }],
  providerOptions: { pool },
});

const only = (name: string): object => ({ providerOptions: { pool: { only: [name] } } });

/** A pool that serves one call a second, and the order in which it does. */
function oneASecond() {
  const served: string[] = [];
  const world: Scene = scene({
    a: {
      limits: { maxConcurrency: 1 },
      answer: async ({ call }) => {
        const [{ content }] = call.options.prompt as [{ content: [{ text: string }] }];
        served.push(content[0].text);
        await new Promise<void>(resolve => world.clock.setTimeout(resolve, 1_000));
        return 'fine';
      },
    },
  });
  return { ...world, served };
}

/** As the SDK's own retries do: comes back when it was told to. */
async function withRetries({ generate, clock }: Scene, text: string, most = 5): Promise<string> {
  for (let retries = 0; ; retries++) {
    try {
      return (await generate(asking(text))).text;
    } catch (error) {
      const { isRetryable, retryAfterMs } = error as PoolExhaustedError;
      if (!isRetryable || retries >= most) throw error;
      await new Promise<void>(resolve => clock.setTimeout(resolve, Number(retryAfterMs)));
    }
  }
}

describe('waiting for what recovers', () => {
  it('waits for the soonest recovery within the allowance and tries again', async () => {
    const { generate, clock, seen, events } = scene({
      a: { answer: (_, index) => (index === 0 ? http(429) : 'fine') },
    });
    const answer = generate();
    await clock.advance(999);
    expect(seen).toHaveLength(1);
    await clock.advance(1);
    expect((await answer).text).toBe('fine');
    expect(events.filter(event => event.type === 'waiting')).toMatchObject([
      { until: START + 1_000 },
    ]);
    expect(clock.pending()).toBe(0);
  });

  it('does not wait at all when the recovery lies beyond the allowance', async () => {
    const { generate, clock, seen } = scene({
      a: { answer: () => http(429, undefined, { 'retry-after': '6' }) },
    });
    const error = await rejection(generate());
    expect(error).toMatchObject({ statusCode: 429, isRetryable: true, retryAfterMs: 6_000 });
    expect(error).toHaveProperty('responseHeaders.retry-after-ms', '6000');
    expect(clock.pending()).toBe(0);
    expect(seen).toHaveLength(1);
  });

  it('ends after two more attempts per target', async () => {
    const { generate, clock, seen } = scene(
      { a: { answer: () => http(429, undefined, { 'retry-after-ms': '100' }) } },
      { maxWaitMs: 60_000 },
    );
    const error = rejection(generate());
    await clock.advance(60_000);
    expect(PoolExhaustedError.isInstance(await error)).toBe(true);
    expect(seen.map(one => one.at - START)).toEqual([0, 100, 200]);
  });

  it('lets 100 parallel calls through one recovering target, one probe first', async () => {
    let closed = true;
    const { generate, clock, seen } = scene({ a: { answer: () => (closed ? http(429) : 'fine') } });
    const first = generate();
    await clock.advance(1);
    const rest = Array.from({ length: 99 }, () => generate());
    await clock.advance(500);
    expect(seen).toHaveLength(1);
    closed = false;
    await clock.advance(4_000);
    const answers = await Promise.all([first, ...rest]);
    expect(answers.every(answer => answer.text === 'fine')).toBe(true);
    expect(seen).toHaveLength(101);
  });

  it('never waits with maxWaitMs 0', async () => {
    const { generate, clock } = scene({ a: { answer: () => http(429) } }, { maxWaitMs: 0 });
    await rejection(generate());
    expect(clock.pending()).toBe(0);
  });
});

describe('a line that has not been empty for 5 s', () => {
  it('lets newcomers wait for half a second, and tells them their own turn', async () => {
    const world = oneASecond();
    const { generate, clock } = world;
    const first = Array.from({ length: 20 }, (_, i) =>
      generate(asking(`first ${i}`, { maxWaitMs: 60_000 })),
    );
    await clock.advance(4_900);
    // Not yet: this one may wait as long as its allowance lasts.
    let isOver = false;
    const early = rejection(generate(asking('early'))).finally(() => (isOver = true));
    await clock.advance(1_100);
    expect(isOver).toBe(false);

    const since = clock.now();
    const late = rejection(generate(asking('late'))).then(error => [clock.now() - since, error]);
    await clock.advance(500);
    const [ms, error] = await late;
    expect(ms).toBe(500);
    // About fourteen are before it, and one is served a second.
    const { retryAfterMs } = error as PoolExhaustedError;
    expect(retryAfterMs).toBeGreaterThan(12_000);
    expect(retryAfterMs).toBeLessThan(18_000);
    await clock.advance(20_000);
    expect(await early).toMatchObject({ isRetryable: true });
    await Promise.all(first);
    expect(world.served).toHaveLength(20);
  });

  it('serves those who were told a time, and nobody starves', async () => {
    const world = oneASecond();
    const { generate, clock, served } = world;
    const calls: Promise<unknown>[] = Array.from({ length: 10 }, (_, i) =>
      generate(asking(`first ${i}`, { maxWaitMs: 60_000 })),
    );
    await clock.advance(6_000);
    for (let i = 0; i < 5; i++) {
      calls.push(withRetries(world, `told ${i}`));
      await clock.advance(200);
    }
    await clock.advance(60_000);
    await Promise.all(calls);
    expect(served.slice(10).toSorted()).toEqual(['told 0', 'told 1', 'told 2', 'told 3', 'told 4']);
    expect(clock.pending()).toBe(0);
  });
});

it('callers who were told a time keep their place before those who came later', async () => {
  const served: string[] = [];
  const world: Scene = scene({
    a: {
      answer: async ({ call }, index) => {
        if (index === 0) return http(429, undefined, { 'retry-after': '6' });
        const [{ content }] = call.options.prompt as [{ content: [{ text: string }] }];
        served.push(content[0].text);
        await new Promise<void>(resolve => world.clock.setTimeout(resolve, 100));
        return 'fine';
      },
    },
  });
  const { generate, clock } = world;
  const calls: Promise<unknown>[] = [];
  for (let i = 0; i < 4; i++) {
    calls.push(withRetries(world, `told ${i}`));
    await clock.advance(10);
  }
  await clock.advance(2_000);
  // These may wait for what opens in four seconds; they come back before the others do.
  for (let i = 0; i < 4; i++) calls.push(generate(asking(`later ${i}`)));
  await clock.advance(10_000);
  await Promise.all(calls);
  expect(served).toEqual(
    [0, 1, 2, 3].map(i => `told ${i}`).concat([0, 1, 2, 3].map(i => `later ${i}`)),
  );
});

describe('a wait', () => {
  it('is over at the call’s deadline, to the millisecond', async () => {
    const { generate, clock, seen } = scene({
      a: { answer: () => http(429, undefined, { 'retry-after-ms': '900' }) },
    });
    const call = rejection(generate(asking('one', { timeouts: { totalMs: 500 } }))).then(
      () => clock.now() - START,
    );
    await clock.advance(10_000);
    // What opens only after the deadline is not waited for.
    expect(await call).toBe(0);
    expect(seen).toHaveLength(1);
  });

  it('for whatever an attempt under way may open is over at the deadline', async () => {
    const { generate, clock } = oneASecond();
    const first = generate(asking('one'));
    const second = rejection(generate(asking('two', { timeouts: { totalMs: 700 } }))).then(
      () => clock.now() - START,
    );
    await clock.advance(1_000);
    await first;
    expect(await second).toBe(700);
    expect(clock.pending()).toBe(0);
  });

  it('of many costs one timer, and wakes one for each that opens', async () => {
    const { generate, clock, served } = oneASecond();
    const calls = Array.from({ length: 50 }, (_, i) =>
      generate(asking(`${i}`, { maxWaitMs: 60_000 })),
    );
    await clock.advance(0);
    // That of the one under way, and that of the line.
    expect(clock.pending()).toBe(2);
    for (let second = 1; second < 50; second++) {
      await clock.advance(1_000);
      expect(served).toHaveLength(second + 1);
    }
    await clock.advance(1_000);
    await Promise.all(calls);
    expect(served).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`));
  });

  it('of a particular call keeps nobody else waiting', async () => {
    const world = scene({
      a: { answer: (_, i) => (i === 0 ? http(429, undefined, { 'retry-after': '4' }) : 'fine') },
      b: { answer: (_, i) => (i === 0 ? http(429, undefined, { 'retry-after': '1' }) : 'fine') },
    });
    const first = world.generate(only('a'));
    const second = world.generate(only('b'));
    await world.clock.advance(1_000);
    expect((await second).pool.provider).toBe('b');
    await world.clock.advance(3_000);
    expect((await first).pool.provider).toBe('a');
  });
});
