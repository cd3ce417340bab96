/** Why a fake provider refused a request. */
export type FakeRefusal =
  /** The key's quota is used up. */
  | 'rate-limit'
  /** No key, or one that the provider does not know. */
  | 'invalid-key'
  /** The key may not use the model. */
  | 'no-access'
  | 'missing-model'
  | 'overloaded'
  /** The provider is down. */
  | 'down'
  /** A free-form refusal of a key or a model, or a scripted fault. */
  | 'scripted';

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
  /** The HTTP status that was answered; 0 while there is none, and for a broken connection. */
  readonly status: number;
  readonly refusal?: FakeRefusal;
  /** The time to wait that the refusal stated, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The client went away before the answer was complete. */
  readonly aborted?: boolean;
}
