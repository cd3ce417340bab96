/** A clock that moves only when it is told to. Fits the pool's `clock` setting. */
export interface VirtualClock {
  /** Epoch milliseconds. */
  now(): number;
  setTimeout(callback: () => void, ms: number): number;
  clearTimeout(handle: unknown): void;
  /**
   * Moves on by `ms` milliseconds. Due timers fire in order at their own time, and what their
   * callbacks set off settles before the next one fires, so that a timer set on the way fires too
   * if it is due.
   */
  advance(ms: number): Promise<void>;
  /** Moves on from timer to timer until none is left; fails after 10,000 timers. */
  runAll(): Promise<void>;
  /** How many timers are set. */
  pending(): number;
}

/** A virtual clock that starts at `start`, in epoch milliseconds (default 0). */
export function createVirtualClock(start = 0): VirtualClock {
  let now = start;
  let lastHandle = 0;
  const timers = new Map<unknown, { at: number; callback: () => void }>();

  /** The timer that is due first; of equals the one that was set first. */
  function next(): { handle: unknown; at: number; callback: () => void } | undefined {
    let soonest: { handle: unknown; at: number; callback: () => void } | undefined;
    for (const [handle, { at, callback }] of timers) {
      if (!soonest || at < soonest.at) soonest = { handle, at, callback };
    }
    return soonest;
  }

  async function fire({
    handle,
    at,
    callback,
  }: NonNullable<ReturnType<typeof next>>): Promise<void> {
    timers.delete(handle);
    now = Math.max(now, at);
    callback();
    await settle();
  }

  return {
    now: () => now,
    setTimeout(callback, ms) {
      lastHandle += 1;
      // As the real one: no, negative and unordered delays mean "as soon as possible".
      timers.set(lastHandle, { at: now + (ms > 0 ? ms : 0), callback });
      return lastHandle;
    },
    clearTimeout(handle) {
      timers.delete(handle);
    },
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (let due = next(); due && due.at <= end; due = next()) await fire(due);
      now = Math.max(now, end);
    },
    async runAll() {
      await settle();
      for (let fired = 0; timers.size > 0; fired += 1) {
        if (fired === 10_000) throw new Error('10,000 timers fired, and there are still more.');
        const due = next();
        if (due) await fire(due);
      }
    },
    pending: () => timers.size,
  };
}

/** Lets promise chains run out: two turns of the event loop, each after all its microtasks. */
async function settle(): Promise<void> {
  await macrotask();
  await macrotask();
}

async function macrotask(): Promise<void> {
  await new Promise<void>(resolve => {
    setImmediate(resolve);
  });
}
