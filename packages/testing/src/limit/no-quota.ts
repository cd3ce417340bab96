import type { Counter } from './counter.ts';
import type { WindowEnd } from './fixed-window.ts';

/**
 * A quota of nothing: every request is refused until "the end of the window", which never changes
 * anything. `named` stands for the limit, since providers mean "no access" by a limit of 0.
 */
export function noQuota(named: number, windowEnd: WindowEnd): Counter {
  return {
    waitMs: now => windowEnd(now) - now,
    take: () => {},
    refuse: () => {},
    drain: () => {},
    state: now => ({ limit: named, remaining: 0, resetMs: windowEnd(now) - now }),
  };
}
