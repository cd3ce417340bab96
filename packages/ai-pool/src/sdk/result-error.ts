import { defined } from '../defined.ts';
import type { Verdict } from '../failure/verdict.ts';

/**
 * A resolved call that is a failure has no error to pass on, so one is made, with whatever the
 * answer brought along.
 */
export function resultError(result: unknown, verdict: Verdict, isUnwanted: boolean): Error {
  const { response, rawResponse } = (result ?? {}) as {
    response?: { headers?: unknown; body?: unknown };
    rawResponse?: { headers?: unknown; body?: unknown };
  };
  const from = response ?? rawResponse;
  const details = { statusCode: verdict.status, responseHeaders: from?.headers, data: from?.body };
  const message = isUnwanted ? 'an answer that is not wanted' : 'an answer without content';
  return Object.assign(new Error(message), defined(details));
}
