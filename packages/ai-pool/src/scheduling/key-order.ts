import type { KeySelection } from '../config/types.ts';
import { isUsableKey, type Query } from './admission.ts';
import type { Key, Route } from './targets.ts';

/** Which key of a provider comes next. Marked at hand-out, so that parallel calls spread. */
export interface KeyOrder {
  add(key: Key): void;
  /** The first key, in this order, that may be used for a route. */
  pick(route: Route, query: Query): Key | undefined;
  /** `retry`: a further attempt of a call that was handed a key before. */
  handedOut(key: Key, retry: boolean): void;
}

export function createKeyOrder(selection: KeySelection, random: () => number): KeyOrder {
  switch (selection) {
    case 'least-recently-used':
      return new LeastRecentlyUsed();
    case 'sticky':
      return new Sticky();
    case 'round-robin':
      return new RoundRobin();
    case 'least-used':
      return new LeastUsed();
    case 'random':
      return new RandomOrder(random);
  }
}

/** A doubly linked list through the keys themselves: handing out moves a key to the end, in O(1). */
class LeastRecentlyUsed implements KeyOrder {
  #first: Key | undefined;
  #last: Key | undefined;

  add(key: Key): void {
    key.previous = this.#last;
    key.next = undefined;
    if (this.#last === undefined) this.#first = key;
    else this.#last.next = key;
    this.#last = key;
  }

  pick(route: Route, query: Query): Key | undefined {
    for (let key = this.#first; key !== undefined; key = key.next) {
      if (isUsableKey(key, route, query)) return key;
    }
    return undefined;
  }

  handedOut(key: Key): void {
    if (key === this.#last) return;
    if (key.previous === undefined) this.#first = key.next;
    else key.previous.next = key.next;
    if (key.next !== undefined) key.next.previous = key.previous;
    this.add(key);
  }
}

/** What the orders by position share: a walk over all keys from a start, wrapping around. */
abstract class Positioned implements KeyOrder {
  protected readonly keys: Key[] = [];

  add(key: Key): void {
    this.keys.push(key);
  }

  protected from(start: number, route: Route, query: Query): Key | undefined {
    for (let i = 0; i < this.keys.length; i++) {
      const key = this.keys[(start + i) % this.keys.length];
      if (key !== undefined && isUsableKey(key, route, query)) return key;
    }
    return undefined;
  }

  abstract pick(route: Route, query: Query): Key | undefined;
  abstract handedOut(key: Key, retry: boolean): void;
}

/** One key until it fails; then the next in configuration order, without coming back by itself. */
class Sticky extends Positioned {
  #current = 0;

  pick(route: Route, query: Query): Key | undefined {
    return this.from(this.#current, route, query);
  }

  handedOut(key: Key): void {
    this.#current = this.keys.indexOf(key);
  }
}

/** A new call takes the next key; retries inside a call take no turn. */
class RoundRobin extends Positioned {
  #turn = 0;

  pick(route: Route, query: Query): Key | undefined {
    return this.from(this.#turn, route, query);
  }

  handedOut(key: Key, retry: boolean): void {
    if (!retry) this.#turn = (this.keys.indexOf(key) + 1) % this.keys.length;
  }
}

class LeastUsed extends Positioned {
  pick(route: Route, query: Query): Key | undefined {
    let least: Key | undefined;
    for (const key of this.keys) {
      if (least !== undefined && key.usage.attempts >= least.usage.attempts) continue;
      if (isUsableKey(key, route, query)) least = key;
    }
    return least;
  }

  handedOut(): void {
    // The count of attempts is the order.
  }
}

class RandomOrder extends Positioned {
  readonly #random: () => number;

  constructor(random: () => number) {
    super();
    this.#random = random;
  }

  /** A fair draw among the usable keys, in one pass. */
  pick(route: Route, query: Query): Key | undefined {
    const start = Math.floor(this.#random() * this.keys.length);
    const direct = this.keys[start];
    if (direct !== undefined && isUsableKey(direct, route, query)) return direct;
    const rest = this.keys.filter(key => key !== direct && isUsableKey(key, route, query));
    return rest[Math.floor(this.#random() * rest.length)];
  }

  handedOut(): void {
    // Nothing to remember.
  }
}
