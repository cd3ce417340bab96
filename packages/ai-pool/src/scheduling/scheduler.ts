import type { Clock } from '../clock.ts';
import type { PoolPlan } from '../config/plan.ts';
import type { Emitter } from '../observe/emitter.ts';
import type { FailureKind, Verdict } from '../failure/verdict.ts';
import { eachScope, isUsableRoute, type Query, type Rules } from './admission.ts';
import { Admission, type Availability, type Origin } from './availability.ts';
import { Lease, type LeaseOwner } from './lease.ts';
import { RetryBudget } from './retry-budget.ts';
import { createRouting, type RouteOrder } from './routing.ts';
import { Provider, type Route, type Target } from './targets.ts';
import { isTrouble, scopeOf } from './verdict-scope.ts';

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

  /** The best target of these routes, in their order. */
  select(routes: readonly Route[], query: Query): Target | undefined {
    for (const route of routes) {
      if (!isUsableRoute(route, query)) continue;
      const key = route.provider.order.pick(route, query);
      if (key !== undefined) return key.target(route);
    }
    return undefined;
  }

  /** Hands out a target: counted at once, so that parallel calls see it. */
  lease(target: Target, retry: boolean, now: number): Lease {
    const lease = new Lease(this, target, ++this.#sequence, now);
    const { key, route } = target;
    route.provider.order.handedOut(key, retry);
    key.usage.attempts++;
    key.usage.inFlight++;
    key.usage.lastUsedAt = now;
    if (route.provider.everTroubled) {
      eachScope(key, route, scope => {
        if (scope.check(now) !== Admission.probe) return;
        scope.takeProbe(lease, now);
        lease.probes = true;
      });
    }
    return lease;
  }

  /** What keeps the call's targets closed, and when the first is expected to open. */
  outlook(routes: readonly Route[], rules: Rules | undefined, now: number): Outlook {
    let at = Number.POSITIVE_INFINITY;
    let first: Availability | undefined;
    let onlyLimits = true;
    let found = false;
    for (const route of routes) {
      if (rules !== undefined && !rules.allowsRoute(route)) continue;
      for (const key of route.provider.keys.values()) {
        if (!key.serves(route)) continue;
        if (rules !== undefined && !rules.allowsKey(key, route)) continue;
        let opensAt = now;
        let closing: Availability | undefined;
        eachScope(key, route, scope => {
          const expected = scope.expectedAt(now);
          if (expected > opensAt) [opensAt, closing] = [expected, scope];
        });
        if (closing === undefined || !isLimit(closing.kind)) onlyLimits = false;
        if (opensAt < at || !found) [at, first] = [opensAt, closing];
        found = true;
      }
    }
    return { at, first, onlyLimits };
  }

  succeeded(lease: Lease, answered: boolean, now: number): void {
    const { key, route } = lease.target;
    if (answered) route.circuit.success(now);
    if (route.provider.everTroubled) {
      eachScope(key, route, scope => scope.success(lease, answered));
    }
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

function isLimit(kind: FailureKind): boolean {
  return kind === 'rate-limit' || kind === 'quota';
}
