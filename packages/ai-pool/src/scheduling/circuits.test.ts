import { apiCallError, createVirtualClock, fakeModel } from '@ai-pool/testing';
import { describe, expect, it } from 'vitest';
import { randomFrom } from '../__fixtures__/random-from.ts';
import { http, scene, untyped } from '../__fixtures__/scene.ts';
import { createPooledModel } from '../index.ts';

/** A minute of 100 calls a second over providers that fail at random: one call in a hundred. */
async function minuteOfErrors(statusCode: number, names: readonly string[]) {
  const clock = createVirtualClock(1_800_000_000_000);
  const random = randomFrom(statusCode);
  const seen = new Map<string, number>();
  let waits = 0;
  const model = untyped(
    createPooledModel({
      providers: names.map(name => ({
        name,
        keys: ['one', 'two'],
        models: ['m'],
        create: () => (modelId: string) =>
          fakeModel({
            specificationVersion: 'v4',
            modelId,
            latencyMs: 200,
            clock,
            answer: () => {
              seen.set(name, (seen.get(name) ?? 0) + 1);
              return random() < 0.01 ? apiCallError({ statusCode }) : 'well';
            },
          }),
      })),
      clock,
      random,
      on: { waiting: () => waits++ },
    }),
  );
  const calls: Promise<unknown>[] = [];
  for (let i = 0; i < 6_000; i++) {
    calls.push(model.doGenerate({ prompt: [] }));
    await clock.advance(10);
  }
  const settled = Promise.allSettled(calls);
  await clock.advance(60_000);
  const rejected = (await settled).filter(({ status }) => status === 'rejected').length;
  const attempts = [...seen.values()].reduce((a, b) => a + b, 0);
  return { rejected, waits, attempts, first: seen.get(names[0] ?? '') ?? 0 };
}

describe('a steady error rate of 1 %', () => {
  it.each([500, 503])('of two providers (%i): nobody fails, nobody waits', async status => {
    const { rejected, waits, attempts, first } = await minuteOfErrors(status, ['a', 'b']);
    expect({ rejected, waits }).toEqual({ rejected: 0, waits: 0 });
    expect(attempts).toBeLessThan(6_000 * 1.02);
    expect(first).toBeGreaterThan(6_000 * 0.6);
  });

  it('of one provider: nobody fails', async () => {
    const { rejected, waits, attempts } = await minuteOfErrors(500, ['a']);
    expect(rejected).toBe(0);
    expect(waits).toBeLessThan(6_000 * 0.005);
    expect(attempts).toBeLessThan(6_000 * 1.02);
  });
});

describe('a provider whose models fail one after the other', () => {
  it('is left alone by the next calls; then one of them finds out', async () => {
    let isDown = true;
    const { generate, trail, clock, pool } = scene({
      a: { models: ['1', '2', '3'], answer: () => (isDown ? http(500) : 'well') },
      b: {},
    });
    const callsOfA = (): number => trail().filter(at => at.startsWith('a/')).length;
    const generateAll = async (count: number): Promise<void> => {
      const all = Promise.all(Array.from({ length: count }, () => generate()));
      // The same target is tried once more within 200 ms.
      await clock.advance(200);
      await all;
    };
    await generateAll(2);
    const before = callsOfA();
    await generateAll(20);
    expect(callsOfA()).toBe(before);

    isDown = false;
    await clock.advance((pool.status().providers[0]?.until ?? 0) - clock.now());
    await generateAll(20);
    expect(callsOfA()).toBe(before + 1);
    expect((await generate()).pool.provider).toBe('a');
  });

  it.each([
    [1, 'ready'],
    [3, 'cooling'],
  ])(
    'is used all the same when nothing else is left: %i failed, then it is %s',
    async (n, state) => {
      let left = n;
      const { generate, clock, pool } = scene(
        { a: { keys: ['one', 'two'], answer: () => (left-- > 0 ? http(500) : 'well') } },
        { maxWaitMs: 0 },
      );
      const untilServed = async (): Promise<void> => {
        const call = generate().catch(() => undefined);
        await clock.advance(200);
        await call;
        if (left >= 0) await untilServed();
      };
      await untilServed();
      // An open circuit is closed by its probe alone.
      expect(pool.status().providers[0]?.state).toBe(state);
      await clock.advance(60_000);
      await generate();
      expect(pool.status().providers[0]?.state).toBe('ready');
    },
  );
});
