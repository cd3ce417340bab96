import type { Clock } from '../clock.ts';
import type { PoolPlan } from '../config/plan.ts';
import type { Emitter } from '../observe/emitter.ts';
import type { FailureKind, Verdict } from '../failure/verdict.ts';
import { Admission, type Availability, type Origin } from './availability.ts';
import { Lease, type LeaseOwner } from './lease.ts';
import { RetryBudget } from './retry-budget.ts';
import { createRouting, type RouteOrder } from './routing.ts';
import { Provider, type Key, type Route, type Target } from './targets.ts';
import { isTrouble, scopeOf } from './verdict-scope.ts';

/** What one call has ruled out for itself, and how far it may go. */
export interface Selection {
  /** In the order of this call. */
  readonly routes: readonly Route[];
  allowsRoute(route: Route): boolean;
  allowsKey(key: Key, route: Route): boolean;
}

/** What a call that finds nothing open can expect. */
export interface Outlook {
  /** When the first target is expected to open: epoch ms; Infinity where only a human helps. */
  readonly at: number;
  /** What keeps that target closed. */
  readonly first: Availability | undefined;
  /** Whether every target is closed by a limit. */
  readonly onlyLimits: boolean;
}

/** Which target now: knows what is open, hands out leases, and learns from their outcomes. */
export class Scheduler implements LeaseOwner {
  readonly providers: readonly Provider[];
  readonly routes: readonly Route[];
  readonly order: RouteOrder;
  readonly retryBudget: RetryBudget = new RetryBudget();
  readonly clock: Clock;
  readonly #emitter: Emitter;
  readonly #waiting = new Set<() => void>();
  #sequence = 0;

  constructor(plan: PoolPlan, emitter: Emitter) {
    this.clock = plan.clock;
    this.#emitter = emitter;
    this.providers = plan.providers.map(
      provider =>
        new Provider(provider, {
          clock: plan.clock,
          random: plan.random,
          nextSequence: () => ++this.#sequence,
          fixedPauseMs: provider.cooldown.fixedMs,
          longestStatedMs: provider.cooldown.maxMs,
          onCooled: (scope, origin) => this.#cooled(scope, origin),
          onDisabled: (scope, origin) => this.#disabled(scope, origin),
          onRecovered: (scope, origin) => this.#recovered(scope, origin),
        }),
    );
    this.routes = this.providers.flatMap(provider => provider.routes);
    this.order = createRouting(plan.routing, this.providers);
  }

  /** The best target that the call may use and whose scopes admit it, or undefined. */
  select(selection: Selection, worst: Admission, now: number): Target | undefined {
    for (const route of selection.routes) {
      const target = this.selectOn(route, selection, worst, now);
      if (target !== undefined) return target;
    }
    return undefined;
  }

  /** The best key for one route. */
  selectOn(route: Route, selection: Selection, worst: Admission, now: number): Target | undefined {
    if (!selection.allowsRoute(route) || admitsRoute(route, now) > worst) return undefined;
    const key = route.provider.order.pick(
      each =>
        each.serves(route) &&
        selection.allowsKey(each, route) &&
        admitsKey(each, route, now) <= worst,
    );
    return key?.target(route);
  }

