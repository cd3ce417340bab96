import { closingKey, hasTokens, isUsableKey, limitersOf, type Query } from './admission.ts';
import { suits } from './affinity.ts';
import type { Barrier } from './barrier.ts';
import { RankedHeap } from './ranked-heap.ts';
import type { Key, Route } from './targets.ts';

/** When a route's keys let it be used. */
interface KeyOutlook {
  /** Epoch ms; Infinity where only a human helps. */
  readonly at: number;
  /** What closes the first of them. */
  readonly closing: Barrier | undefined;
  /** Whether those that are closed are closed by limits. */
  readonly onlyLimits: boolean;
}

const LIMITS: ReadonlySet<unknown> = /* @__PURE__ */ new Set(['rate-limit', 'quota']);

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
  /** Keys that are closed by something else than a limit, by their position. */
  readonly #isOther: boolean[] = [];
  #closedOtherwise = 0;

  constructor(route: Route) {
    this.#route = route;
    for (const key of route.provider.keys.values()) this.add(key);
  }

  /** The key is open, or shall be looked at again. */
  add(key: Key): void {
    if (this.#opensAt[key.position] === 0) return;
    this.#opensAt[key.position] = 0;
    if (this.#isOther[key.position] === true) {
      this.#closedOtherwise--;
      this.#isOther[key.position] = false;
    }
    this.#open.push(key, this.#route.provider.order.rank(key));
  }

  /** What the keys that a call may use let it expect; undefined where there is none. */
  outlook(query: Query): KeyOutlook | undefined {
    const { now } = query;
    if (this.hasAny(query)) return { at: now, closing: undefined, onlyLimits: true };
    const onlyLimits = this.#closedOtherwise === 0;
    const first = this.#closed.first;
    const closing = first && closingKey(first, this.#route, now);
    const at = closing?.expectedAt(now) ?? Number.POSITIVE_INFINITY;
    // The usual case; where the first is not the call's, or opens by hand only, all are asked.
    const isMine = first !== undefined && query.rules?.allowsKey(first, this.#route) !== false;
    if (isMine && at < Number.POSITIVE_INFINITY) return { at, closing, onlyLimits };
    return this.#askAll(query, onlyLimits);
  }

  #askAll({ now, rules, tokens }: Query, onlyLimits: boolean): KeyOutlook | undefined {
    let soonest: KeyOutlook | undefined;
    for (const key of this.#route.provider.keys.values()) {
      if (!key.takesPart(this.#route) || rules?.allowsKey(key, this.#route) === false) continue;
      const closing = closingKey(key, this.#route, now);
      let at = closing?.expectedAt(now) ?? now;
      for (const limiter of tokens > 1 ? limitersOf(key, this.#route) : []) {
        at = Math.max(at, limiter.fitsAt(tokens, now));
      }
      if (soonest === undefined || at < soonest.at) soonest = { at, closing, onlyLimits };
    }
    return soonest;
  }

  /** Whether any key may be used, without asking a function of the user's. */
  hasAny(query: Query): boolean {
    return this.pick(query, false) !== undefined;
  }

  /** The first key that may be used. What the call has ruled out for itself stays in its place. */
  pick(query: Query, mayChoose = true): Key | undefined {
    const { now, rules, affinity } = query;
    if (affinity !== undefined) return this.#suiting(affinity, query);
    this.#letOpen(now);
    const open = this.#open;
    const { order } = this.#route.provider;
    const choosesFrom = mayChoose ? (order.choosesFrom ?? 1) : 1;
    let passed: Key[] | undefined;
    let found: Key[] | undefined;
    let first: Key | undefined;
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
        this.#close(key, closing.looksAgainAt(now), LIMITS.has(closing.kind));
        continue;
      }
      if (rules?.allowsKey(key, this.#route) !== false && hasTokens(key, this.#route, query)) {
        first ??= key;
        if (choosesFrom === 1) break;
        (found ??= []).push(key);
        if (found.length >= choosesFrom) break;
      }
      open.pop();
      (passed ??= []).push(key);
    }
    if (passed !== undefined) for (const key of passed) open.push(key, order.rank(key));
    return found === undefined ? first : (order.choose?.(found, this.#route, now) ?? first);
  }

  /** The key that suits best of those that may be used. */
  #suiting(affinity: number, query: Query): Key | undefined {
    let below = Number.POSITIVE_INFINITY;
    for (;;) {
      let best: Key | undefined;
      let most = -1;
      for (const key of this.#route.provider.keys.values()) {
        const suit = suits(affinity, key.hash) + key.position / 2 ** 31;
        if (suit > most && suit < below) [best, most] = [key, suit];
      }
      if (best === undefined || isUsableKey(best, this.#route, query)) return best;
      below = most;
    }
  }

  #close(key: Key, until: number, isLimit: boolean): void {
    this.#opensAt[key.position] = until;
    if (!isLimit) {
      this.#closedOtherwise++;
      this.#isOther[key.position] = true;
    }
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
