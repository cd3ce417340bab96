import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from 'ai-pool';

const steps = 10;

/** The machine's clock, which can be set forward: what is due then comes at once. */
export class ForwardClock implements Clock {
  #ahead = 0;
  readonly #timers = new Map<unknown, { at: number; callback: () => void }>();

  now = (): number => Date.now() + this.#ahead;

  setTimeout = (callback: () => void, ms: number): unknown => {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, ms);
    this.#timers.set(timer, { at: this.now() + ms, callback });
    return timer;
  };

  clearTimeout = (handle: unknown): void => {
    clearTimeout(handle as NodeJS.Timeout);
    this.#timers.delete(handle);
  };

  shift(ms: number): void {
    this.#ahead += ms;
    for (const [timer, { at, callback }] of this.#timers) {
      if (at > this.now()) continue;
      this.clearTimeout(timer);
      callback();
    }
  }

  /** The same bit by bit, so that whoever looks from time to time does so. */
  async elapse(ms: number): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      this.shift(ms / steps);
      await turn();
    }
  }
}
