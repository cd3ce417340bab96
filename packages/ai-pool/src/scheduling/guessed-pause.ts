import type { FailureKind } from '../failure/verdict.ts';

const FIRST_MS: Partial<Record<FailureKind, number>> = { overloaded: 2_000, timeout: 5_000 };
const OTHER_FIRST_MS = 1_000;
const LONGEST_MS = 30_000;
const LONGEST_LIMIT_MS = 60_000;
const QUOTA_MS = 3_600_000;

/**
 * How long to pause when nobody said: short at first, since most trouble passes, doubled with
 * every consecutive failure of the scope, and spread by 20 % so that pools do not come back in
 * step. A quota without a reset is worth one look an hour.
 *
 * @param strikes consecutive failures of the scope, from 1
 */
export function guessedPause(kind: FailureKind, strikes: number, random: () => number): number {
  if (kind === 'quota') return QUOTA_MS;
  const base = (FIRST_MS[kind] ?? OTHER_FIRST_MS) * 2 ** Math.min(strikes - 1, 10);
  const longest = kind === 'rate-limit' ? LONGEST_LIMIT_MS : LONGEST_MS;
  return Math.round(Math.min(base * (0.8 + 0.4 * random()), longest));
}
