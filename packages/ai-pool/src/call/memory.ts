import type { Verdict } from '../failure/verdict.ts';
import type { Rules } from '../scheduling/admission.ts';
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
  /** Also further models of providers in trouble, and windows that are no larger. */
  | 'troubled'
  /** Inside a scope whose trouble is only guessed, with a key that this round has not tried. */
  | 'inside'
  /** The same, with any key. */
  | 'inside-again'
  /** Whatever the request itself does not rule out and is worth another attempt. */
  | 'later'
  /** Whatever the request itself does not rule out. */
  | 'any';

/**
 * What one call remembers of its own attempts. A round ends when the call has waited: then
 * everything but what the request itself ruled out may be tried again. It is made when the first
 * attempt has failed: a call without failures has nothing to remember.
 */
export class Memory implements Rules {
  reach: Reach = 'fresh';
  round = 0;
  /** The caller was told when to come back: it breaks no pause that began before this call. */
  wasTold = false;
  /** The one key that the next choice must not be: a second attempt prefers another. */
  except: Key | undefined;
  /** The one target that the next choice must not be. */
  instead: Target | undefined;
  /** By the request: a longer wait changes nothing. */
  readonly #refusedProviders = new Set<Provider>();
  readonly #refusedRoutes = new Set<Route>();
  readonly #refusedTargets = new Set<Target>();
  /** For this round. */
  readonly #providers = new Set<Provider>();
  readonly #routes = new Set<Route>();
  readonly #targets = new Set<Target>();
  /** Troubles by provider, for the whole call. */
  readonly #troubles = new Map<Provider, number>();
  /** The largest context window, in tokens, that the conversation did not fit into. */
  #tooSmall = 0;
  /** Attempts after the first round. */
  readonly #more = new Map<Target, number>();
  /** Since the call began. A caller that comes back waits for what it has not tried, and no more. */
  readonly #tried = new Set<Target>();
  /** Providers whose one extra attempt is spent. */
  readonly #extraSpent = new Set<Provider>();

  get anyDemoted(): boolean {
    return this.#troubles.size > 0 || this.#tooSmall > 0;
  }

  /** Whether it rules out nothing that other calls may use once this one has waited. */
  get isPlain(): boolean {
    const { size } = this.#more;
    return size + this.#refusedTargets.size + this.#refusedRoutes.size === 0;
  }

  allowsRoute(route: Route): boolean {
    const { provider } = route;
    if (this.#refusedRoutes.has(route) || this.#refusedProviders.has(provider)) return false;
    switch (this.reach) {
      case 'fresh':
        return this.#allowsNow(route) && !this.#isDemoted(route);
      case 'troubled':
        return this.#allowsNow(route);
      case 'inside':
      case 'inside-again':
        if (this.#extraSpent.has(provider)) return false;
        return !this.wasTold || this.#troubles.has(provider);
      case 'later':
      case 'any':
        return true;
    }
  }

  #allowsNow(route: Route): boolean {
    return !this.#routes.has(route) && !this.#providers.has(route.provider);
  }

  #isDemoted({ provider, plan: { contextWindow = 0 } }: Route): boolean {
    if (this.#tooSmall > 0 && contextWindow <= this.#tooSmall) return true;
    return (this.#troubles.get(provider) ?? 0) >= TROUBLES_TO_DEMOTE;
  }

  allowsKey(key: Key, route: Route): boolean {
    if (key === this.except) return false;
    const target = key.known(route);
    if (target === undefined) return true;
    if (target === this.instead) return false;
    if (this.#refusedTargets.has(target)) return false;
    if (this.reach === 'any') return true;
    if (this.wasTold && this.#tried.has(target) && this.reach === 'later') return false;
    if ((this.#more.get(target) ?? 0) >= MORE_ATTEMPTS) return false;
    return this.reach === 'inside-again' || this.reach === 'later' || !this.#targets.has(target);
  }

  /** Takes the one extra attempt that a provider in trouble is worth per call. */
  takeExtra(provider: Provider): boolean {
    if (this.#extraSpent.has(provider)) return false;
    this.#extraSpent.add(provider);
    return true;
  }

  /** Rules out the target, and what the failure speaks about. */
  failed(verdict: Verdict, target: Target): void {
    const { route } = target;
    const { provider } = route;
    this.#targets.add(target);
    this.#tried.add(target);
    if (this.round > 0) this.#more.set(target, (this.#more.get(target) ?? 0) + 1);
    if (isTrouble(verdict)) this.#troubles.set(provider, (this.#troubles.get(provider) ?? 0) + 1);
    if (verdict.kind === 'context-length') {
      this.#tooSmall = Math.max(this.#tooSmall, route.plan.contextWindow ?? 0);
    }
    const refused = verdict.scope === 'request';
    const routes = refused ? this.#refusedRoutes : this.#routes;
    const providers = refused ? this.#refusedProviders : this.#providers;
    if (refused) this.#refusedTargets.add(target);
    const { action, scope } = verdict;
    if (action === 'next-provider' || scope === 'provider' || scope === 'network') {
      providers.add(provider);
    } else if (action === 'next-model' || scope === 'model') routes.add(route);
  }

  /** The call has waited: a new round. */
  nextRound(): void {
    this.round++;
    this.#providers.clear();
    this.#routes.clear();
    this.#targets.clear();
  }
}
