import { familyOf, type Family } from '../failure/family.ts';
import { toHeaderMap } from '../failure/headers.ts';
import { quotaFacts } from '../failure/quota-facts.ts';
import type { Lease } from '../scheduling/lease.ts';

/** Whose resets tell when a bucket is full, by their documentation; others mean a window's end. */
const REFILL: ReadonlySet<Family | undefined> = /* @__PURE__ */ new Set<Family | undefined>([
  'openai',
  'azure',
  'groq',
  'anthropic',
]);

/** Takes over what the headers of an answer tell about the limits of its target. */
export function learnLimits(
  { target, told, toldNumber, since }: Lease,
  headers: unknown,
  now: number,
): void {
  const family = familyOf(target.route.provider.family);
  const facts = quotaFacts(toHeaderMap(headers), now, family);
  const useful = facts.filter(({ remaining, resetMs }) => remaining !== undefined && resetMs);
  if (useful.length === 0) return;
  const limits = target.toldLimits();
  const number = limits === told ? toldNumber : undefined;
  limits.tell(useful, REFILL.has(family), now, { at: since, number });
}
