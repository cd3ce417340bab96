import { defined } from '../defined.ts';
import { eachScope, limitersOf } from '../scheduling/admission.ts';
import type { Availability, State } from '../scheduling/availability.ts';
import type { Headroom } from '../scheduling/limiter.ts';
import type { Key, Provider, Route } from '../scheduling/targets.ts';

/** Whether something can be used now, and if not, until when and why. */
export interface ScopeStatus {
  readonly state: State;
  /** Epoch milliseconds at which the pause ends. */
  readonly until?: number;
  /** Kind of the failure that closed it, or what was given with `disable`. */
  readonly reason?: string;
}

/** attempts = successes + failures + aborted + inFlight, and equal what upstream saw. */
export interface KeyUsage {
  readonly attempts: number;
  readonly successes: number;
  readonly failures: number;
  readonly aborted: number;
  readonly inFlight: number;
  /** Epoch milliseconds. */
  readonly lastUsedAt?: number;
}

export interface KeyStatus extends ScopeStatus {
  readonly id: string;
  readonly label?: string;
  readonly account?: string;
  readonly usage: KeyUsage;
}

export interface ModelStatus extends ScopeStatus {
  readonly id: string;
}

export interface TargetStatus extends ScopeStatus {
  /** The key's id. */
  readonly key: string;
  readonly model: string;
  /** What the declared limits still allow now; absent where nothing is limited. */
  readonly headroom?: Headroom;
}

/** A provider; each part shows the state of its own scope, `targets` what results. */
export interface ProviderStatus extends ScopeStatus {
  readonly name: string;
  readonly keys: readonly KeyStatus[];
  readonly models: readonly ModelStatus[];
  readonly targets: readonly TargetStatus[];
}

export interface PoolStatus {
  readonly providers: readonly ProviderStatus[];
}

export function statusOf(providers: readonly Provider[], now: number): PoolStatus {
  return { providers: providers.map(provider => providerStatus(provider, now)) };
}

function providerStatus(provider: Provider, now: number): ProviderStatus {
  const keys = [...provider.keys.values()];
  return {
    name: provider.name,
    ...worst([provider.availability, provider.network], now),
    keys: keys.map(key => keyStatus(key, now)),
    models: provider.routes.map(route => ({
      id: route.model,
      ...worst([route.availability], now),
    })),
    targets: provider.routes.flatMap(route =>
      keys
        .filter(key => key.serves(route))
        .map(key => ({
          key: key.id,
          model: route.model,
          ...worst(scopesOf(key, route), now),
          ...headroom(key, route, now),
        })),
    ),
  };
}

function keyStatus(key: Key, now: number): KeyStatus {
  const { label } = key.plan;
  const account = key.account?.id;
  return defined<KeyStatus>({
    id: key.id,
    label,
    account,
    ...worst([key.availability, key.account?.availability], now),
    usage: defined<KeyUsage>(key.usage),
  });
}

function scopesOf(key: Key, route: Route): Availability[] {
  const scopes: Availability[] = [];
  eachScope(key, route, scope => scopes.push(scope));
  return scopes;
}

/** What the tightest of the limits allows. */
function headroom(key: Key, route: Route, now: number): { headroom?: Headroom } {
  // Made now, so that a limit by key and model shows before the first attempt.
  if (route.plan.limits !== undefined) key.target(route);
  if (!route.provider.hasBarriers) return {};
  const rooms = limitersOf(key, route).map(limiter => limiter.headroom(now));
  if (rooms.length === 0) return {};
  const least = (of: keyof Headroom): number =>
    Math.min(...rooms.map(room => room[of] ?? Infinity));
  const [requests, tokens] = [least('requests'), least('tokens')];
  return {
    headroom: {
      ...(Number.isFinite(requests) && { requests }),
      ...(Number.isFinite(tokens) && { tokens }),
    },
  };
}

const RANK: Readonly<Record<State, number>> = { ready: 0, probing: 1, cooling: 2, disabled: 3 };

/** The scope that keeps something closed the longest. */
function worst(scopes: readonly (Availability | undefined)[], now: number): ScopeStatus {
  let state: State = 'ready';
  let closing: Availability | undefined;
  for (const scope of scopes) {
    if (scope === undefined) continue;
    const own = scope.state(now);
    if (own === 'ready' || RANK[own] < RANK[state]) continue;
    if (RANK[own] === RANK[state] && closing !== undefined && closing.until >= scope.until)
      continue;
    [state, closing] = [own, scope];
  }
  if (closing === undefined) return { state };
  const reason = closing.why;
  return state === 'disabled' ? { state, reason } : { state, until: closing.until, reason };
}
