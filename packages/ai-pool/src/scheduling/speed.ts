/** What was measured so long ago counts little, in ms. */
const MEMORY_MS = 10_000;
/** A failure counts like an answer that took so many times as long as usual, */
const PENALTY = 3;
/** and no longer than this, in ms: what fails again and again is not forgotten for ever. */
const LONGEST_MS = 120_000;

/**
 * How long a provider takes to its first output: a moving average that follows every peak at
 * once and comes down slowly, so that a provider in trouble is left before its average says so.
 */
export class Speed {
  /** Undefined: nothing is known yet. Read, not written, from outside. */
  ms: number | undefined;
  #at = 0;

  answered(ms: number, now: number): void {
    const before = this.ms ?? 0;
    const weight = 1 - Math.exp(-Math.max(now - this.#at, 1) / MEMORY_MS);
    this.ms = ms > before ? ms : before + weight * (ms - before);
    this.#at = now;
  }

  failed(ms: number, now: number): void {
    const usual = Math.min((this.ms ?? 1) * PENALTY, LONGEST_MS);
    this.answered(Math.max(ms, usual), now);
  }
}
