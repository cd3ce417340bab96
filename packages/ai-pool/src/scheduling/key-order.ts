import type { KeySelection } from '../config/types.ts';
import { isUsableKey, type Query } from './admission.ts';
import type { Key, Route } from './targets.ts';

/** Which key of a provider comes next. Marked at hand-out, so that parallel calls spread. */
export interface KeyOrder {
  add(key: Key): void;
  remove(key: Key): void;
  /** Moves on to the next key without marking the current one. */
  rotate(): void;
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
    case 'weighted':
      return new Weighted();
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
    this.remove(key);
    this.add(key);
  }

  remove(key: Key): void {
    if (key.previous === undefined) this.#first = key.next;
    else key.previous.next = key.next;
    if (key.next === undefined) this.#last = key.previous;
    else key.next.previous = key.previous;
  }

  rotate(): void {
    if (this.#first !== undefined) this.handedOut(this.#first);
  }
}

/** What the orders by position share: a walk over all keys from a start, wrapping around. */
abstract class Positioned implements KeyOrder {
  protected readonly keys: Key[] = [];
  /** Where the walk begins, for the orders that have such a place. */
  protected start = 0;

  add(key: Key): void {
    this.keys.push(key);
  }

  remove(key: Key): void {
    const at = this.keys.indexOf(key);
    if (at < 0) return;
    this.keys.splice(at, 1);
    if (at < this.start) this.start--;
    if (this.start >= this.keys.length) this.start = 0;
  }

  rotate(): void {
    if (this.keys.length > 0) this.start = (this.start + 1) % this.keys.length;
  }

  protected fromStart(route: Route, query: Query): Key | undefined {
    for (let i = 0; i < this.keys.length; i++) {
      const key = this.keys[(this.start + i) % this.keys.length];
      if (key !== undefined && isUsableKey(key, route, query)) return key;
    }
    return undefined;
  }

  abstract pick(route: Route, query: Query): Key | undefined;
  abstract handedOut(key: Key, retry: boolean): void;
}

/** One key until it fails; then the next in configuration order, without coming back by itself. */
class Sticky extends Positioned {
  pick(route: Route, query: Query): Key | undefined {
    return this.fromStart(route, query);
  }

  handedOut(key: Key): void {
    this.start = Math.max(this.keys.indexOf(key), 0);
  }
}

/** A new call takes the next key; retries inside a call take no turn. */
class RoundRobin extends Positioned {
  pick(route: Route, query: Query): Key | undefined {
    return this.fromStart(route, query);
  }

  handedOut(key: Key, retry: boolean): void {
    if (!retry) this.start = (this.keys.indexOf(key) + 1) % this.keys.length;
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

/**
 * Stride scheduling: each key advances by the inverse of its weight when it is handed out, and
 * the one that is least advanced comes next. Smooth (a key of weight 3 is not handed out three
 * times in a row where others are ready) and the same for the same calls.
 */
class Weighted extends Positioned {
  readonly #advanced = new Map<Key, number>();
  /** How far the last choice was: a key that was closed for long does not catch up at once. */
  #now = 0;

  pick(route: Route, query: Query): Key | undefined {
    let least: Key | undefined;
    for (const key of this.keys) {
      if (least !== undefined && this.#at(key) >= this.#at(least)) continue;
      if (isUsableKey(key, route, query)) least = key;
    }
    return least;
  }

  handedOut(key: Key): void {
    this.#now = this.#at(key);
    this.#advanced.set(key, this.#now + 1 / key.weight);
  }

  override remove(key: Key): void {
    super.remove(key);
    this.#advanced.delete(key);
  }

  #at(key: Key): number {
    return Math.max(this.#advanced.get(key) ?? 0, this.#now);
  }
}
