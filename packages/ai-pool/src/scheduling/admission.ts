import { Admission, type Availability } from './availability.ts';
import type { Key, Route } from './targets.ts';

/** What a call has ruled out for itself. */
export interface Rules {
  allowsRoute(route: Route): boolean;
  allowsKey(key: Key, route: Route): boolean;
}

/** What a choice among targets goes by. */
export interface Query {
  /** What an admission may be at worst. */
  readonly worst: Admission;
  /** Epoch ms. */
  readonly now: number;
  /** Undefined: the call has ruled out nothing yet. */
  readonly rules: Rules | undefined;
}

export function isUsableRoute(route: Route, { worst, now, rules }: Query): boolean {
  if (route.provider.removed) return false;
  if (rules !== undefined && !rules.allowsRoute(route)) return false;
  const { provider } = route;
  return (
    !provider.everTroubled ||
    (check(provider.availability, now) <= worst &&
      check(provider.network, now) <= worst &&
      check(route.availability, now) <= worst)
  );
}

export function isUsableKey(key: Key, route: Route, { worst, now, rules }: Query): boolean {
  if (!key.takesPart(route)) return false;
  if (rules !== undefined && !rules.allowsKey(key, route)) return false;
  if (!route.provider.everTroubled) return true;
  const { account } = key;
  return (
    check(key.availability, now) <= worst &&
    check(key.known(route)?.availability, now) <= worst &&
    (account === undefined ||
      (check(account.availability, now) <= worst && check(account.models.get(route), now) <= worst))
  );
}

function check(scope: Availability | undefined, now: number): Admission {
  return scope === undefined ? Admission.open : scope.check(now);
}

/** Every scope of a target that ever had trouble. */
export function eachScope(key: Key, route: Route, visit: (scope: Availability) => void): void {
  const { provider } = route;
  if (!provider.everTroubled) return;
  if (provider.availability !== undefined) visit(provider.availability);
  if (provider.network !== undefined) visit(provider.network);
  if (route.availability !== undefined) visit(route.availability);
  if (key.availability !== undefined) visit(key.availability);
  const target = key.known(route)?.availability;
  if (target !== undefined) visit(target);
  if (key.account === undefined) return;
  if (key.account.availability !== undefined) visit(key.account.availability);
  const model = key.account.models.get(route);
  if (model !== undefined) visit(model);
}
