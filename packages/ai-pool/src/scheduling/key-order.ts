import type { ChooseKey, KeySelection } from '../config/types.ts';
import { limitersOf } from './admission.ts';
import type { Key, Route } from './targets.ts';
import { Urn } from './urn.ts';
import { Cycle, Weighted, type Turns } from './turns.ts';

/**
 * Which key of a provider comes next: the one with the least rank. Marked at hand-out, so that
 * parallel calls spread.
 *
 * A rank never falls by itself. That is what lets every route keep its keys in a heap that is
 * corrected only where it is looked at: the first key whose rank is still true is the least.
 */
export interface KeyOrder extends Turns<Key> {
  /** Where a route keeps its open keys; default: a heap, the least rank first. */
  keeps?(): Urn<Key>;
  /** How many of the first keys it wants to choose from; default: the first is it. */
  readonly choosesFrom?: number;
  choose?(keys: readonly Key[], route: Route, now: number): Key | undefined;
}

export function createKeyOrder(selection: KeySelection, random: () => number): KeyOrder {
  if (typeof selection === 'function') return new ByFunction(selection);
  switch (selection) {
    case 'headroom':
      return new MostHeadroom();
    case 'least-recently-used':
      return new LeastRecentlyUsed();
    case 'sticky':
      return new Cycle(true);
    case 'round-robin':
      return new Cycle(false);
    case 'least-used':
      return new LeastUsed();
    case 'random':
      return new RandomOrder(random);
    case 'weighted':
      return new Weighted();
  }
}

/** By the moment of the last hand-out. */
class LeastRecentlyUsed implements KeyOrder {
  private turns = 0;

  add(key: Key): void {
    this.pass(key);
  }

  rank(key: Key): number {
    return key.turn;
  }

  handedOut(key: Key): void {
    this.pass(key);
  }

  pass(key: Key): void {
    key.turn = ++this.turns;
  }
}

class LeastUsed implements KeyOrder {
  add(): void {
    // Its count of attempts is its rank.
  }

  rank(key: Key): number {
    return key.attempts + key.turn;
  }

  handedOut(): void {
    // Counted elsewhere.
  }

  pass(key: Key): void {
    key.turn++;
  }
}

/** A fair draw among the keys that are open: all have the same rank, and a new one each time. */
class RandomOrder implements KeyOrder {
  private readonly random: () => number;
  private draws = 0;

  constructor(random: () => number) {
    this.random = random;
  }

  keeps(): Urn<Key> {
    return new Urn(this.random);
  }

  add(): void {
    // It can be drawn from now on.
  }

  rank(): number {
    return this.draws;
  }

  handedOut(): void {
    this.pass();
  }

  pass(): void {
    this.draws++;
  }
}

/** The most room under its limits, among the keys that have rested longest. */
class MostHeadroom extends LeastRecentlyUsed {
  /** To look at all would cost more with every key. */
  readonly choosesFrom = 8;

  choose(keys: readonly Key[], route: Route, now: number): Key | undefined {
    const { hasLimits } = route.provider;
    const taken = (key: Key): number =>
      hasLimits ? Math.max(0, ...limitersOf(key, route).map(limiter => limiter.share(now))) : 0;
    let most: Key | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const key of keys) {
      // Where nothing is limited, what is in flight tells.
      const share = taken(key) + key.inFlight * 1e-6;
      if (share < least) [most, least] = [key, share];
    }
    return most;
  }
}

/** As the user's function says; the one that has rested longest where it says nothing. */
class ByFunction extends LeastRecentlyUsed {
  readonly choosesFrom = Number.POSITIVE_INFINITY;
  private readonly asks: ChooseKey;

  constructor(choose: ChooseKey) {
    super();
    this.asks = choose;
  }

  choose(keys: readonly Key[], route: Route): Key | undefined {
    const candidates = keys.map(({ id, plan, account, weight, inFlight, attempts }) => ({
      id,
      label: plan.label,
      account: account?.id,
      meta: plan.meta,
      weight,
      inFlight,
      attempts,
    }));
    const chosen = this.asks(candidates, { provider: route.provider.name, model: route.model });
    return keys.find(key => key.id === chosen) ?? keys[0];
  }
}
