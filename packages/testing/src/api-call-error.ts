import { STATUS_CODES } from 'node:http';

/** What an `APICallError` of the AI SDK tells. */
export interface ApiCallErrorOptions {
  /** Default: the message inside `data` or `responseBody`, else the phrase of the status. */
  message?: string;
  /** Without a status it is an error of the connection. */
  statusCode?: number;
  /** Names in lower case, as providers hand them on. */
  responseHeaders?: Record<string, string>;
  /** Default: `data` as JSON. */
  responseBody?: string;
  /** The parsed body, as far as the provider package knows it. */
  data?: unknown;
  url?: string;
  requestBodyValues?: unknown;
  /** Default: as the AI SDK decides by status (408, 409, 429 and from 500 on). */
  isRetryable?: boolean;
  cause?: unknown;
}

/** An error that every AI SDK takes for its own `APICallError`. */
export interface ApiCallError extends Error {
  name: 'AI_APICallError';
  url: string;
  requestBodyValues: unknown;
  statusCode: number | undefined;
  responseHeaders: Record<string, string> | undefined;
  responseBody: string | undefined;
  isRetryable: boolean;
  data: unknown;
}

/**
 * Makes an `APICallError` without the AI SDK: an `Error` with its fields and with the markers
 * that `APICallError.isInstance` looks for in every generation.
 */
export function apiCallError(options: ApiCallErrorOptions = {}): ApiCallError {
  const { statusCode, responseHeaders, data, cause } = options;
  const responseBody =
    options.responseBody ?? (data === undefined ? undefined : JSON.stringify(data));
  const message = options.message ?? messageIn(data) ?? messageOf(statusCode);
  const error = new Error(message, cause === undefined ? undefined : { cause });
  return Object.assign(error, {
    [Symbol.for('vercel.ai.error')]: true,
    [Symbol.for('vercel.ai.error.AI_APICallError')]: true,
    name: 'AI_APICallError' as const,
    url: options.url ?? 'https://fake.test/v1',
    requestBodyValues: options.requestBodyValues ?? {},
    statusCode,
    responseHeaders,
    responseBody,
    isRetryable: options.isRetryable ?? isRetryableStatus(statusCode),
    data,
  });
}

function isRetryableStatus(status: number | undefined): boolean {
  if (status === undefined) return false;
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

function messageIn(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || !('error' in data)) return undefined;
  const { error } = data;
  if (typeof error !== 'object' || error === null || !('message' in error)) return undefined;
  return typeof error.message === 'string' ? error.message : undefined;
}

function messageOf(status: number | undefined): string {
  if (status === undefined) return 'Cannot connect to API: fetch failed';
  return STATUS_CODES[status] ?? `HTTP ${status}`;
}
