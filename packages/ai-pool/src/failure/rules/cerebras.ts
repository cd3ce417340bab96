import { overloaded, quota, rateLimit } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Cerebras: the codes name what is counted, the sentence names the window. */
export const cerebras: readonly Rule[] = [
  { is: overloaded, code: /\bqueue_exceeded\b/ },
  { is: quota, code: /\b\w+_quota_exceeded\b/, text: /per day|daily/ },
  { is: rateLimit, code: /\b\w+_quota_exceeded\b/ },
];
