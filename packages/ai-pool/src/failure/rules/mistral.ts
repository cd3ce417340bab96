import { contextLength } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Mistral: numbered codes; 3051 is a prompt longer than the model's context. */
export const mistral: readonly Rule[] = [{ is: contextLength, code: /^3051$/m }];
