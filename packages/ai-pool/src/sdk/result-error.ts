import { defined } from '../defined.ts';
import type { Verdict } from '../failure/verdict.ts';

/**
 * A resolved call that is a failure has no error to pass on, so one is made, with whatever the
 * answer brought along. Nothing of an answer that the caller may get all the same: secrets are
 * scrubbed from errors in place, and never from answers.
 */
export function resultError(result: unknown, verdict: Verdict, isUnwanted: boolean): Error {
  if (isUnwanted) return new Error('an answer that is not wanted');
  const { response, rawResponse } = (result ?? {}) as {
    response?: { headers?: unknown; body?: unknown };
    rawResponse?: { headers?: unknown; body?: unknown };
  };
  const from = response ?? rawResponse;
  const details = { statusCode: verdict.status, responseHeaders: from?.headers, data: from?.body };
  return Object.assign(new Error('an answer without content'), defined(details));
}
