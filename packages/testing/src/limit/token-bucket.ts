import type { Counter } from './counter.ts';

/**
 * Holds `limit` and refills evenly, all of it in `periodMs`. OpenAI's quotas of a day are such
 * buckets: of 10,000 requests one comes back every 8.64 s.
 *
 * A refusal that counts empties the bucket, so that it stays closed while it is hammered faster
 * than it refills.
 */
export function tokenBucket(limit: number, periodMs: number): Counter {
  const perUnitMs = periodMs / limit;
  // Not a count but the time at which the bucket is full again: nothing to refill.
  let fullAt = Number.NEGATIVE_INFINITY;

  function waitMs(now: number, amount: number): number {
    if (amount > limit) return Number.POSITIVE_INFINITY;
    const wait = fullAt - now - (limit - amount) * perUnitMs;
    // Sums of fractions of a millisecond are not exact.
    return wait > 1e-3 ? wait : 0;
  }

  function take(now: number, amount: number): void {
    fullAt = Math.max(fullAt, now) + amount * perUnitMs;
  }

  function drain(now: number): void {
    fullAt = Math.max(fullAt, now + periodMs);
  }

  return {
    waitMs,
    take,
    refuse(now, amount) {
      if (waitMs(now, amount) === 0) take(now, amount);
      else drain(now);
    },
    drain,
    state(now) {
      const resetMs = Math.max(0, fullAt - now);
      const remaining = Math.max(0, Math.floor(limit - resetMs / perUnitMs + 1e-6));
      return { limit, remaining, resetMs };
    },
  };
}
