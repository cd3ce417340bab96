import type { FailureKind } from '../failure/verdict.ts';

/** What a scope lets an attempt do now, from best to worst. */
export const Admission = {
  /** Use it. */
  open: 0,
  /** Use it as the one probe that finds out whether a guessed pause was long enough. */
  probe: 1,
  /** Closed by a guess about a model, provider or network: only when nothing else is left. */
  preference: 2,
  /** Closed: a refusal by quota, something stated, a limit that is used up, or disabled. */
  wall: 3,
} as const;
export type Admission = (typeof Admission)[keyof typeof Admission];

/** What may stand between an attempt and its target: a closed scope, or a limit without room. */
export interface Barrier {
  /** Why it is closed; undefined: by hand. */
  readonly kind: FailureKind | undefined;
  /** The member's error that closed it, if any did. */
  readonly error: unknown;
  readonly isDisabled: boolean;
  /** Something is under way that may open it at any time. */
  readonly isProbing: boolean;
  /** @param tokens of the request that asks; what counts no tokens does not look at them */
  check(now: number, tokens?: number): Admission;
  /** When it is expected to open: epoch ms; Infinity where nobody knows, or only a human helps. */
  expectedAt(now: number, tokens?: number): number;
  /** When it is worth looking again: epoch ms. */
  looksAgainAt(now: number, tokens?: number): number;
}

/** Whether a limit closes it, which has room again by itself. */
export function isLimit({ kind }: Barrier): boolean {
  return kind === 'rate-limit' || kind === 'quota';
}
