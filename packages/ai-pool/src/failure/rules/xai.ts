import { overloaded, rateLimit } from '../outcomes.ts';
import { aboutBilling } from './phrases.ts';
import type { Rule } from './rule.ts';
import { billing, permissionOfModel } from '../outcomes.ts';

/** xAI: `{code, error}`, both sentences; the same code stands for money and for speed. */
export const xai: readonly Rule[] = [
  { is: billing, status: /429|403/, text: aboutBilling },
  { is: rateLimit, status: /429/ },
  { is: permissionOfModel, status: /403/, text: /acls missing|api-key:model/ },
  { is: overloaded, code: /currently unavailable/ },
];
