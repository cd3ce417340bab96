import { billing } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Fireworks: docs.fireworks.ai error codes. */
export const fireworks: readonly Rule[] = [{ is: billing, status: /412/ }];
