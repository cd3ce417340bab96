import type { QuotaState } from './protocols/protocol.ts';

const minuteMs = 60_000;

/** Requests that may still be made. Refused requests are not taken out. */
export interface Quota {
  /** Milliseconds until a request is served; 0: now. */
  waitMs(now: number): number;
  /** Takes one request out; only while `waitMs` is 0. */
  take(now: number): void;
  state(now: number): QuotaState;
}

/** A quota of no requests. Providers do not name 0 as the limit: that would mean "no access". */
export const noQuota: Quota = {
  waitMs: () => minuteMs,
  take: () => {},
  state: () => ({ limit: 10, remaining: 0, resetMs: minuteMs }),
};

/** A window of a minute opens with its first request and closes 60 s later. */
export function fixedWindow(rpm: number): Quota {
  let opened = 0;
  let used = 0;
  const leftMs = (now: number): number => {
    if (now - opened >= minuteMs) used = 0;
    return used === 0 ? 0 : opened + minuteMs - now;
  };
  return {
    waitMs(now) {
      const left = leftMs(now);
      return used < rpm ? 0 : left;
    },
    take(now) {
      if (leftMs(now) === 0) opened = now;
      used += 1;
    },
    state(now) {
      const resetMs = leftMs(now);
      return { limit: rpm, remaining: Math.max(0, rpm - used), resetMs };
    },
  };
}

/** Holds a minute's requests and refills evenly. */
export function tokenBucket(rpm: number): Quota {
  const perTokenMs = minuteMs / rpm;
  // Not a count but the time at which the bucket is full again: nothing to refill.
  let fullAt = Number.NEGATIVE_INFINITY;
  return {
    waitMs(now) {
      const wait = fullAt - now - (rpm - 1) * perTokenMs;
      // Sums of fractions of a millisecond are not exact.
      return wait > 1e-3 ? wait : 0;
    },
    take(now) {
      fullAt = Math.max(fullAt, now) + perTokenMs;
    },
    state(now) {
      const resetMs = Math.max(0, fullAt - now);
      const remaining = Math.max(0, Math.floor(rpm - resetMs / perTokenMs + 1e-6));
      return { limit: rpm, remaining, resetMs };
    },
  };
}
