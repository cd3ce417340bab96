import { apiCallError, fakeModel } from '@ai-pool/testing';
import { generateText } from 'ai';
import { createPooledModel, PoolExhaustedError } from 'ai-pool';
import { RetryError } from 'ai';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_000 }));
afterEach(() => void vi.useRealTimers());

const MOST = 10;
const WINDOW_MS = 1_000;
const ANSWER_MS = 50;

/** Takes so many requests a second, refuses the others and says how long. */
function tenASecond() {
  const seen = { served: 0, refused: [] as number[] };
  let windowOf = 0;
  let taken = 0;
  const model = fakeModel({
    specificationVersion: 'v4',
    answer: async () => {
      const now = Date.now();
      const window = Math.floor(now / WINDOW_MS);
      if (window !== windowOf) [windowOf, taken] = [window, 0];
      if (++taken > MOST) {
        seen.refused.push(now);
        const retryAfter = String((window + 1) * WINDOW_MS - now);
        return apiCallError({ statusCode: 429, responseHeaders: { 'retry-after-ms': retryAfter } });
      }
      await new Promise(resolve => setTimeout(resolve, ANSWER_MS));
      seen.served++;
      return 'fine';
    },
  });
  return { model, seen };
}

test('100 parallel calls on a target that takes 10 a second are served in their turn', async () => {
  const { model, seen } = tenASecond();
  const pooled = createPooledModel([model]);
  const start = Date.now();
  const calls = Promise.allSettled(
    Array.from({ length: 100 }, (_, i) => generateText({ model: pooled, prompt: `number ${i}` })),
  );
  await vi.advanceTimersByTimeAsync(60_000);
  const ends = await calls;
  const failed = ends.filter(end => end.status === 'rejected');
  // What nobody could know: the first wave is refused. From then on hardly anything is.
  const later = seen.refused.filter(at => at > start);
  expect({ served: seen.served, failed: failed.length }).toEqual({ served: 100, failed: 0 });
  expect(later.length).toBeLessThanOrEqual(15);
  for (const { reason } of failed) {
    const last: unknown = RetryError.isInstance(reason) ? reason.lastError : reason;
    expect(PoolExhaustedError.isInstance(last)).toBe(true);
  }
});

test('the next 100 are refused hardly ever', async () => {
  const { model, seen } = tenASecond();
  const pooled = createPooledModel([model]);
  const wave = async (): Promise<number> => {
    const before = seen.refused.length;
    const calls = Promise.allSettled(
      Array.from({ length: 100 }, (_, i) => generateText({ model: pooled, prompt: `number ${i}` })),
    );
    await vi.advanceTimersByTimeAsync(20_000);
    await calls;
    return seen.refused.length - before;
  };
  await wave();
  expect(await wave()).toBeLessThanOrEqual(10);
  expect(seen.served).toBe(200);
});
