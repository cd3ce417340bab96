const CONSECUTIVE = 3;
const WINDOW_MS = 30_000;
const MINIMUM = 10;
const SHARE = 0.5;

/**
 * Tells when a model or a provider fails too often to be used without a test: after 3 failures in
 * a row, or when half of at least 10 outcomes in 30 s failed. The minimum and the window keep a
 * steady small error rate from ever being too much of it.
 */
export class Circuit {
  private inARow = 0;
  private outcomes = 0;
  private failures = 0;
  private windowStart = 0;

  success(now: number): void {
    this.inARow = 0;
    this.count(now);
  }

  /** Counts a failure; true when the circuit opens with it. */
  failure(now: number): boolean {
    this.count(now);
    this.failures++;
    const opens =
      ++this.inARow >= CONSECUTIVE ||
      (this.outcomes >= MINIMUM && this.failures >= this.outcomes * SHARE);
    if (opens) this.reset();
    return opens;
  }

  reset(): void {
    this.inARow = 0;
    this.outcomes = 0;
    this.failures = 0;
  }

  private count(now: number): void {
    const age = now - this.windowStart;
    if (age >= WINDOW_MS || age < 0) {
      // Halved, not dropped: at the edge of two windows the memory does not start from nothing.
      const halvings = age >= 0 && age < 2 * WINDOW_MS ? 1 : 31;
      this.outcomes >>= halvings;
      this.failures >>= halvings;
      this.windowStart = now;
    }
    this.outcomes++;
  }
}
