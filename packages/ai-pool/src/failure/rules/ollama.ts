import { modelTooBig, overloaded } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Ollama: plain sentences, most of them on a 500. */
export const ollama: readonly Rule[] = [
  { is: modelTooBig, text: /requires more (system )?memory/ },
  { is: overloaded, status: /5../, text: /out of memory/ },
];