  /** Hands out a target: counted at once, so that parallel calls see it. */
  lease(target: Target, retry: boolean, now: number): Lease {
    const lease = new Lease(this, target, ++this.#sequence, now);
    const { key, route } = target;
    route.provider.order.handedOut(key, retry);
    key.usage.attempts++;
    key.usage.inFlight++;
    key.usage.lastUsedAt = now;
    eachScope(key, route, scope => {
      if (scope.check(now) === Admission.probe) {
        scope.takeProbe(lease, now);
        lease.probes = true;
      }
    });
    return lease;
  }

  /** What keeps the call's targets closed, and when the first is expected to open. */
  outlook(selection: Selection, now: number): Outlook {
    let at = Number.POSITIVE_INFINITY;
    let first: Availability | undefined;
    let onlyLimits = true;
    for (const route of selection.routes) {
      if (!selection.allowsRoute(route)) continue;
      for (const key of route.provider.keys.values()) {
        if (!key.serves(route) || !selection.allowsKey(key, route)) continue;
        let opensAt = now;
        let closing: Availability | undefined;
        eachScope(key, route, scope => {
          const expected = scope.expectedAt(now);
          if (expected > opensAt) [opensAt, closing] = [expected, scope];
        });
        if (closing === undefined || !isLimit(closing.kind)) onlyLimits = false;
        if (opensAt < at || first === undefined) [at, first] = [opensAt, closing];
      }
    }
    return { at, first, onlyLimits };
  }

  succeeded(lease: Lease, answered: boolean, now: number): void {
    const { key, route } = lease.target;
    if (answered) route.circuit.success(now);
    eachScope(key, route, scope => scope.success(lease, answered));
    if (answered) this.order.served(route);
  }

  /** Changes exactly the thing that the failure speaks about. */
  failed(lease: Lease, verdict: Verdict, error: unknown, now: number): void {
    const { target } = lease;
    this.#returnProbes(lease);
    const scope = scopeOf(verdict, target);
    if (scope === undefined) return;
    if (verdict.permanent) {
      scope.disable({ kind: verdict.kind, error }, verdict.kind, lease, now);
      return;
    }
    const closure = { ...verdict, error };
    scope.cool(closure, lease, now);
    if (isTrouble(verdict) && target.route.circuit.failure(now)) {
      target.route.trouble().cool({ ...closure, retryAfterMs: null }, lease, now, true);
    }
  }

  aborted(lease: Lease): void {
    this.#returnProbes(lease);
  }

  #returnProbes(lease: Lease): void {
    if (!lease.probes) return;
    eachScope(lease.target.key, lease.target.route, scope => scope.returnProbe(lease));
    this.#wake();
  }

  /** Calls `fn` once when something opens before its time. Returns how to stop listening. */
  onChange(fn: () => void): () => void {
    this.#waiting.add(fn);
    return () => this.#waiting.delete(fn);
  }

  #wake(): void {
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const fn of waiting) fn();
  }

  #cooled(scope: Availability, origin: Origin | undefined): void {
    if (!this.#emitter.active) return;
    const { until, source, kind, ref } = scope;
    const at = this.clock.now();
    this.#emitter.emit({ type: 'cooled', at, ...origin, ...ref, until, source, kind });
  }

  #disabled(scope: Availability, origin: Origin | undefined): void {
    if (!this.#emitter.active) return;
    const { kind, ref } = scope;
    const reason = scope.reason ?? kind;
    const at = this.clock.now();
    this.#emitter.emit({ type: 'disabled', at, ...origin, ...ref, reason, kind });
  }

  #recovered(scope: Availability, origin: Origin | undefined): void {
    if (this.#emitter.active) {
      const { kind, ref } = scope;
      this.#emitter.emit({ type: 'recovered', at: this.clock.now(), ...origin, ...ref, kind });
    }
    this.#wake();
  }
}

/** Every scope of a target that ever had trouble. */
function eachScope(key: Key, route: Route, visit: (scope: Availability) => void): void {
  const { provider } = route;
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

function admitsRoute(route: Route, now: number): Admission {
  return worse(
    worse(check(route.provider.availability, now), check(route.provider.network, now)),
    check(route.availability, now),
  );
}

function admitsKey(key: Key, route: Route, now: number): Admission {
  const own = worse(check(key.availability, now), check(key.known(route)?.availability, now));
  const { account } = key;
  if (account === undefined) return own;
  return worse(own, worse(check(account.availability, now), check(account.models.get(route), now)));
}

function check(scope: Availability | undefined, now: number): Admission {
  return scope === undefined ? Admission.open : scope.check(now);
}

function worse(a: Admission, b: Admission): Admission {
  return a > b ? a : b;
}

function isLimit(kind: FailureKind): boolean {
  return kind === 'rate-limit' || kind === 'quota';
}
