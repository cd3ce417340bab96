import type { Verdict } from '../failure/verdict.ts';
import type { Selection } from '../scheduling/scheduler.ts';
import type { Key, Provider, Route, Target } from '../scheduling/targets.ts';
import { isTrouble } from '../scheduling/verdict-scope.ts';

/** After waiting, a target is worth so many more attempts within one call. */
const MORE_ATTEMPTS = 2;
/** So many troubles of one provider make a call look elsewhere first. */
const TROUBLES_TO_DEMOTE = 2;

/** How far the call goes in its choice. */
export type Reach =
  /** What this round has not ruled out. */
  | 'fresh'
  /** Also further models of providers in trouble. */
  | 'troubled'
  /** Inside a scope whose trouble is only guessed, with a key that this round has not tried. */
  | 'inside'
  /** The same, with any key. */
  | 'inside-again'
  /** Whatever the request itself does not rule out and is worth another attempt. */
  | 'later'
  /** Whatever the request itself does not rule out. */
  | 'any';

/** What a call has ruled out; made at its first failure, so that a call without one pays nothing. */
class RuledOut {
  /** By the request: a longer wait changes nothing. */
  readonly refusedProviders = new Set<Provider>();
  readonly refusedRoutes = new Set<Route>();
  readonly refusedTargets = new Set<Target>();
  /** For this round. */
  readonly providers = new Set<Provider>();
  readonly routes = new Set<Route>();
  readonly targets = new Set<Target>();
  /** Troubles by provider, for the whole call. */
  readonly troubles = new Map<Provider, number>();
  /** Attempts after the first round. */
  readonly more = new Map<Target, number>();
}

/**
 * What one call remembers of its own attempts. A round ends when the call has waited: then
 * everything but what the request itself ruled out may be tried again.
 */
export class Memory implements Selection {
  readonly routes: readonly Route[];
  reach: Reach = 'fresh';
  round = 0;
  #ruled: RuledOut | undefined;
  /** Providers whose one extra attempt is spent. */
  #extraSpent: Set<Provider> | undefined;

  constructor(routes: readonly Route[]) {
    this.routes = routes;
  }

  get anyTroubled(): boolean {
    return this.#ruled !== undefined && this.#ruled.troubles.size > 0;
  }

  allowsRoute(route: Route): boolean {
    const { provider } = route;
    const inside = this.reach === 'inside' || this.reach === 'inside-again';
    if (inside && this.#extraSpent?.has(provider) === true) return false;
    const ruled = this.#ruled;
    if (ruled === undefined) return true;
    if (ruled.refusedRoutes.has(route) || ruled.refusedProviders.has(provider)) return false;
    if (this.reach === 'fresh' && (ruled.troubles.get(provider) ?? 0) >= TROUBLES_TO_DEMOTE) {
      return false;
    }
    const now = this.reach === 'fresh' || this.reach === 'troubled';
    return !now || (!ruled.routes.has(route) && !ruled.providers.has(provider));
  }

  allowsKey(key: Key, route: Route): boolean {
    const ruled = this.#ruled;
    if (ruled === undefined) return true;
    const target = key.known(route);
    if (target === undefined) return true;
    if (ruled.refusedTargets.has(target)) return false;
    if (this.reach === 'any') return true;
    if ((ruled.more.get(target) ?? 0) >= MORE_ATTEMPTS) return false;
    return this.reach === 'inside-again' || this.reach === 'later' || !ruled.targets.has(target);
  }

  /** Takes the one extra attempt that a provider in trouble is worth per call. */
  takeExtra(provider: Provider): boolean {
    this.#extraSpent ??= new Set();
    if (this.#extraSpent.has(provider)) return false;
    this.#extraSpent.add(provider);
    return true;
  }

  /** Rules out the target, and what the failure speaks about. */
  failed(verdict: Verdict, target: Target): void {
    const ruled = (this.#ruled ??= new RuledOut());
    const { route } = target;
    const { provider } = route;
    ruled.targets.add(target);
    if (this.round > 0) ruled.more.set(target, (ruled.more.get(target) ?? 0) + 1);
    if (isTrouble(verdict)) ruled.troubles.set(provider, (ruled.troubles.get(provider) ?? 0) + 1);
    const refused = verdict.scope === 'request';
    const routes = refused ? ruled.refusedRoutes : ruled.routes;
    const providers = refused ? ruled.refusedProviders : ruled.providers;
    if (refused) ruled.refusedTargets.add(target);
    const { action, scope } = verdict;
    if (action === 'next-provider' || scope === 'provider' || scope === 'network') {
      providers.add(provider);
    } else if (action === 'next-model' || scope === 'model') routes.add(route);
  }

  /** The call has waited: a new round. */
  nextRound(): void {
    this.round++;
    this.#ruled?.providers.clear();
    this.#ruled?.routes.clear();
    this.#ruled?.targets.clear();
  }
}
