import { contextLength, overloaded } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Mistral: numbered codes. */
export const mistral: readonly Rule[] = [
  // The backend is full, not the workspace's limit reached.
  { is: overloaded, status: /429/, text: /capacity/ },
  { is: contextLength, code: /\b3051\b/ },
];
