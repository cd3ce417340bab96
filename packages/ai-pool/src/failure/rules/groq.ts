import { blocked, overloaded } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Groq: console.groq.com/docs/errors. */
export const groq: readonly Rule[] = [
  // 498 is flex tier capacity here
  { is: overloaded, status: /498/ },
  { is: blocked, status: /403/, text: /network settings/ },
];
