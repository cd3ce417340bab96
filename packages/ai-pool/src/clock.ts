/**
 * Where time comes from. Replace it in tests; the pool never asks anything else for the time.
 */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls `fn` once after `ms` milliseconds and returns a handle. */
  setTimeout(fn: () => void, ms: number): unknown;
  /** Forgets a timer that has not fired. */
  clearTimeout(handle: unknown): void;
}

/** The machine's clock. The globals are read per call, so that fake timers are seen. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: handle => {
    // The handle is what the global setTimeout returned: a number or, in Node, an object.
    clearTimeout(handle as number);
  },
};
