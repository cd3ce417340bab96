import { read } from './failure/read.ts';
import type { AttemptRecord } from './observe/attempt-record.ts';

const CONFIG_MARKER = Symbol.for('ai-pool.error.PoolConfigError');
const EXHAUSTED_MARKER = Symbol.for('ai-pool.error.PoolExhaustedError');

/** Markers by which every version of the AI SDK knows an APICallError, without `instanceof`. */
const SDK_MARKER = Symbol.for('vercel.ai.error');
const API_CALL_MARKER = Symbol.for('vercel.ai.error.AI_APICallError');

/**
 * A mistake in the configuration or in `providerOptions.pool`, thrown before anything is called.
 * It names the setting and never contains a secret.
 */
export class PoolConfigError extends Error {
  /** Where the setting stands, e.g. `providers[1].keys[0]`. */
  readonly path: string;

  constructor(path: string, message: string, options?: { cause?: unknown }) {
    super(path === '' ? message : `${path}: ${message}`, options);
    this.name = 'PoolConfigError';
    this.path = path;
    mark(this, CONFIG_MARKER);
  }

  /** Recognises the error across copies of this package. */
  static isInstance(error: unknown): error is PoolConfigError {
    return read(error, CONFIG_MARKER) === true;
  }
}

/** What `PoolExhaustedError` takes over from the failure it ends on. */
export interface ExhaustedDetails {
  readonly message: string;
  readonly attempts: readonly AttemptRecord[];
  readonly isRetryable: boolean;
  readonly retryAt: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly statusCode: number | undefined;
  readonly responseHeaders: Record<string, string> | undefined;
  readonly responseBody: string | undefined;
  readonly data: unknown;
  readonly url: string;
  readonly cause: unknown;
}

/**
 * No target could serve the call. An APICallError for the AI SDK, with the status, headers, body
 * and data of the last failure; `cause` is the member's own error.
 *
 * When every failure is one that time heals and a target is expected within 60 s, it is
 * retryable and carries `retry-after-ms`, so that the SDK's own `maxRetries` comes back exactly
 * when it is worth it.
 */
export class PoolExhaustedError extends Error {
  /** Every attempt of this call, in order; empty when each target was closed before. */
  declare readonly attempts: readonly AttemptRecord[];
  /** Epoch milliseconds at which a target is expected to be usable again. */
  declare readonly retryAt: number | undefined;
  /** The same as a distance, in milliseconds. */
  declare readonly retryAfterMs: number | undefined;
  declare readonly isRetryable: boolean;
  declare readonly statusCode: number | undefined;
  declare readonly responseHeaders: Record<string, string> | undefined;
  declare readonly responseBody: string | undefined;
  declare readonly data: unknown;
  declare readonly url: string;
  /** Always empty: a prompt does not belong in an error. */
  readonly requestBodyValues: Record<string, never> = {};

  constructor({ message, cause, ...details }: ExhaustedDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'PoolExhaustedError';
    Object.assign(this, details);
    for (const marker of [EXHAUSTED_MARKER, SDK_MARKER, API_CALL_MARKER]) mark(this, marker);
  }

  /** Recognises the error across copies of this package. */
  static isInstance(error: unknown): error is PoolExhaustedError {
    return read(error, EXHAUSTED_MARKER) === true;
  }
}

/** Markers are hidden: they are for recognition, not for logs. */
function mark(error: Error, marker: symbol): void {
  Object.defineProperty(error, marker, { value: true });
}
