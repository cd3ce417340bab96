import { vi } from 'vitest';

/** So much virtual time is more than any story takes. */
const longestMs = 300_000;
const stepMs = 20;

/**
 * Runs a story while the time of timers and of `Date` flies: whatever waits, waits for nothing.
 * Time stands still while a request is under way: sockets are as real as ever.
 */
export async function inFlyingTime<T>(story: () => Promise<T>): Promise<T> {
  const { fetch } = globalThis;
  const underWay = new Set<symbol>();
  vi.stubGlobal('fetch', async (...request: Parameters<typeof fetch>) => {
    const own = Symbol('request');
    underWay.add(own);
    try {
      return await fetch(...request);
    } finally {
      underWay.delete(own);
    }
  });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  try {
    let over = false;
    const running = story().finally(() => {
      over = true;
    });
    const outcome = Promise.allSettled([running]);
    const isOver = (): boolean => over;
    for (let ms = 0; !isOver(); ms += stepMs) {
      if (ms > longestMs) throw new Error('The story does not end.');
      for (let i = 0; i < 5 || underWay.size > 0; i += 1) await turn();
      await vi.advanceTimersByTimeAsync(stepMs);
    }
    await outcome;
    return await running;
  } finally {
    vi.useRealTimers();
    vi.stubGlobal('fetch', fetch);
  }
}

/** One turn of the event loop. */
async function turn(): Promise<void> {
  await new Promise<void>(resolve => {
    setImmediate(resolve);
  });
}

/** Waits for what comes by itself, in real time. */
export async function until(isSo: () => boolean): Promise<void> {
  await vi.waitUntil(isSo, { interval: 2, timeout: 20_000 });
}
