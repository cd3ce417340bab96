import type { Evidence } from '../evidence.ts';
import type { Outcome } from '../outcomes.ts';

/** All conditions that are given must hold. */
export interface Rule {
  readonly is: Outcome;
  readonly code?: RegExp;
  readonly text?: RegExp;
  /** Of the effective status, an empty string where there is none. */
  readonly status?: RegExp;
  readonly when?: (evidence: Evidence) => boolean;
}

/** The outcome of the first rule that holds. */
export function decideBy(rules: readonly Rule[], evidence: Evidence): Outcome | undefined {
  const status = String(evidence.status ?? '');
  return rules.find(
    rule =>
      rule.status?.test(status) !== false &&
      rule.code?.test(evidence.codes) !== false &&
      rule.text?.test(evidence.text) !== false &&
      rule.when?.(evidence) !== false,
  )?.is;
}
