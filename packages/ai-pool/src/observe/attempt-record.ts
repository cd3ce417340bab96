import type { FailureKind } from '../failure/verdict.ts';

/** One attempt as it stands in `providerMetadata.pool` and in `PoolExhaustedError.attempts`. */
export interface AttemptRecord {
  readonly provider: string;
  /** The configured model id. */
  readonly model: string;
  /** The key's id, never the secret. */
  readonly key: string;
  /** What went wrong; absent when the attempt answered. */
  readonly kind?: FailureKind;
  /** HTTP status of the failure, where there was one. */
  readonly status?: number;
  /** Milliseconds from dispatch to the answer (streams: to the first output) or to the failure. */
  readonly ms: number;
}
