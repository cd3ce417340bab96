import { describe, expect, it } from 'vitest';
import { delta, finish } from '../__fixtures__/parts.ts';
import { http, rejection, scene, textOf, type Part } from '../__fixtures__/scene.ts';
import { createPooledModel, PoolConfigError, type Timeouts } from '../index.ts';

const never = (): Promise<never> => new Promise(() => undefined);
const hanging = (...parts: Part[]) => ({ parts, ending: 'hang' }) as const;

describe('attemptMs', () => {
  it('aborts the attempt upstream, and the call goes on', async () => {
    const { generate, seen, clock, events, pool } = scene(
      { a: { answer: never }, b: {} },
      { timeouts: { attemptMs: 1_000 } },
    );
    const caller = new AbortController();
    const answer = generate({ abortSignal: caller.signal });
    await clock.advance(999);
    expect(seen).toHaveLength(1);
    await clock.advance(1);
    expect((await answer).pool.attempts).toMatchObject([{ kind: 'timeout', ms: 1_000 }, {}]);
    expect(seen[0]?.call.options.abortSignal?.reason).toMatchObject({ name: 'TimeoutError' });
    expect(caller.signal.aborted).toBe(false);
    expect(events.find(event => event.type === 'cooled')).toMatchObject({ scope: 'model' });
    expect(pool.status().providers[0]?.keys[0]?.usage).toMatchObject({ failures: 1, inFlight: 0 });
    expect(clock.pending()).toBe(0);
  });

  it('ends a stream that goes on too long with an error and one finish', async () => {
    const { stream, seen, clock } = scene(
      { a: { answer: () => hanging(delta('a')) }, b: {} },
      { timeouts: { attemptMs: 1_000 } },
    );
    const parts = stream();
    await clock.advance(1_000);
    expect((await parts).map(part => part.type).slice(-2)).toEqual(['error', 'finish']);
    expect(seen).toHaveLength(1);
    expect(seen[0]?.call.options.abortSignal?.aborted).toBe(true);
  });
});

describe('firstOutputMs', () => {
  it('sends a stream on whose first output does not come', async () => {
    const { stream, clock, seen } = scene(
      { a: { answer: () => hanging({ type: 'text-start', id: '1' }) }, b: {} },
      { timeouts: { firstOutputMs: 500 } },
    );
    const parts = stream();
    await clock.advance(500);
    expect(textOf(await parts)).toBe('all is well');
    expect(seen).toHaveLength(2);
  });

  it('is over once there is output', async () => {
    const { open, clock } = scene(
      { a: { answer: () => hanging(delta('a')) } },
      { timeouts: { firstOutputMs: 500 } },
    );
    const reader = (await open()).getReader();
    await clock.advance(60_000);
    for (;;) if ((await reader.read()).value?.type === 'text-delta') break;
    const next = reader.read();
    await clock.advance(60_000);
    await reader.cancel();
    expect((await next).done).toBe(true);
    expect(clock.pending()).toBe(0);
  });
});

describe('idleMs', () => {
  it('counts only while the consumer waits', async () => {
    const many = Array.from({ length: 40 }, (_, i) => delta(`${i} `));
    const { open, clock } = scene(
      { a: { answer: () => ({ parts: [...many, finish()] }) } },
      { timeouts: { idleMs: 1_000 } },
    );
    const reader = (await open()).getReader();
    const types: unknown[] = [];
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      types.push(value.type);
      // A consumer that takes its time is not an idle provider.
      await clock.advance(5_000);
    }
    expect(types).not.toContain('error');
    expect(types.at(-1)).toBe('finish');
  });

  it('ends a stream that stalls, at the latest a quarter later', async () => {
    const { stream, clock, pool } = scene(
      { a: { answer: () => hanging(delta('a'), delta('b')) } },
      { timeouts: { idleMs: 1_000 } },
    );
    const parts = stream();
    let isOver = false;
    void parts.then(() => (isOver = true));
    await clock.advance(999);
    expect(isOver).toBe(false);
    await clock.advance(251);
    expect(textOf(await parts)).toBe('ab');
    expect((await parts).map(part => part.type).slice(-2)).toEqual(['error', 'finish']);
    expect(pool.status().providers[0]?.models[0]).toMatchObject({ reason: 'timeout' });
  });
});

