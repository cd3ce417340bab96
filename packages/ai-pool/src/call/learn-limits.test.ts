import { describe, expect, it } from 'vitest';
import { scene } from '../__fixtures__/scene.ts';

const keys = ['secret-one', 'secret-two'];
const answer = (headers: Record<string, string>) => ({ text: 'fine', headers });
const left = (remaining: number): Record<string, string> => ({
  'ratelimit-limit': '10',
  'ratelimit-remaining': String(remaining),
  'ratelimit-reset': '30',
});

describe('what headers tell of limits', () => {
  it('closes a key that has nothing left until its reset, without a refusal', async () => {
    const { generate, seen, clock, pool } = scene({
      a: { keys, answer: ({ key }) => answer(key === 'secret-one' ? left(0) : left(9)) },
    });
    for (let i = 0; i < 4; i++) await generate();
    expect(seen.map(one => one.key)).toEqual([keys[0], keys[1], keys[1], keys[1]]);
    expect(pool.hasAvailable()).toBe(true);
    await clock.advance(30_000);
    await generate();
    expect(seen.at(-1)?.key).toBe(keys[0]);
  });

  it('counts what is in flight: no more is sent than is left', async () => {
    const { generate, seen, clock } = scene({
      a: {
        answer: async (_, index) => {
          await new Promise<void>(resolve => void clock.setTimeout(resolve, 100));
          return answer(left(Math.max(2 - index, 0)));
        },
      },
    });
    const first = generate();
    await clock.advance(100);
    await first;
    const others = Promise.allSettled(Array.from({ length: 5 }, () => generate()));
    await clock.advance(1_000);
    expect(seen).toHaveLength(3);
    await clock.advance(60_000);
    await others;
  });

  it('never holds back with anything left, or where no reset is told', async () => {
    const { generate, seen } = scene({
      a: { answer: () => answer({ 'ratelimit-remaining': '0', 'ratelimit-limit': '10' }) },
    });
    for (let i = 0; i < 3; i++) await generate();
    expect(seen).toHaveLength(3);
  });
});
