import type { Counter } from './counter.ts';

/** When a window ends that opens at `now`, in epoch milliseconds. */
export type WindowEnd = (now: number) => number;

/** A window of this many milliseconds. */
export function lasting(ms: number): WindowEnd {
  return now => now + ms;
}

/**
 * A window opens with the first request after the last one closed; until it closes, `limit` may be
 * taken. A window with a set end, such as a day, opens and closes by the calendar.
 *
 * A refusal that counts opens the window anew, so that a window of a minute stays closed for as
 * long as it is hammered.
 */
export function fixedWindow(limit: number, windowEnd: WindowEnd): Counter {
  let closesAt = Number.NEGATIVE_INFINITY;
  let used = 0;

  function open(now: number): void {
    if (now < closesAt) return;
    used = 0;
    closesAt = windowEnd(now);
  }

  function usedUp(now: number): void {
    used = Math.max(used, limit);
    closesAt = windowEnd(now);
  }

  const usedAt = (now: number): number => (now < closesAt ? used : 0);
  const fits = (now: number, amount: number): boolean => usedAt(now) + amount <= limit;

  function take(now: number, amount: number): void {
    open(now);
    used = Math.max(0, used + amount);
  }

  return {
    waitMs(now, amount) {
      if (amount > limit) return Number.POSITIVE_INFINITY;
      return fits(now, amount) ? 0 : closesAt - now;
    },
    take,
    refuse(now, amount) {
      if (fits(now, amount)) take(now, amount);
      else usedUp(now);
    },
    drain(now) {
      open(now);
      usedUp(now);
    },
    state: now => ({
      limit,
      remaining: Math.max(0, limit - usedAt(now)),
      resetMs: usedAt(now) === 0 ? 0 : closesAt - now,
    }),
  };
}
