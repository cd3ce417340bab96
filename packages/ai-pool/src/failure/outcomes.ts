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

const waits = (
  kind: FailureKind,
  scope: FailureScope,
  action: FailureAction,
  shared = false,
): Outcome => ({ kind, scope, action, permanent: false, shared });

/** Waiting does not help: a human has to act, or the request has to change. */
const stays = (
  kind: FailureKind,
  scope: FailureScope,
  action: FailureAction,
  shared = false,
): Outcome => ({ kind, scope, action, permanent: true, shared });

// Limits that time heals.
export const rateLimit: Outcome = waits('rate-limit', 'key-model', 'next-key', true);
export const rateLimitOfKey: Outcome = waits('rate-limit', 'key-model', 'next-key');
export const rateLimitOfAccount: Outcome = waits('rate-limit', 'account', 'next-key');
/** An edge limits the caller's address: no key of this provider gets through. */
export const rateLimitOfAddress: Outcome = waits('rate-limit', 'provider', 'next-provider');
export const quota: Outcome = waits('quota', 'key-model', 'next-key', true);
export const quotaOfKey: Outcome = waits('quota', 'key', 'next-key');
export const quotaOfAccount: Outcome = waits('quota', 'account', 'next-key');

// Money.
export const billing: Outcome = stays('billing', 'account', 'next-key');
export const billingOfKey: Outcome = stays('billing', 'key', 'next-key');
/** This request costs more than what is left: a smaller one passes. */
export const billingOfRequest: Outcome = waits('billing', 'request', 'next-key');

// Keys and access.
export const auth: Outcome = stays('auth', 'key', 'next-key');
export const authOfAccount: Outcome = stays('auth', 'account', 'next-key');
/** A token that is refreshed by the credential's own provider, not by a human. */
export const authExpired: Outcome = waits('auth', 'key', 'next-key');
export const permission: Outcome = stays('permission', 'key', 'next-key');
export const permissionOfModel: Outcome = stays('permission', 'key-model', 'next-key');
export const permissionOfTier: Outcome = stays('permission', 'key-model', 'next-key', true);
export const permissionOfAccount: Outcome = stays('permission', 'account', 'next-key');
export const blocked: Outcome = stays('blocked', 'provider', 'next-provider');
export const blockedByEdge: Outcome = waits('blocked', 'provider', 'next-provider');
export const blockedModel: Outcome = stays('blocked', 'model', 'next-model');
export const modelNotFound: Outcome = stays('model-not-found', 'model', 'next-model');

// The request.
export const contextLength: Outcome = stays('context-length', 'request', 'next-model');
export const tooLarge: Outcome = stays('too-large', 'request', 'next-model');
export const contentFilter: Outcome = stays('content-filter', 'request', 'next-model');
export const unsupported: Outcome = stays('unsupported', 'request', 'next-model');
export const badRequest: Outcome = stays('bad-request', 'request', 'fail');

// The other side.
export const overloaded: Outcome = waits('overloaded', 'model', 'next-model');
/** The model does not fit the machine that should run it. */
export const modelTooBig: Outcome = stays('overloaded', 'model', 'next-model');
export const serverError: Outcome = waits('server-error', 'provider', 'same-key');
/** One upstream of a router failed. */
export const upstreamError: Outcome = waits('server-error', 'model', 'next-model');
/** The model produced something unusable; the same request may pass. */
export const modelError: Outcome = waits('server-error', 'model', 'same-key');
export const timeout: Outcome = waits('timeout', 'model', 'next-model');
export const badResponse: Outcome = waits('bad-response', 'provider', 'same-key');
/** Nothing of this API is at that address. */
export const wrongAddress: Outcome = stays('bad-response', 'provider', 'next-provider');

// The way there.
export const networkCut: Outcome = waits('network', 'network', 'same-key');
export const networkUnreachable: Outcome = waits('network', 'network', 'next-provider');
export const networkMisconfigured: Outcome = stays('network', 'network', 'next-provider');

export const aborted: Outcome = waits('aborted', 'request', 'fail');
export const unknown: Outcome = waits('unknown', 'request', 'next-model');
