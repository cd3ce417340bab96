import { apiCallError, fakeModel } from '@ai-pool/testing';
import { generateText } from 'ai';
import { createPooledModel } from 'ai-pool';
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

/** 100 calls at once, each of which is served within so much time. */
async function wave(model: Parameters<typeof generateText>[0]['model'], ms: number): Promise<void> {
  const calls = Promise.all(
    Array.from({ length: 100 }, (_, i) => generateText({ model, prompt: `number ${i}` })),
  );
  await vi.advanceTimersByTimeAsync(ms);
  await calls;
}

test('100 parallel calls on a target that takes 10 a second are served in their turn', async () => {
  const { model, seen } = tenASecond();
  const pooled = createPooledModel([model]);
  const start = Date.now();
  await wave(pooled, 60_000);
  expect(seen.served).toBe(100);
  // What nobody could know: the first calls are refused. From then on hardly any is.
  expect(seen.refused.filter(at => at > start).length).toBeLessThanOrEqual(15);
});

test('the next 100 are refused hardly ever', async () => {
  const { model, seen } = tenASecond();
  const pooled = createPooledModel([model]);
  await wave(pooled, 20_000);
  const before = seen.refused.length;
  await wave(pooled, 20_000);
  expect(seen.refused.length - before).toBeLessThanOrEqual(10);
  expect(seen.served).toBe(200);
});
