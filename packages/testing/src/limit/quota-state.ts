/** What limits are counted in: requests and tokens per minute and per day. */
export type FakeQuota = 'rpm' | 'tpm' | 'rpd' | 'tpd';

/** Every quota, the short windows first. */
export const quotaNames: readonly FakeQuota[] = ['rpm', 'tpm', 'rpd', 'tpd'];

/** Whether a quota is one of a day. */
export function isDaily(quota: FakeQuota): boolean {
  return quota === 'rpd' || quota === 'tpd';
}

/** Whether a quota counts tokens, not requests. */
export function countsTokens(quota: FakeQuota): boolean {
  return quota === 'tpm' || quota === 'tpd';
}

/** A quota as it stands when an answer is written. */
export interface QuotaState {
  /** Requests or tokens; at least 1, since providers mean "no access" by a limit of 0. */
  limit: number;
  remaining: number;
  /** Milliseconds until the quota is full again. */
  resetMs: number;
}

/** The quotas that are counted for a request: of its key or account, whichever has less left. */
export type QuotaStates = Readonly<Partial<Record<FakeQuota, QuotaState>>>;

/** Of the quotas of requests, or of those of tokens, the one with least left. */
export function tightest(states: QuotaStates, of: 'requests' | 'tokens'): QuotaState | undefined {
  const minute = of === 'requests' ? states.rpm : states.tpm;
  const day = of === 'requests' ? states.rpd : states.tpd;
  return minute && day && day.remaining < minute.remaining ? day : (minute ?? day);
}
