import {
  permissionOfAccount,
  permissionOfTier,
  rateLimitOfAccount,
  unsupported,
} from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Vercel AI Gateway: @ai-sdk/gateway error types. */
export const gateway: readonly Rule[] = [
  { is: permissionOfTier, code: /free tier|model restricted/ },
  // "Free" accounts are refused for a while; another account's key is not.
  { is: permissionOfAccount, code: /no providers available/, text: /free credits/ },
  { is: unsupported, code: /no providers available/ },
  // 424: not available on the credentials or provider used; the request has to change.
  { is: unsupported, status: /424/ },
  { is: rateLimitOfAccount, status: /429/ },
  // A team's rule denies this, not the key as such.
  { is: permissionOfTier, code: /forbidden/ },
];
