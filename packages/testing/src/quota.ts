import type { QuotaState } from './protocols/protocol.ts';

const minuteMs = 60_000;

/** Requests that a key may still make. Refused requests do not count. */
export interface Quota {
  /** Takes one request out; `false` when none is left. */
  take(now: number): boolean;
  /** Milliseconds until a request would be served. */
  waitMs(now: number): number;
  state(now: number): QuotaState;
}

/** What providers name as the limit of a key that is refused always. */
const namedLimitOfNone = 10;

/** A window of a minute opens with its first request and closes 60 s later. */
export function fixedWindow(rpm: number): Quota {
  let opened = Number.NEGATIVE_INFINITY;
  let used = 0;
  const roll = (now: number): void => {
    if (now - opened < minuteMs) return;
    opened = Number.NEGATIVE_INFINITY;
    used = 0;
  };
  const leftMs = (now: number): number => (used === 0 ? 0 : opened + minuteMs - now);
  return {
    take(now) {
      roll(now);
      if (used >= rpm) return false;
      if (used === 0) opened = now;
      used += 1;
      return true;
    },
    waitMs(now) {
      roll(now);
      if (rpm === 0) return minuteMs;
      return used < rpm ? 0 : leftMs(now);
    },
    state(now) {
      roll(now);
      return {
        limit: rpm || namedLimitOfNone,
        remaining: Math.max(0, rpm - used),
        resetMs: rpm === 0 ? minuteMs : leftMs(now),
      };
    },
  };
}

/** Holds a minute's requests and refills evenly. */
export function tokenBucket(rpm: number): Quota {
  const perTokenMs = rpm === 0 ? minuteMs : minuteMs / rpm;
  // Not a count but the time at which the bucket is full again: exact without rounding errors.
  let fullAt = Number.NEGATIVE_INFINITY;
  const waitMs = (now: number): number =>
    rpm === 0 ? minuteMs : Math.max(0, fullAt - now - (rpm - 1) * perTokenMs);
  return {
    take(now) {
      // The tolerance is for sums of fractions of a millisecond.
      if (rpm === 0 || waitMs(now) > 1e-3) return false;
      fullAt = Math.max(fullAt, now) + perTokenMs;
      return true;
    },
    waitMs,
    state(now) {
      const resetMs = Math.max(0, fullAt - now);
      return {
        limit: rpm || namedLimitOfNone,
        remaining: Math.max(0, Math.floor(rpm - resetMs / perTokenMs)),
        resetMs,
      };
    },
  };
}
