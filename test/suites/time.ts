import type { Clock } from 'ai-pool';

/** The machine's clock, which can be set forward. */
export class ShiftedClock implements Clock {
  #ahead = 0;

  now = (): number => Date.now() + this.#ahead;
  setTimeout = (callback: () => void, ms: number): unknown => setTimeout(callback, ms);
  clearTimeout = (handle: unknown): void => clearTimeout(handle as NodeJS.Timeout);

  shift(ms: number): void {
    this.#ahead += ms;
  }
}
