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
  return (
    key.takesPart(route) &&
    (rules === undefined || rules.allowsKey(key, route)) &&
    (!route.provider.everTroubled ||
      eachKeyScope(key, route, scope => scope.check(now) > worst) === undefined)
  );
}

/**
 * When the key's own scopes let it be used for a route: epoch ms, in the past where they do now.
 * Of a key every pause is a wall, so a query's patience with preferences does not matter.
 */
export function closedUntil(key: Key, route: Route, { now }: Query): number {
  let until = 0;
  if (!route.provider.everTroubled) return until;
  eachKeyScope(key, route, scope => {
    if (scope.check(now) > Admission.probe) until = Math.max(until, scope.looksAgainAt(now));
    return false;
  });
  return until;
}

/** The scopes of a key on a route that ever had trouble; stops at the first that is looked for. */
function eachKeyScope(
  key: Key,
  route: Route,
  isIt: (scope: Availability) => boolean,
): Availability | undefined {
  const { account } = key;
  const target = key.known(route)?.availability;
  if (key.availability !== undefined && isIt(key.availability)) return key.availability;
  if (target !== undefined && isIt(target)) return target;
  if (account === undefined) return undefined;
  if (account.availability !== undefined && isIt(account.availability)) {
    return account.availability;
  }
  const model = account.models.get(route);
  return model !== undefined && isIt(model) ? model : undefined;
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
  eachKeyScope(key, route, scope => {
    visit(scope);
    return false;
  });
}
