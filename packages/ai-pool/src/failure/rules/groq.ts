import { blocked } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Groq: console.groq.com/docs/errors. */
export const groq: readonly Rule[] = [{ is: blocked, status: /403/, text: /network settings/ }];
