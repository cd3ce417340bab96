/** What was measured so long ago counts little, in ms. */
const MEMORY_MS = 10_000;
/** A failure counts like an answer that took so many times as long as usual. */
const PENALTY = 3;

/**
 * How long a provider takes to its first output: a moving average that follows every peak at
 * once and comes down slowly, so that a provider in trouble is left before its average says so.
 */
export class Speed {
  #ms = 0;
  #at = 0;

  /** Undefined: nothing is known yet. */
  get ms(): number | undefined {
    return this.#at === 0 ? undefined : this.#ms;
  }

  answered(ms: number, now: number): void {
    const weight = this.#at === 0 ? 1 : 1 - Math.exp(-Math.max(now - this.#at, 1) / MEMORY_MS);
    this.#ms = ms > this.#ms ? ms : this.#ms + weight * (ms - this.#ms);
    this.#at = now;
  }

  failed(ms: number, now: number): void {
    this.answered(Math.max(ms, this.#ms * PENALTY, 1), now);
  }
}
