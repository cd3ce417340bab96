import type {
  DurationSource,
  FailureAction,
  FailureKind,
  FailureScope,
} from '../failure/verdict.ts';

/** A target by its public names. */
export interface TargetRef {
  readonly provider: string;
  readonly model: string;
  readonly key: string;
}

interface OfCall {
  readonly callId: string;
  /** Number of the attempt within its call, from 1. */
  readonly attempt: number;
}

interface Timed {
  /** Epoch milliseconds of the pool's clock. */
  readonly at: number;
}

interface SwitchDetails extends OfCall, Timed {
  readonly from: TargetRef;
  readonly to: TargetRef;
  /** The kind of failure that caused the move. */
  readonly kind: FailureKind;
  /** `meta` of the provider entry that the call moves to. */
  readonly meta?: unknown;
}

/** What became available or unavailable. `account` with a `model` is that model for the account. */
export interface ScopeRef {
  readonly scope: Exclude<FailureScope, 'request'>;
  readonly provider: string;
  readonly key?: string;
  readonly account?: string;
  readonly model?: string;
}

interface ScopeDetails extends ScopeRef, Timed {
  readonly callId?: string;
  readonly attempt?: number;
  readonly kind?: FailureKind;
}

export type PoolEvent =
  | ({ readonly type: 'attempt' } & TargetRef & OfCall & Timed)
  | ({ readonly type: 'success'; readonly ms: number } & TargetRef & OfCall & Timed)
  | ({
      readonly type: 'failure';
      readonly ms: number;
      readonly kind: FailureKind;
      readonly scope: FailureScope;
      readonly action: FailureAction;
      readonly status?: number;
    } & TargetRef &
      OfCall &
      Timed)
  | ({ readonly type: 'key-rotated' } & SwitchDetails)
  | ({ readonly type: 'model-switched' } & SwitchDetails)
  | ({ readonly type: 'provider-switched' } & SwitchDetails)
  | ({
      readonly type: 'cooled';
      /** Epoch milliseconds at which the pause ends. */
      readonly until: number;
      readonly source: DurationSource;
    } & ScopeDetails)
  | ({ readonly type: 'disabled'; readonly reason: string } & ScopeDetails)
  | ({ readonly type: 'recovered' } & ScopeDetails)
  | ({
      readonly type: 'provider-exhausted';
      readonly provider: string;
      readonly callId?: string;
      readonly attempt?: number;
    } & Timed)
  | ({
      readonly type: 'reset';
      /** Undefined: every provider. */
      readonly provider?: string;
      /** How many scopes were opened. */
      readonly count: number;
    } & Timed)
  | ({
      readonly type: 'config-changed';
      readonly change:
        | 'provider-added'
        | 'provider-removed'
        | 'key-added'
        | 'key-removed'
        | 'weight-set'
        /** Its answers name the same organisation or project as those of another key. */
        | 'account-learned';
      readonly provider: string;
      readonly key?: string;
      readonly account?: string;
    } & Timed)
  | ({
      readonly type: 'exhausted';
      readonly callId: string;
      readonly attempts: number;
      readonly retryAt?: number;
    } & Timed)
  | ({
      readonly type: 'waiting';
      readonly callId: string;
      /** Epoch milliseconds at which the call looks again. */
      readonly until: number;
    } & Timed)
  | ({
      readonly type: 'listener-failed';
      readonly event: string;
      /** What the listener threw, as text. */
      readonly reason: string;
    } & Timed);

export type PoolEventType = PoolEvent['type'];
export type PoolEventOf<T extends PoolEventType> = Extract<PoolEvent, { readonly type: T }>;
export type PoolListener<T extends PoolEventType = PoolEventType> = (
  event: PoolEventOf<T>,
) => unknown;
/** Listeners by event. */
export type PoolListeners = { readonly [T in PoolEventType]?: PoolListener<T> };
