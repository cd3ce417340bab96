import { contextLength } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Together, docs.together.ai/docs/error-codes: 403 is the prompt's length. */
export const togetherai: readonly Rule[] = [{ is: contextLength, status: /403/, text: /token/ }];
