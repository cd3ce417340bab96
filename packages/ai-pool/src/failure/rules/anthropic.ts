import { blocked, permission, quotaOfAccount } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Anthropic: platform.claude.com errors, rate-limits. */
export const anthropic: readonly Rule[] = [
  // Subscriptions count in windows of hours over all models.
  {
    is: quotaOfAccount,
    status: /429/,
    when: e => 'anthropic-ratelimit-unified-reset' in e.headers,
  },
  // The answer to a country or network that is not served.
  { is: blocked, status: /403/, text: /^request not allowed/ },
  { is: permission, text: /credential is only authorized/ },
];
