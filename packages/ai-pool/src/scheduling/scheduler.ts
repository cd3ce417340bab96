import type { Clock } from '../clock.ts';
import type { PoolPlan, ProviderPlan } from '../config/plan.ts';
import type { Emitter } from '../observe/emitter.ts';
import type { Verdict } from '../failure/verdict.ts';
import {
  eachScope,
  isUsableRoute,
  limitersOf,
  outlookOfRoute,
  toldOf,
  type Outlook,
  type Query,
  type Rules,
} from './admission.ts';
import type { Availability, AvailabilityContext, Closure, Origin } from './availability.ts';
import { Admission, isLimit } from './barrier.ts';
import { hashOf, suits } from './affinity.ts';
import { Lease, type LeaseOwner } from './lease.ts';
import { sooner } from './open-keys.ts';
import { RetryBudget } from './retry-budget.ts';
import { createRouting, type RouteOrder } from './routing.ts';
import { Provider, Route, type Key, type Target } from './targets.ts';
import { Sharing } from './sharing.ts';
import { isTrouble, scopeOf } from './verdict-scope.ts';

/** What a call that finds nothing open can expect: of the target that is expected first. */
export interface CallOutlook extends Outlook {
  /** Whether every target is closed by a limit. */
  readonly onlyLimits: boolean;
}

/** Which target now: knows what is open, hands out leases, and learns from their outcomes. */
export class Scheduler implements LeaseOwner {
  readonly order: RouteOrder;
  readonly retryBudget: RetryBudget = new RetryBudget();
  readonly clock: Clock;
  private readonly plan: PoolPlan;
  private readonly emitter: Emitter;
  private readonly opened: () => void;
  /** Whether the routing goes by how fast providers are. */
  private readonly measures: boolean;
  /** Read, not written, from outside. */
  providers: readonly Provider[];
  private sequence = 0;

  /** @param opened something is open that was not, or may be */
  constructor(plan: PoolPlan, emitter: Emitter, opened: () => void) {
    this.clock = plan.clock;
    this.plan = plan;
    this.emitter = emitter;
    this.opened = opened;
    this.measures = plan.routing === 'fastest' || typeof plan.routing === 'function';
    this.providers = plan.providers.map(provider => this.make(provider));
    this.order = createRouting(plan.routing, this.providers.filter(isCascading));
  }

  get routes(): readonly Route[] {
    return this.providers.flatMap(provider => provider.listed);
  }

  /** Whether any limit is one of tokens, so that calls have to be estimated. */
  countsTokens = false;

  /** A provider's state; it takes part once it is among `providers`. */
  make(plan: ProviderPlan): Provider {
    const context: AvailabilityContext = {
      clock: this.clock,
      random: this.plan.random,
      nextSequence: () => ++this.sequence,
      fixedPauseMs: plan.cooldown.fixedMs,
      longestStatedMs: plan.cooldown.maxMs,
      reprobes: this.plan.reprobe,
      sharing: new Sharing(),
      tell: (type, scope, origin) => this.tell(type, scope, origin, provider),
      opened: scope => {
        provider.opened(scope);
        this.wake();
      },
    };
    const provider: Provider = new Provider(plan, context, () => this.wake());
    this.countsTokens ||= provider.countsTokens;
    return provider;
  }

  /** Replaces the providers: what is gone is used by no new attempt, what runs may finish. */
  setProviders(providers: readonly Provider[]): void {
    for (const provider of this.providers) provider.removed = !providers.includes(provider);
    this.providers = providers;
    this.order.update(providers.filter(isCascading));
    this.wake();
  }

  /** The best target of these routes, in their order. */
  select(routes: readonly Route[], query: Query): Target | undefined {
    // Mostly the first has one.
    const first = routes[0];
    const target = first && targetOf(first, query);
    return target ?? (routes.length > 1 ? selectFurther(routes, query) : undefined);
  }

  /** Whether there is a target, without asking a function of the user's. */
  hasAny(routes: readonly Route[], query: Query): boolean {
    return routes.some(route => isUsableRoute(route, query) && route.keys.hasAny(query));
  }

