/** A clock that moves only when it is told to. Fits the pool's `clock` setting. */
export interface VirtualClock {
  /** Epoch milliseconds. */
  now(): number;
  setTimeout(callback: () => void, ms: number): number;
  clearTimeout(handle: unknown): void;
  /**
   * Moves on by `ms` milliseconds. Due timers fire in order at their own time, and what their
   * callbacks set off settles before the next one fires; a timer that is set on the way fires too
   * if it is due.
   */
  advance(ms: number): Promise<void>;
  /** Moves on from timer to timer until none is left; rejects after 100,000 of them. */
  runAll(): Promise<void>;
  /** How many timers are set. */
  pending(): number;
}

interface Timer {
  handle: number;
  at: number;
  callback: () => void;
}

const mostTimers = 100_000;

/** A virtual clock that starts at `start`, in epoch milliseconds (default 0). */
export function createVirtualClock(start = 0): VirtualClock {
  let now = start;
  let lastHandle = 0;
  /** Last what is due first; cleared timers stay in it and are passed over. */
  const queue: Timer[] = [];
  const live = new Set<unknown>();

  /** The timer that is due first; of equals the one that was set first. */
  function next(): Timer | undefined {
    let timer = queue.at(-1);
    while (timer && !live.has(timer.handle)) {
      queue.pop();
      timer = queue.at(-1);
    }
    return timer;
  }

  async function fire(timer: Timer): Promise<void> {
    queue.pop();
    live.delete(timer.handle);
    now = Math.max(now, timer.at);
    timer.callback();
    await settle();
  }

  return {
    now: () => now,
    setTimeout(callback, ms) {
      lastHandle += 1;
      // As with the real one, a delay that is no positive number means "as soon as possible".
      const timer = { handle: lastHandle, at: now + (ms > 0 ? ms : 0), callback };
      queue.splice(placeOf(timer.at, queue), 0, timer);
      live.add(timer.handle);
      return timer.handle;
    },
    clearTimeout(handle) {
      live.delete(handle);
    },
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (let timer = next(); timer && timer.at <= end; timer = next()) await fire(timer);
      now = Math.max(now, end);
    },
    async runAll() {
      await settle();
      let fired = 0;
      for (let timer = next(); timer; timer = next()) {
        if (fired === mostTimers) throw new Error(`${mostTimers} timers fired, and more are set.`);
        fired += 1;
        await fire(timer);
      }
    },
    pending: () => live.size,
  };
}

/** Where a new timer stands in a queue that falls by time: before all that are due with it. */
function placeOf(at: number, queue: readonly Timer[]): number {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((queue[middle]?.at ?? 0) > at) low = middle + 1;
    else high = middle;
  }
  return low;
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
