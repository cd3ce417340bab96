import type { FailureAction, FailureScope, Verdict } from '../failure/verdict.ts';

/** Thrown by one of the user's own functions: it reaches the caller as it is. */
export class CallerFault extends Error {
  readonly error: unknown;

  constructor(error: unknown) {
    super('a function of the caller threw');
    this.error = error;
  }
}

/** A failure that is classified already: a resolved call that is none, a stream that broke. */
export class AttemptFailure extends Error {
  readonly verdict: Verdict;
  readonly error: unknown;

  constructor(verdict: Verdict, error: unknown) {
    super('the attempt failed');
    this.verdict = verdict;
    this.error = error;
  }
}

/** The error itself, also of a failure that is classified already. */
export const errorOf = (thrown: unknown): unknown =>
  isA(thrown, AttemptFailure) ? thrown.error : thrown;

/** The verdict on an answer that is none. */
export function badResponse(scope: FailureScope, action: FailureAction): Verdict {
  const guess = { retryAfterMs: null, source: 'guessed', permanent: false } as const;
  return { kind: 'bad-response', scope, action, ...guess };
}

/** `instanceof` for values that anybody may have thrown: a proxy can throw at that too. */
export function isA<T>(value: unknown, type: new (...args: never[]) => T): value is T {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}
