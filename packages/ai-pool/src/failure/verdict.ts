/** What went wrong. */
export type FailureKind =
  | 'rate-limit'
  | 'quota'
  | 'billing'
  | 'auth'
  | 'permission'
  | 'blocked'
  | 'model-not-found'
  | 'context-length'
  | 'too-large'
  | 'content-filter'
  | 'unsupported'
  | 'bad-request'
  | 'overloaded'
  | 'server-error'
  | 'timeout'
  | 'network'
  | 'bad-response'
  | 'aborted'
  | 'unknown';

/** What the failure speaks about: exactly this becomes unavailable (`request`: nothing does). */
export type FailureScope =
  | 'request'
  | 'key'
  | 'key-model'
  | 'account'
  | 'model'
  | 'provider'
  | 'network';

/** What would help first. */
export type FailureAction = 'same-key' | 'next-key' | 'next-model' | 'next-provider' | 'fail';

/** Where a duration comes from: the provider said so, its documentation does, or nobody did. */
export type DurationSource = 'stated' | 'documented' | 'guessed';

/** A classified failure. */
export interface Verdict {
  readonly kind: FailureKind;
  readonly scope: FailureScope;
  readonly action: FailureAction;
  /** Milliseconds until it is worth trying again; null unless `source` is `stated` or `documented`. */
  readonly retryAfterMs: number | null;
  readonly source: DurationSource;
  /** Waiting will not help: a human has to act, or the request has to change. */
  readonly permanent: boolean;
  /** The limit is counted per account: every key of the account meets it. */
  readonly sharedBy?: 'account';
  /** HTTP status, also the effective one inside a 200. */
  readonly status?: number;
}
