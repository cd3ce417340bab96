import { billing } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** OpenAI: developers.openai.com error codes. */
export const openai: readonly Rule[] = [
  // Without a code this sentence still means unpaid, but for Google's, where it is any limit.
  { is: billing, text: /^you exceeded your current quota(?!.*google)/, status: /^$|429/ },
];
