import {
  authOfAccount,
  blocked,
  overloaded,
  permissionOfModel,
  permissionOfTier,
} from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Groq: console.groq.com/docs/errors. */
export const groq: readonly Rule[] = [
  // 498 is flex tier capacity here
  { is: overloaded, status: /498/ },
  { is: permissionOfModel, code: /\bmodel permission blocked \w+/ },
  { is: permissionOfTier, code: /\bmodel terms required\b/ },
  { is: authOfAccount, code: /\borganization restricted\b/ },
  { is: blocked, status: /403/, text: /network settings/ },
];
