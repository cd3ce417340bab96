import type { WindowEnd } from './fixed-window.ts';

/** How a provider counts quotas of a day. */
export interface ProviderDay {
  /** When the day ends that `now` is in. */
  end: WindowEnd;
  /** How a quota is counted that says nothing about it. */
  window: 'fixed' | 'token-bucket';
  /** Requests per day where none are configured: what the provider gives to a free account. */
  requests: number;
  /** What refusals state as the time to wait, in milliseconds, where that is not the truth. */
  statedMs?: number;
}
