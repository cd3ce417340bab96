import type { IncomingHttpHeaders } from 'node:http';
import type { FullReply } from '../full-reply.ts';
import type { ProviderDay } from '../limit/provider-day.ts';
import type { FakeQuota, QuotaState, QuotaStates } from '../limit/quota-state.ts';

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
  /** Where the provider keeps what it has made for this account. */
  home: string;
  model: string;
  /** Without the provider's prefix. */
  path: string;
  /** Whether a streamed answer was asked for. */
  stream: boolean;
  /** Those of the prompt. */
  tokens: number;
}

/** A refusal by quotas that are used up. */
interface UsedUp {
  /** Of the quotas that refuse, the one that lasts longest. */
  quota: FakeQuota;
  /** As it stands. */
  state: QuotaState;
  /** Requests or tokens that were asked of it; more than its limit: never served. */
  requested: number;
  /** Every quota that refuses, the short windows first. */
  refusing: readonly { quota: FakeQuota; state: QuotaState }[];
  /** Every quota that is counted. */
  states: QuotaStates;
}

/** A request that the model server answers. */
interface AnsweredRequest extends Pick<RefusedRequest, 'home' | 'model' | 'path'> {
  /** The parsed JSON body. */
  body: unknown;
  /** Known once the model server answers. */
  usage: () => FullReply['usage'];
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
  /** Whether the prompt ends with a message of the assistant, for the model to go on with. */
  readPrefill(path: string, body: unknown): boolean;
  /** How quotas of a day are counted. */
  day: ProviderDay;
  /** Headers that healthy answers carry about the quotas and the account. */
  healthyHeaders(request: RefusedRequest, states: QuotaStates): Record<string, string>;
  /** What the model server gets instead of a body that it does not take though the provider does. */
  readonly toUpstream?: (body: unknown) => unknown;
  /**
   * Mends the text of one answer where the model server does not speak as the provider does, of a
   * stream event by event; ids and signatures in it are the provider's own then.
   */
  readonly fromUpstream?: (answered: AnsweredRequest) => (text: string) => string;
  /** The refusal of a prompt with ids or signatures in it that somebody else handed out. */
  foreign?(request: RefusedRequest, body: unknown): WireAnswer | undefined;
  /** Fields that healthy JSON answers carry beside what the model server writes. */
  answerFields?(path: string): Readonly<Record<string, unknown>> | undefined;
  /** The healthy answer to what the model server does not speak. */
  answer?(path: string, body: unknown): WireAnswer | undefined;
  /** `retryAfterMs: null` is the refusal that does not say when to come back. */
  usedUp(request: RefusedRequest, used: UsedUp, retryAfterMs: number | null): WireAnswer;
  /** `limit` requests are being answered; `retryAfterMs` as above. */
  busy(request: RefusedRequest, limit: number, retryAfterMs: number | null): WireAnswer;
  invalidKey(request: RefusedRequest): WireAnswer;
  leaked(request: RefusedRequest): WireAnswer;
  /** The account is unpaid; `with402`: with status 402 where there is a choice. */
  unpaid(request: RefusedRequest, with402: boolean): WireAnswer;
  noAccess(request: RefusedRequest): WireAnswer;
  missingModel(request: RefusedRequest): WireAnswer;
  overloaded(request: RefusedRequest): WireAnswer;
  /** The prompt is longer than the model's context. */
  contextLength(request: RefusedRequest): WireAnswer;
  /** The prompt was filtered. */
  contentFilter(request: RefusedRequest): WireAnswer;
  /** The model does not go on with a message of the assistant. */
  noPrefill(request: RefusedRequest): WireAnswer;
  /** Whether one event of a stream, as it is written, carries output. */
  isOutput(event: string): boolean;
  /** Whether it says that the stream is complete. */
  isEnd(event: string): boolean;
  /** What a stream sends while there is nothing to say. */
  keepAlive(path: string): string;
  /** The event by which a stream tells that it failed. */
  errorEvent(path: string, request: { now: number; model: string }): string;
  /** The body, as JSON, by which an answer with status 200 tells that it failed. */
  errorBody(path: string, request: { now: number; model: string }): object;
  /** What this provider answers with `status` when nothing else is known. */
  failure(request: RefusedRequest, status: number): WireAnswer;
}
