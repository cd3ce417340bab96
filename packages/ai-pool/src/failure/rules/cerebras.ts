import { quota } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Cerebras: the code names what is counted, the sentence names the window. */
export const cerebras: readonly Rule[] = [
  { is: quota, code: /quota exceeded/, text: /per day|daily/ },
];
