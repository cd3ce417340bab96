import type { FakeQuota } from './limit/quota-state.ts';

/** Why a fake provider refused a request. */
export type FakeRefusal =
  /** A quota of a minute is used up, or `maxConcurrency` requests are being answered. */
  | 'rate-limit'
  /** A quota of a day is used up. */
  | 'quota'
  /** The prompt alone has more tokens than a whole quota. */
  | 'too-large'
  /** The account is unpaid. */
  | 'unpaid'
  /** The key was reported as leaked. */
  | 'leaked'
  /** No key, or one that the provider does not know. */
  | 'invalid-key'
  /** The key may not use the model. */
  | 'no-access'
  | 'missing-model'
  | 'overloaded'
  /**
   * The prompt refers to what another account keeps, or carries encrypted reasoning or a signature
   * that somebody else has made.
   */
  | 'foreign'
  /** The provider is down. */
  | 'down'
  /** A free-form refusal of a key or a model, or a scripted fault. */
  | 'scripted';

/** The limit that refused a request: of those that did, the one that lasts longest. */
export interface FakeLimitedBy {
  readonly limit: FakeQuota | 'maxConcurrency';
  /** Whose limit it is. */
  readonly of: 'key' | 'account';
}

/** One request, as a fake provider saw it. Filled in while the request is answered. */
export interface FakeRequest<Name extends string = string> {
  readonly provider: Name;
  /** The id of the key, never its secret; undefined where the request carried none. */
  readonly key: string | undefined;
  /** The account of the key, where one is configured. */
  readonly account: string | undefined;
  readonly model: string | undefined;
  /** Epoch milliseconds by the fakes' clock. */
  readonly at: number;
  /** The path below the provider's `baseURL`, without the query. */
  readonly path: string;
  /** Whether a streamed answer was asked for. */
  readonly stream: boolean;
  /**
   * Tokens by the rule of `tpm`: those of the prompt, and once it is answered those of its usage,
   * input and output.
   */
  readonly tokens: number;
  /** The HTTP status that was answered; 0 while there is none, and for a broken connection. */
  readonly status: number;
  readonly refusal?: FakeRefusal;
  /** With the refusals `rate-limit`, `quota` and `too-large` by a limit. */
  readonly limitedBy?: FakeLimitedBy;
  /** The time to wait that the refusal stated, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The client went away before the answer was complete. */
  readonly aborted?: boolean;
}