  /**
   * Where the routing spreads calls over providers, calls of one affinity go to the same provider;
   * where it has an order of its own, that order stays.
   */
  keepTogether(routes: readonly Route[], affinity: number): readonly Route[] {
    const { routing } = this.plan;
    if (typeof routing === 'function' || /priority|sticky/.test(routing)) return routes;
    const suit = ({ provider }: Route): number =>
      provider.weight > 0 ? suits(affinity, hashOf(provider.name)) : -1;
    return routes.toSorted((a, b) => suit(b) - suit(a));
  }

  /** Hands out a target: counted at once, so that parallel calls see it. */
  lease(target: Target, retry: boolean, tokens: number, now: number): Lease {
    const lease = new Lease(this, target, ++this.sequence, now);
    const { key, route } = target;
    if (!key.removed) route.provider.order.handedOut(key, retry);
    key.attempts++;
    key.inFlight++;
    route.provider.inFlight++;
    route.inFlight++;
    route.lastUse = lease.sequence;
    key.lastUse = now - route.provider.since;
    if (route.provider.hasBarriers) this.enter(lease, tokens, now);
    return lease;
  }

  /** Apart: what a function hands to a closure costs each of its calls. */
  private enter(lease: Lease, tokens: number, now: number): void {
    const { key, route } = lease.target;
    lease.told = toldOf(key, route);
    lease.toldNumber = lease.told?.begun(now);
    const limiters = limitersOf(key, route);
    if (limiters.length > 0) lease.debits = limiters.map(limiter => limiter.take(tokens, now));
    eachScope(key, route, scope => {
      if (scope.begin(lease, now)) lease.probes = true;
    });
  }

  /** Whether nothing of what was handed out was closed or removed since. */
  isStillGood(lease: Lease, now: number): boolean {
    const { key, route } = lease.target;
    let isGood = !route.provider.removed && key.takesPart(route);
    eachScope(key, route, scope => {
      if (scope.closedSince(lease) && scope.check(now) === Admission.wall) isGood = false;
    });
    return isGood;
  }

  /** What keeps the call's targets closed, and when the first is expected to open. */
  outlook(
    routes: readonly Route[],
    rules: Rules | undefined,
    tokens: number,
    now: number,
  ): CallOutlook {
    const never = Number.POSITIVE_INFINITY;
    const query = { worst: Admission.wall, now, tokens, rules };
    let soonest: Outlook | undefined;
    let onlyLimits = true;
    for (const route of routes) {
      if (route.provider.removed || rules?.allowsRoute(route) === false) continue;
      const { keys } = route;
      const ofKeys = keys.outlook(query);
      if (ofKeys === undefined) continue;
      if (ofKeys.at > now) route.provider.context.sharing.missedAt = now;
      const ofRoute = outlookOfRoute(route, query);
      const { at, closing } = ofKeys.at >= ofRoute.at ? ofKeys : ofRoute;
      const possibleAt = Math.max(ofKeys.possibleAt, ofRoute.possibleAt);
      if (closing === undefined || !isLimit(closing) || !keys.onlyLimits) onlyLimits = false;
      soonest = sooner(soonest, { at, possibleAt, closing });
    }
    return { at: never, possibleAt: never, closing: undefined, ...soonest, onlyLimits };
  }

  succeeded(lease: Lease, answered: boolean, now: number): void {
    const { key, route } = lease.target;
    if (answered) {
      route.circuit.success(now);
      route.provider.circuit.success(now);
      if (key.recentFailures.length > 0) key.recentFailures = [];
    }
    if (route.provider.hasBarriers) this.tellSuccess(lease, answered);
    if (this.measures && !lease.hasShown) route.provider.speed.answered(now - lease.since, now);
    if (answered) this.order.served?.(route);
  }

  private tellSuccess(lease: Lease, answered: boolean): void {
    const { key, route } = lease.target;
    eachScope(key, route, scope => scope.success(lease, answered, !lease.hasShown));
  }