describe('totalMs', () => {
  it('bounds all attempts and waits of a call together', async () => {
    const { generate, clock, seen } = scene(
      { a: { answer: never }, b: { answer: never }, c: { answer: never } },
      { timeouts: { attemptMs: 1_000, totalMs: 1_500 } },
    );
    const error = rejection(generate());
    await clock.advance(1_500);
    expect(await error).toMatchObject({ attempts: [{ ms: 1_000 }, { ms: 500 }] });
    expect(seen).toHaveLength(2);
    expect(clock.pending()).toBe(0);
  });

  it('bounds the time that a secret takes, and the pause before a second attempt', async () => {
    const { generate, clock } = scene(
      { a: { keys: [{ id: 'k', apiKey: never }] } },
      { timeouts: { totalMs: 1_000 } },
    );
    const error = rejection(generate());
    await clock.advance(1_000);
    expect(await error).toMatchObject({ name: 'PoolExhaustedError', attempts: [] });
    expect(clock.pending()).toBe(0);

    const broken = scene({ a: { answer: () => http(500) } }, { timeouts: { totalMs: 50 } });
    const soon = rejection(broken.generate());
    await broken.clock.advance(50);
    expect(await soon).toMatchObject({ attempts: [{ kind: 'server-error' }] });
    expect(broken.clock.pending()).toBe(0);
  });

  it('does not begin a wait that ends later', async () => {
    const { generate, clock } = scene(
      { a: { answer: () => http(429, undefined, { 'retry-after': '3' }) } },
      { timeouts: { totalMs: 2_000 } },
    );
    await rejection(generate());
    expect(clock.pending()).toBe(0);
  });
});

async function limitOf(call?: Timeouts): Promise<number[]> {
  const { generate, clock } = scene(
    {
      a: { answer: never },
      b: { answer: never, timeouts: { attemptMs: 200 } },
      c: {
        answer: never,
        timeouts: { attemptMs: 200 },
        models: [{ id: 'm', timeouts: { attemptMs: 300 } }],
      },
      d: {},
    },
    { timeouts: { attemptMs: 100 } },
  );
  const answer = generate(
    call === undefined ? {} : { providerOptions: { pool: { timeouts: call } } },
  );
  await clock.advance(5_000);
  return (await answer).pool.attempts.slice(0, 3).map(attempt => attempt.ms);
}

