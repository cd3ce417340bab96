import { rateLimit } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Together, docs.together.ai/docs/error-codes: a rate depends on what was paid (`credit_limit`). */
export const togetherai: readonly Rule[] = [{ is: rateLimit, status: /429/, text: /rate.limit/ }];
