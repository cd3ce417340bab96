import type { Verdict } from '../failure/verdict.ts';
import type { Availability } from './availability.ts';
import type { Target } from './targets.ts';

/** Trouble of a model, provider or the way to it, which says nothing about keys and limits. */
export function isTrouble(verdict: Verdict): boolean {
  return (
    !verdict.permanent &&
    (verdict.scope === 'model' || verdict.scope === 'provider' || verdict.scope === 'network')
  );
}

/** The scope that a verdict closes. A key without a declared account is an account of its own. */
export function scopeOf(verdict: Verdict, target: Target): Availability | undefined {
  const { key, route } = target;
  const account = verdict.sharedBy === 'account' ? key.account : undefined;
  switch (verdict.scope) {
    case 'request':
      return undefined;
    case 'key':
      return (account ?? key).trouble();
    case 'account':
      return (key.account ?? key).trouble();
    case 'key-model':
      return account?.modelTrouble(route) ?? target.trouble();
    case 'model':
      return route.trouble();
    case 'provider':
      return route.provider.trouble();
    case 'network':
      return route.provider.networkTrouble();
  }
}
