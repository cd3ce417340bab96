import { blocked, overloaded, permissionOfTier } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Groq: console.groq.com/docs/errors. */
export const groq: readonly Rule[] = [
  // 498 is flex tier capacity here
  { is: overloaded, status: /498/ },
  { is: permissionOfTier, code: /model terms required/ },
  { is: blocked, status: /403/, text: /network settings/ },
];
