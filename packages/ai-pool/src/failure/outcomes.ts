import type { Reset } from './resets.ts';
import type { FailureAction, FailureKind, FailureScope } from './verdict.ts';

/** What a rule concludes: a verdict without its time. */
export interface Outcome {
  readonly kind: FailureKind;
  readonly scope: FailureScope;
  readonly action: FailureAction;
  readonly permanent: boolean;
  /** The limit is counted per account. */
  readonly shared: boolean;
  /** When the provider's documentation says that the limit starts anew. */
  readonly reset?: Reset;
}

/** What is left to try when a scope is closed. */
const outside = (scope: FailureScope): FailureAction => {
  if (/key|acc/.test(scope)) return 'next-key';
  return /pro|net/.test(scope) ? 'next-provider' : 'next-model';
};

const waits = (
  kind: FailureKind,
  scope: FailureScope,
  action: FailureAction = outside(scope),
  more?: Partial<Outcome>,
): Outcome => ({ kind, scope, action, permanent: false, shared: false, ...more });

/** Waiting does not help: a human has to act, or the request has to change. */
const stays = (kind: FailureKind, scope: FailureScope, action?: FailureAction): Outcome =>
  waits(kind, scope, action, { permanent: true });

/** The same, of a limit or a right that all keys of an account share. */
export const ofAccount = (outcome: Outcome): Outcome => ({ ...outcome, shared: true });

/** The same, until a documented moment. */
export const until = (outcome: Outcome, reset: Reset): Outcome => ({ ...outcome, reset });

// Limits that time heals.
export const rateLimit: Outcome = ofAccount(waits('rate-limit', 'key-model'));
export const rateLimitOfKey: Outcome = waits('rate-limit', 'key-model');
export const rateLimitOfAccount: Outcome = waits('rate-limit', 'account');
/** An edge limits the caller's address: no key of this provider gets through. */
export const rateLimitOfAddress: Outcome = waits('rate-limit', 'provider');
export const quota: Outcome = ofAccount(waits('quota', 'key-model'));
export const quotaOfKey: Outcome = waits('quota', 'key');
export const quotaOfAccount: Outcome = waits('quota', 'account');

// Money.
export const billing: Outcome = stays('billing', 'account');
export const billingOfKey: Outcome = stays('billing', 'key');
/** This request costs more than what is left: a smaller one passes. */
export const billingOfRequest: Outcome = waits('billing', 'request', 'next-key');

// Keys and access.
export const auth: Outcome = stays('auth', 'key');
export const authOfAccount: Outcome = stays('auth', 'account');
/** A token that is refreshed by the credential's own provider, not by a human. */
export const authExpired: Outcome = waits('auth', 'key');
export const permission: Outcome = stays('permission', 'key');
export const permissionOfModel: Outcome = stays('permission', 'key-model');
export const permissionOfTier: Outcome = ofAccount(permissionOfModel);
export const permissionOfAccount: Outcome = stays('permission', 'account');
export const blocked: Outcome = stays('blocked', 'provider');
export const blockedByEdge: Outcome = waits('blocked', 'provider');
export const blockedModel: Outcome = stays('blocked', 'model');
export const modelNotFound: Outcome = stays('model-not-found', 'model');

// The request.
export const contextLength: Outcome = stays('context-length', 'request');
export const tooLarge: Outcome = stays('too-large', 'request');
export const contentFilter: Outcome = stays('content-filter', 'request');
export const unsupported: Outcome = stays('unsupported', 'request');
export const badRequest: Outcome = stays('bad-request', 'request', 'fail');

// The other side.
export const overloaded: Outcome = waits('overloaded', 'model');
/** The model does not fit the machine that should run it. */
export const modelTooBig: Outcome = stays('overloaded', 'model');
export const serverError: Outcome = waits('server-error', 'provider', 'same-key');
/** One upstream of a router failed. */
export const upstreamError: Outcome = waits('server-error', 'model');
/** The model produced something unusable; the same request may pass. */
export const modelError: Outcome = waits('server-error', 'model', 'same-key');
export const timeout: Outcome = waits('timeout', 'model');
export const badResponse: Outcome = waits('bad-response', 'provider', 'same-key');
/** Nothing of this API is at that address. */
export const wrongAddress: Outcome = stays('bad-response', 'provider');

// The way there.
export const networkCut: Outcome = waits('network', 'network', 'same-key');
export const networkUnreachable: Outcome = waits('network', 'network');
export const networkMisconfigured: Outcome = stays('network', 'network');

export const aborted: Outcome = waits('aborted', 'request', 'fail');
export const unknown: Outcome = waits('unknown', 'request');
