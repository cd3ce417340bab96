import type { IncomingHttpHeaders } from 'node:http';

/** The wire protocols that a fake provider can speak. */
export type FakeProtocol = 'openai' | 'google' | 'openrouter' | 'anthropic';

/** One HTTP answer, ready to be written. */
export interface WireAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Who asked for what: the facts that real refusals repeat in their words and headers. */
export interface RefusedRequest {
  /** Epoch milliseconds by the fakes' clock. */
  now: number;
  /** The secret that came with the request, if any. */
  secret: string | undefined;
  /** What limits are counted by: the account of the key, else the key's own id. */
  account: string;
  model: string;
}

/** A quota as it stands when an answer is written. */
export interface QuotaState {
  /** Requests per minute; at least 1, since providers mean "no access" by a limit of 0. */
  limit: number;
  remaining: number;
  /** Milliseconds until the quota is full again. */
  resetMs: number;
}

/**
 * What one provider's wire protocol looks like from outside: where key and model stand in a
 * request, and how the provider words each refusal. Healthy answers are not written here.
 */
export interface Protocol {
  /** What follows the provider's own prefix in `baseURL`. */
  basePath: string;
  readSecret(headers: IncomingHttpHeaders, query: URLSearchParams): string | undefined;
  /** `path` is without the provider's prefix, `body` the parsed JSON body. */
  readModel(path: string, body: unknown): string | undefined;
  readStream(path: string, body: unknown): boolean;
  /** Headers that healthy answers carry about the quota and the account. */
  healthyHeaders(request: RefusedRequest, quota: QuotaState | undefined): Record<string, string>;
  /** Fields that healthy JSON answers carry beside what the model server writes. */
  answerFields?(path: string): Readonly<Record<string, unknown>> | undefined;
  /** The healthy answer to what the model server does not speak. */
  answer?(path: string, body: unknown): WireAnswer | undefined;
  /** `retryAfterMs: null` is the refusal that does not say when to come back. */
  rateLimit(request: RefusedRequest, quota: QuotaState, retryAfterMs: number | null): WireAnswer;
  invalidKey(request: RefusedRequest): WireAnswer;
  noAccess(request: RefusedRequest): WireAnswer;
  missingModel(request: RefusedRequest): WireAnswer;
  overloaded(request: RefusedRequest): WireAnswer;
  /** Whether one event of a stream, as it is written, carries output. */
  isOutput(event: string): boolean;
  /** The event by which a stream tells that it failed. */
  errorEvent(path: string, request: { now: number; model: string }): string;
  /** What this provider answers with `status` when nothing else is known. */
  failure(request: RefusedRequest, status: number): WireAnswer;
}
