import { contextLength, rateLimit } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Together: docs.together.ai/docs/error-codes. */
export const togetherai: readonly Rule[] = [
  // The type may say credit_limit: the rate depends on what was paid.
  { is: rateLimit, status: /429/, text: /rate.limit/ },
  // 403 is the prompt's length here
  { is: contextLength, status: /403/, text: /token/ },
];