describe('streams without a setting', () => {
  it('wait 120 s for the first output, and only while another target could take over', async () => {
    const { stream, clock, seen, pool } = scene({ a: { answer: () => hanging() }, b: {} });
    pool.disable({ provider: 'b' });
    const parts = stream();
    await clock.advance(300_000);
    expect(seen).toHaveLength(1);
    pool.enable({ provider: 'b' });
    await clock.advance(1_000);
    expect(textOf(await parts)).toBe('all is well');
    expect(seen[0]?.call.options.abortSignal?.aborted).toBe(true);
    expect(clock.pending()).toBe(0);
  });

  it('do so at 120 s where one could', async () => {
    const { stream, clock, seen } = scene({ a: { answer: () => hanging() }, b: {} });
    const parts = stream();
    await clock.advance(119_999);
    expect(seen).toHaveLength(1);
    await clock.advance(1);
    expect(textOf(await parts)).toBe('all is well');
  });

  it('have no limit where there is only one target', async () => {
    const { stream, clock, seen } = scene({ a: { answer: () => hanging() } });
    const caller = new AbortController();
    const parts = rejection(stream({ abortSignal: caller.signal }));
    await clock.advance(3_600_000);
    expect(seen[0]?.call.options.abortSignal?.aborted).toBe(false);
    caller.abort('enough');
    expect(await parts).toBe('enough');
  });

  it('may be silent for 120 s between two parts', async () => {
    const { stream, clock } = scene({ a: { answer: () => hanging(delta('a')) } });
    const parts = stream();
    await clock.advance(150_000);
    expect((await parts).map(part => part.type).slice(-2)).toEqual(['error', 'finish']);
    expect(clock.pending()).toBe(0);
  });

  it('have none where the setting is Infinity', async () => {
    const { open, clock } = scene(
      { a: { answer: () => hanging(delta('a')) }, b: {} },
      { timeouts: { firstOutputMs: Infinity, idleMs: Infinity } },
    );
    const reader = (await open()).getReader();
    const types: unknown[] = [];
    const reading = (async () => {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        types.push(next.value.type);
      }
    })();
    await clock.advance(3_600_000);
    expect(types).not.toContain('error');
    await reader.cancel();
    await reading;
    expect(clock.pending()).toBe(0);
  });

  it('generate is not limited', async () => {
    const { generate, clock, seen } = scene({ a: { answer: never }, b: {} });
    const caller = new AbortController();
    const answer = rejection(generate({ abortSignal: caller.signal }));
    await clock.advance(3_600_000);
    expect(seen).toHaveLength(1);
    caller.abort('enough');
    await answer;
  });
});

describe('which limit counts', () => {
  it('is the closest: the call’s, the model’s, the provider’s, the pool’s', async () => {
    expect(await limitOf()).toEqual([100, 200, 300]);
    expect(await limitOf({ attemptMs: 400 })).toEqual([400, 400, 400]);
  });

  it('is refused by name where it is wrong', async () => {
    const { generate } = scene({ a: {} });
    const wrong = { providerOptions: { pool: { timeouts: { attemptMs: -1 } } } };
    expect(await rejection(generate(wrong))).toMatchObject({
      path: 'providerOptions.pool.timeouts.attemptMs',
    });
    const config = { providers: [], timeouts: { attempt: 1 } };
    expect(() => createPooledModel(config as never)).toThrow(PoolConfigError);
    expect(() => createPooledModel(config as never)).toThrow(/timeouts\.attempt.*attemptMs/);
  });

  it('all limits of all calls share one timer, and what nobody waits for another', async () => {
    const many = Array.from({ length: 20 }, (_, i) => i);
    const timeouts = { attemptMs: 5_000, totalMs: 6_000, firstOutputMs: 4_000, idleMs: 3_000 };
    const { generate, open, clock } = scene(
      {
        a: { answer: ({ call: { kind } }) => (kind === 'stream' ? hanging(delta('a')) : never()) },
      },
      { timeouts },
    );
    const calls = Promise.allSettled(many.map(() => generate()));
    await Promise.all(many.map(() => open()));
    expect(clock.pending()).toBe(2);
    await clock.advance(1_000_000);
    await calls;
    expect(clock.pending()).toBe(0);
  });

  it('makes no controller and no timer for a call without limits', async () => {
    const made = AbortController;
    let count = 0;
    globalThis.AbortController = class extends made {
      constructor() {
        super();
        count++;
      }
    };
    try {
      const { generate, stream, clock } = scene({ a: {} });
      await generate();
      await stream();
      expect(count).toBe(0);
      expect(clock.pending()).toBe(0);
    } finally {
      globalThis.AbortController = made;
    }
  });

  it('the caller’s abort still comes out as it is', async () => {
    const { generate, clock } = scene({ a: { answer: never } }, { timeouts: { attemptMs: 1_000 } });
    const caller = new AbortController();
    const call = rejection(generate({ abortSignal: caller.signal }));
    await clock.advance(10);
    caller.abort('left');
    expect(await call).toBe('left');
    expect(clock.pending()).toBe(0);
  });
});
