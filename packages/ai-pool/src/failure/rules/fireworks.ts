import { billing, overloaded } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Fireworks: docs.fireworks.ai error codes. */
export const fireworks: readonly Rule[] = [
  { is: billing, status: /412/ },
  // Load is shed as a 429 whose code speaks of a deadline.
  { is: overloaded, status: /429/, code: /\brequest_timeout\b/ },
];
