import { auth, ofAccount, quotaOfKey, until } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Cohere: one sentence for all limits of a trial key, told apart by the window it names. */
export const cohere: readonly Rule[] = [
  {
    is: until(ofAccount(quotaOfKey), 'utc-month'),
    status: /429/,
    text: /(\/|per) ?month|monthly/,
  },
  // docs.cohere.com/reference/errors: 498 is an invalid token
  { is: auth, status: /498/ },
];
