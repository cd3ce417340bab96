import { closingKey, hasTokens, type Query } from './admission.ts';
import { RankedHeap } from './ranked-heap.ts';
import type { Key, Route } from './targets.ts';

const byPosition = (a: Key, b: Key): boolean => a.position < b.position;

/**
 * The keys of one route: those that are open, in the provider's order, and those that are closed,
 * by the moment at which they may open. A key is looked at when it comes first in either, so that
 * a choice costs the same whether 10 or 100,000 keys there are, and however many of them are
 * closed: each closure moves a key once.
 */
export class OpenKeys {
  readonly #route: Route;
  readonly #open = new RankedHeap<Key>(byPosition);
  readonly #closed = new RankedHeap<Key>(byPosition);
  /** When a closed key may open, by its position; 0 for one that is among the open. */
  readonly #opensAt: number[] = [];

  constructor(route: Route) {
    this.#route = route;
    for (const key of route.provider.keys.values()) this.add(key);
  }

  /** The key is open, or shall be looked at again. */
  add(key: Key): void {
    if (this.#opensAt[key.position] === 0) return;
    this.#opensAt[key.position] = 0;
    this.#open.push(key, this.#route.provider.order.rank(key));
  }

  /** When the first of the closed keys may open: epoch ms; Infinity where none will by itself. */
  get opensAt(): number {
    return this.#closed.rank;
  }

  /** The closed key that may open first. */
  get firstClosed(): Key | undefined {
    return this.#closed.first;
  }

  /** The first key that may be used. What the call has ruled out for itself stays in its place. */
  pick(query: Query): Key | undefined {
    const { now, rules } = query;
    this.#letOpen(now);
    const open = this.#open;
    const { order } = this.#route.provider;
    let passed: Key[] | undefined;
    let found: Key | undefined;
    for (let key = open.first; key !== undefined; key = open.first) {
      const rank = order.rank(key);
      if (rank !== open.rank) {
        open.rerank(rank);
        continue;
      }
      if (!key.takesPart(this.#route)) {
        open.pop();
        this.#opensAt[key.position] = Number.NaN;
        continue;
      }
      const closing = closingKey(key, this.#route, now);
      if (closing !== undefined) {
        open.pop();
        this.#close(key, closing.looksAgainAt(now));
        continue;
      }
      if (rules?.allowsKey(key, this.#route) !== false && hasTokens(key, this.#route, query)) {
        found = key;
        break;
      }
      open.pop();
      (passed ??= []).push(key);
    }
    if (passed !== undefined) for (const key of passed) open.push(key, order.rank(key));
    return found;
  }

  #close(key: Key, until: number): void {
    this.#opensAt[key.position] = until;
    this.#closed.push(key, until);
  }

  #letOpen(now: number): void {
    const closed = this.#closed;
    for (let key = closed.first; key !== undefined && closed.rank <= now; key = closed.first) {
      const { rank } = closed;
      closed.pop();
      // It may have opened since, and closed again for another time.
      if (this.#opensAt[key.position] === rank) this.add(key);
    }
  }
}
