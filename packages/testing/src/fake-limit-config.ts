import type { FakeQuota } from './limit/quota-state.ts';

/**
 * How a quota is counted. `fixed`: a window opens with its first request and closes after 60 s, or
 * at the end of the provider's day. `token-bucket`: holds the whole quota and refills evenly, all
 * of it in 60 s or 24 h.
 */
export type FakeWindow = 'fixed' | 'token-bucket';

/** How many requests and tokens a key or an account may use. All quotas count at once. */
export interface FakeLimitConfig {
  /** Requests per minute; 0 refuses every request. Default: no limit. */
  rpm?: number;
  /**
   * Tokens per minute; 0 refuses every request. Default: no limit.
   *
   * A request needs room for the tokens of its prompt: the characters of its texts divided by 4,
   * rounded up, at least 1. Once it is answered, it counts for what the answer's usage says
   * instead: input and output tokens, also beyond the quota.
   */
  tpm?: number;
  /**
   * Requests per day; 0 refuses every request. Default: no limit. The day ends as the provider's
   * does: at midnight Pacific time at Google, at 00:00 UTC at OpenRouter and Anthropic; OpenAI's
   * is a bucket that refills evenly over 24 h, or (`fixed`) 24 h from the first request.
   */
  rpd?: number;
  /** Tokens per day, counted as `tpm`, by the day of `rpd`. Default: no limit. */
  tpd?: number;
  /** Requests that are answered at the same time; 0 refuses every request. Default: no limit. */
  maxConcurrency?: number;
  /**
   * How quotas are counted: those of a minute, or each of those that are named. Default: `fixed`,
   * for quotas of a day at OpenAI `token-bucket`.
   */
  window?: FakeWindow | { readonly [Quota in FakeQuota]?: FakeWindow };
  /**
   * Refused requests count, too. They take what is left, and a window of a minute opens anew with
   * each refusal: while it is hammered, it stays closed. Default false.
   */
  countsRefusals?: boolean;
  /** Each model has quotas of its own. Default: quotas for all models together. */
  perModel?: boolean;
  /**
   * The requests of the day are used up; when the provider's day ends, they are there again.
   * Without `rpd` there are as many as a free account has: 20 at Google, 50 at OpenRouter, 10,000
   * at OpenAI (of which one is there again after 8.64 s), 1,000 at Anthropic.
   */
  dailyQuotaUsedUp?: boolean;
  /**
   * What a refusal states as the time to wait, in milliseconds; `null` leaves every hint out.
   * Default: the truth (the whole window where the quota is 0), but about a quota of a day Google
   * states 34,074 as the real one does, and about `maxConcurrency` nobody states anything.
   */
  retryAfterMs?: number | null;
}

/** How a fake provider treats one account. */
export interface FakeAccountConfig extends FakeLimitConfig {
  /**
   * Bills are open or credits used up: every request is refused. 402: with this status, where the
   * provider has it beside another (Google, Anthropic; OpenRouter has no other).
   */
  unpaid?: boolean | 402;
}
