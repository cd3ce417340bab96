import { billing, contextLength } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Together: docs.together.ai/docs/error-codes. */
export const togetherai: readonly Rule[] = [
  { is: billing, code: /\bcredit_limit\b/ },
  // 403 is the prompt's length here
  { is: contextLength, status: /403/, text: /token/ },
];
