import { readFileSync } from 'node:fs';
import type { Verdict } from '../verdict.ts';

/** One observed failure and the verdict it deserves. */
export interface FailureCase {
  readonly id: string;
  readonly provider: string;
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly transport?: 'sse';
  readonly networkError?: {
    readonly name: string;
    readonly message: string;
    readonly code?: string;
    readonly causeCode?: string;
    readonly causeMessage?: string;
    readonly statusCode?: number;
    readonly callerAborted?: boolean;
  };
  readonly error?: {
    readonly name: string;
    readonly message: string;
    readonly lastError?: Readonly<Record<string, unknown>>;
  };
  readonly now?: string;
  readonly expected: {
    readonly kind: string;
    readonly scope: string;
    readonly action: string;
    readonly retryAfterMs: number | null;
    readonly permanent: boolean;
    readonly shared?: string;
  };
}

const load = (file: string): readonly FailureCase[] =>
  readFileSync(new URL(file, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as FailureCase);

/** Answers that were observed or are documented. */
export const cases: readonly FailureCase[] = load('failures.jsonl');

/** Answers made up in the dialects of many services, judged before any rule had seen them. */
export const constructed: readonly FailureCase[] = load('constructed.jsonl');

export const noon: number = Date.parse('2026-05-14T12:00:00Z');

export const nowOf = ({ now }: FailureCase): number => (now === undefined ? noon : Date.parse(now));

/** An error as the AI SDK's `APICallError` looks from outside: by its markers. */
export function apiCallError(init: Readonly<Record<string, unknown>>): Error {
  const { message, cause, ...rest } = init;
  const error = new Error(typeof message === 'string' ? message : '', { cause });
  return Object.assign(error, {
    name: 'AI_APICallError',
    [Symbol.for('vercel.ai.error')]: true,
    [Symbol.for('vercel.ai.error.AI_APICallError')]: true,
    url: 'https://api.example.com/v1',
    requestBodyValues: {},
    isRetryable: false,
    ...rest,
  });
}

export const http = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Error =>
  apiCallError({
    statusCode: status,
    responseHeaders: headers,
    responseBody: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** What a call of this case throws, or the error part that its stream brings. */
export function toError(failure: FailureCase): unknown {
  const { networkError, error, body, status, headers, transport } = failure;
  if (networkError !== undefined) {
    const { name, message, code, causeCode, causeMessage, statusCode } = networkError;
    const cause =
      causeCode === undefined
        ? undefined
        : Object.assign(new Error(causeMessage), { code: causeCode });
    if (name === 'AI_APICallError') return apiCallError({ message, statusCode, cause });
    const made = name === 'TypeError' ? new TypeError(message) : new Error(message);
    return Object.assign(made, { name }, code && { code }, cause && { cause });
  }
  if (error !== undefined) {
    const { name, message, lastError } = error;
    return Object.assign(new Error(message), { name }, lastError && { lastError: apiCallError(lastError) });
  }
  if (transport === 'sse') {
    const frames = body as readonly { readonly type?: string; readonly error?: unknown }[];
    const frame = frames.find(item => item.type === 'error' || item.error !== undefined);
    return { type: 'error', error: frame?.error };
  }
  return http(status ?? 0, body, headers);
}

function isSoon(expected: number | null, actual: number | null): boolean {
  if (expected === null || actual === null) return expected === actual;
  return Math.abs(expected - actual) <= Math.max(1500, expected * 0.01);
}

/** The fields that are compared; a duration that is near enough counts as the expected one. */
export function comparable(verdict: Verdict, wait: number | null): Record<string, unknown> {
  const { kind, scope, action, permanent, sharedBy, retryAfterMs } = verdict;
  return {
    kind,
    scope,
    action,
    permanent,
    shared: sharedBy,
    retryAfterMs: isSoon(wait, retryAfterMs) ? wait : retryAfterMs,
  };
}
