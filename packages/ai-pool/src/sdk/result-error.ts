import { defined } from '../defined.ts';
import type { Verdict } from '../failure/verdict.ts';

/**
 * A resolved call that is a failure has no error to pass on, so one is made, with whatever the
 * answer brought along.
 */
export function resultError(result: unknown, verdict: Verdict): Error {
  const { response, rawResponse } = (result ?? {}) as {
    response?: { headers?: unknown; body?: unknown };
    rawResponse?: { headers?: unknown; body?: unknown };
  };
  const headers = response?.headers ?? rawResponse?.headers;
  const body = response?.body ?? rawResponse?.body;
  const error = new Error(`an answer without content: ${verdict.kind}`);
  const responseBody = body === undefined || typeof body === 'string' ? body : safeJson(body);
  const details = { statusCode: verdict.status, responseHeaders: headers, responseBody };
  return Object.assign(error, defined(details));
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return '';
  }
}
