import FakeTimers from '@sinonjs/fake-timers';

const settle = setImmediate;

/** The clock of one run: what the pool is given, and what the peers take for the real one. */
export interface VirtualTime {
  /** Epoch milliseconds. */
  now(): number;
  setTimeout(fn: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
  sleep(ms: number): Promise<void>;
  /** Moves on from timer to timer until none is left. */
  run(): Promise<void>;
}

/** Runs something in virtual time, with the global timers and `Date` replaced. */
export async function inVirtualTime<T>(simulate: (time: VirtualTime) => Promise<T>): Promise<T> {
  const fake = FakeTimers.install({ now: 0, toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const time: VirtualTime = {
    now: () => fake.now,
    setTimeout: (fn, ms) => fake.setTimeout(fn, ms),
    clearTimeout: (handle: number) => fake.clearTimeout(handle),
    sleep: ms =>
      new Promise(resolve => {
        fake.setTimeout(() => resolve(), ms);
      }),
    async run() {
      while (fake.countTimers() > 0) {
        fake.next();
        // What the timer set off happens before the next one fires: all of it, without time.
        await new Promise(resolve => {
          settle(resolve);
        });
      }
    },
  };
  try {
    return await simulate(time);
  } finally {
    fake.uninstall();
  }
}
