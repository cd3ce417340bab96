import { permissionOfModel } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/**
 * xAI: `{code, error}`, both sentences. One code stands for money and for speed, so the general
 * phrases decide; only its access lists are its own.
 */
export const xai: readonly Rule[] = [
  { is: permissionOfModel, status: /403/, text: /acls missing|api-key:model/ },
];