  /** Changes exactly the thing that the failure speaks about. */
  failed(lease: Lease, verdict: Verdict, error: unknown, now: number): void {
    const { target } = lease;
    this.returnProbes(lease);
    if (verdict.kind === 'rate-limit') lease.told?.forget(lease.since, now);
    const scope = scopeOf(verdict, target);
    if (scope === undefined) return;
    if (this.measures) target.route.provider.speed.failed(now - lease.since, now);
    if (verdict.permanent) {
      scope.disable({ kind: verdict.kind, error }, verdict.kind, lease, now);
      return;
    }
    const closure = { ...verdict, error };
    if (isTrouble(verdict)) {
      const { circuit } = verdict.scope === 'model' ? target.route : target.route.provider;
      scope.cool(closure, lease, now, circuit.failure(now));
    } else {
      scope.cool(closure, lease, now);
      this.countAgainst(target.key, closure, lease, now);
    }
  }

  /** A key that keeps failing is disabled, where a setting says after how many times. */
  private countAgainst(key: Key, closure: Closure, lease: Lease, now: number): void {
    const limit = this.plan.disableAfter;
    if (limit === undefined) return;
    const recent = key.recentFailures.filter(at => at > now - limit.windowMs);
    recent.push(now);
    key.recentFailures = recent;
    if (recent.length < limit.failures) return;
    key.recentFailures = [];
    key.trouble().disable(closure, `${limit.failures} failures`, lease, now);
  }

  aborted(lease: Lease): void {
    this.returnProbes(lease);
  }

  private returnProbes(lease: Lease): void {
    if (!lease.probes) return;
    eachScope(lease.target.key, lease.target.route, scope => scope.returnProbe(lease));
  }

  /** Lets waiting calls look again: something may have opened. */
  wake(): void {
    this.opened();
  }

  private tell(
    type: 'cooled' | 'disabled' | 'recovered',
    scope: Availability,
    origin: Origin | undefined,
    provider: Provider,
  ): void {
    const { ref, kind } = scope;
    if (type === 'recovered') {
      provider.exhausted = false;
      this.emitter.emit(type, { ...origin, ...ref, kind });
      return;
    }
    if (!this.emitter.active) return;
    const { until, source, why } = scope;
    if (type === 'cooled') this.emitter.emit(type, { ...origin, ...ref, kind, until, source });
    else this.emitter.emit(type, { ...origin, ...ref, kind, reason: why });
    this.tellExhausted(provider, origin);
  }

  /** Told once, when the last target of a provider closes. */
  private tellExhausted(provider: Provider, origin: Origin | undefined): void {
    if (provider.exhausted || this.isAvailable(provider, undefined, this.clock.now())) return;
    provider.exhausted = true;
    this.emitter.emit('provider-exhausted', { ...origin, provider: provider.name });
  }

  /** Whether a call could be served now, by any key of any of the provider's routes. */
  isAvailable(provider: Provider, model: string | undefined, now: number): boolean {
    const query = { worst: Admission.probe, now, tokens: 0, rules: undefined };
    const { listed, routes } = provider;
    const known =
      model === undefined && listed.length > 0
        ? listed
        : routes.filter(route => model === undefined || route.model === model);
    // Without a list any model may be asked for.
    const isOpen = known.length === 0 && listed.length === 0;
    const asked = isOpen ? [new Route(provider, { id: model ?? '' }, -1)] : known;
    return this.hasAny(asked, query);
  }
}

/** Whether it takes turns: there may be providers without models of their own. */
function isCascading({ listed }: Provider): boolean {
  return listed.length > 0;
}

function targetOf(route: Route, query: Query): Target | undefined {
  return isUsableRoute(route, query) ? route.keys.pick(query)?.target(route) : undefined;
}

function selectFurther(routes: readonly Route[], query: Query): Target | undefined {
  for (let i = 1; i < routes.length; i++) {
    const target = targetOf(routes[i] as Route, query);
    if (target !== undefined) return target;
  }
  return undefined;
}
