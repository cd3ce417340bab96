import { Availability } from './availability.ts';
import { Admission, type Barrier } from './barrier.ts';
import { Limiter } from './limiter.ts';
import type { Key, Route } from './targets.ts';
import type { ToldLimits } from './told-limits.ts';

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
  /** About how many tokens the request takes; 0 where nobody counts them. */
  readonly tokens: number;
  /** The hash of what keeps a conversation together, if anything does. */
  readonly affinity?: number | undefined;
  /** The key that a conversation began with. */
  readonly prefer?: Key | undefined;
  /** Undefined: the call has ruled out nothing yet. */
  readonly rules: Rules | undefined;
}

type BarrierOf = (key: Key, route: Route) => Barrier | undefined;

/** What answers told of the limits of a target. */
export function toldOf(key: Key, route: Route): ToldLimits | undefined {
  return key.account === undefined ? key.known(route)?.told : key.account.told.get(route);
}

/** What may close a route, whatever the key. */
const OF_ROUTE: readonly BarrierOf[] = [
  (_, { provider }) => provider.availability,
  (_, { provider }) => provider.network,
  (_, { provider }) => provider.limiter,
  (_, route) => route.availability,
];

/** What may close a key on a route. */
const OF_KEY: readonly BarrierOf[] = [
  key => key.availability,
  key => key.limiter,
  key => key.account?.availability,
  key => key.account?.limiter,
  (key, route) => key.known(route)?.availability,
  (key, route) => key.known(route)?.limiter,
  (key, route) => key.account?.models.get(route),
  (key, route) => key.account?.limiters.get(route),
  toldOf,
];

// A call, not a spread: what only classifies leaves it out.
const OF_TARGET: readonly BarrierOf[] = /* @__PURE__ */ OF_ROUTE.concat(OF_KEY);

export function isUsableRoute(route: Route, query: Query): boolean {
  const { provider } = route;
  if (provider.removed || query.rules?.allowsRoute(route) === false) return false;
  return !provider.hasBarriers || isOpenRoute(route, query);
}

// Apart, as other things that most calls do not come to: what is small is compiled into its caller.
function isOpenRoute(route: Route, { worst, now, tokens }: Query): boolean {
  for (const of of OF_ROUTE) if ((of(NO_KEY, route)?.check(now, tokens) ?? 0) > worst) return false;
  return true;
}

export function isUsableKey(key: Key, route: Route, query: Query): boolean {
  const { worst, now, rules, tokens } = query;
  if (!key.takesPart(route) || rules?.allowsKey(key, route) === false) return false;
  if (!route.provider.hasBarriers) return true;
  for (const of of OF_KEY) if ((of(key, route)?.check(now, tokens) ?? 0) > worst) return false;
  return true;
}

/** Barriers of routes do not look at the key. */
const NO_KEY = undefined as never;

/** Every limit that an attempt on a target debits. */
export function limitersOf(key: Key, route: Route): readonly Limiter[] {
  const found: Limiter[] = [];
  for (const of of OF_TARGET) {
    const barrier = of(key, route);
    if (barrier instanceof Limiter) found.push(barrier);
  }
  return found;
}

/**
 * What keeps a key closed on a route the longest, as far as it is the key's own. Of a key every
 * pause is a wall, so a query's patience with preferences does not matter.
 */
export function closingKey(
  key: Key,
  route: Route,
  now: number,
  tokens?: number,
): Barrier | undefined {
  return route.provider.hasBarriers ? closingLongest(key, route, now, tokens) : undefined;
}

function closingLongest(
  key: Key,
  route: Route,
  now: number,
  tokens: number | undefined,
): Barrier | undefined {
  let last: Barrier | undefined;
  let until = now;
  for (const of of OF_KEY) {
    const barrier = of(key, route);
    if (barrier === undefined || barrier.check(now, tokens) <= Admission.probe) continue;
    const at = barrier.looksAgainAt(now, tokens);
    if (at > until || last === undefined) [last, until] = [barrier, at];
  }
  return last;
}

/** When something that is closed may be used again. */
export interface Outlook {
  /** When that is expected: epoch ms; Infinity where nobody knows, or only a human helps. */
  readonly at: number;
  /** When it is possible at the earliest: attempts that are under way may open it at any time. */
  readonly possibleAt: number;
  /** What closes it longest; undefined where nothing does. */
  readonly closing: Barrier | undefined;
}

/** What a key lets expect on a route, as far as it is the key's own. */
export function outlookOfKey(key: Key, route: Route, { now, tokens }: Query): Outlook {
  return outlook(OF_KEY, key, route, now, tokens);
}

/** What a route lets expect, whatever the key. */
export function outlookOfRoute(route: Route, { now, tokens }: Query): Outlook {
  return outlook(OF_ROUTE, NO_KEY, route, now, tokens);
}

function outlook(
  all: readonly BarrierOf[],
  key: Key,
  route: Route,
  now: number,
  tokens: number,
): Outlook {
  let [at, possibleAt] = [now, now];
  let closing: Barrier | undefined;
  for (const of of all) {
    const barrier = of(key, route);
    if (barrier === undefined || barrier.check(now, tokens) <= Admission.probe) continue;
    const expectedAt = barrier.expectedAt(now, tokens);
    if (!barrier.isProbing) possibleAt = Math.max(possibleAt, expectedAt);
    if (expectedAt > at || closing === undefined) [closing, at] = [barrier, expectedAt];
  }
  return { at, possibleAt, closing };
}

/** Every scope of a target that ever had trouble. */
export function eachScope(key: Key, route: Route, visit: (scope: Availability) => void): void {
  if (!route.provider.hasBarriers) return;
  for (const of of OF_TARGET) {
    const barrier = of(key, route);
    if (barrier instanceof Availability) visit(barrier);
  }
}
