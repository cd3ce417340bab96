import { closingKey, isUsableKey, outlookOfKey, type Outlook, type Query } from './admission.ts';
import { suits } from './affinity.ts';
import { isLimit, type Barrier } from './barrier.ts';
import type { KeyOrder } from './key-order.ts';
import { RankedHeap } from './ranked-heap.ts';
import type { Key, Route } from './targets.ts';
import type { Urn } from './urn.ts';

const byPosition = (a: Key, b: Key): boolean => a.position < b.position;

/**
 * The keys of one route: those that are open, in the provider's order, and those that are closed,
 * by the moment at which they may open. A key is looked at when it comes first in either, so that
 * a choice costs the same whether 10 or 100,000 keys there are, and however many of them are
 * closed: each closure moves a key once.
 */
export class OpenKeys {
  private readonly route: Route;
  private readonly open: RankedHeap<Key> | Urn<Key>;
  private readonly closed = new RankedHeap<Key>(byPosition);
  /**
   * When a closed key may open, by its position: epoch ms, Infinity where that cannot be known;
   * 0 for one that is among the open.
   */
  private readonly opensAt: number[] = [];
  /** Closed keys that attempts under way may open at any time. */
  private readonly unsettled = new Set<Key>();
  /** Keys that are closed by something else than a limit. */
  private readonly others = new Set<Key>();

  constructor(route: Route) {
    this.route = route;
    this.open = route.provider.order.keeps?.() ?? new RankedHeap<Key>(byPosition);
    for (const key of route.provider.keys.values()) this.add(key);
  }

  /** The key is open, or shall be looked at again. */
  add(key: Key): void {
    if (this.opensAt[key.position] === 0) return;
    this.opensAt[key.position] = 0;
    this.unsettled.delete(key);
    this.others.delete(key);
    this.open.push(key, this.route.provider.order.rank(key));
  }

  /** Whether every key that is closed is closed by a limit. */
  get onlyLimits(): boolean {
    return this.others.size === 0;
  }

  /** What the keys that a call may use let it expect; undefined where there is none. */
  outlook(query: Query): Outlook | undefined {
    const { now, tokens, rules } = query;
    do {
      if (this.hasAny(query)) return { at: now, possibleAt: now, closing: undefined };
    } while (this.correctFirst(now));
    const { first } = this.closed;
    if (first !== undefined && this.unsettled.size === 0 && tokens <= 1) {
      const outlook = outlookOfKey(first, this.route, query);
      const isMine = rules?.allowsKey(first, this.route) !== false;
      // The usual case; where the first is not the call's, or opens by hand only, all are asked.
      if (isMine && outlook.at < Number.POSITIVE_INFINITY) return outlook;
    }
    return this.askAll(query);
  }

  private askAll(query: Query): Outlook | undefined {
    const route = this.route;
    let soonest: Outlook | undefined;
    for (const key of route.provider.keys.values()) {
      if (!key.takesPart(route) || query.rules?.allowsKey(key, route) === false) continue;
      const outlook = outlookOfKey(key, route, query);
      if (outlook.at <= query.now) this.add(key);
      soonest = sooner(soonest, outlook);
    }
    return soonest;
  }

  /** Whether any key may be used, without asking a function of the user's. */
  hasAny(query: Query): boolean {
    return this.pick(query, false) !== undefined;
  }

  /** The first key that may be used. What the call has ruled out for itself stays in its place. */
  pick(query: Query, mayChoose = true): Key | undefined {
    const { rules, affinity, prefer } = query;
    if (prefer !== undefined || affinity !== undefined) return this.pickNear(query, mayChoose);
    const { hasBarriers, order } = this.route.provider;
    const isSimple = rules === undefined && !hasBarriers && order.choosesFrom === undefined;
    return (isSimple ? this.first(order) : undefined) ?? this.search(query, mayChoose);
  }

  /** The first, where nothing can be closed; mostly it was handed out last, and is no more. */
  private first(order: KeyOrder): Key | undefined {
    const open = this.open;
    let key = open.first;
    if (key === undefined) return undefined;
    const rank = order.rank(key);
    if (rank !== open.rank) {
      open.rerank(rank);
      key = open.first;
    }
    const isIt = key !== undefined && order.rank(key) === open.rank && key.takesPart(this.route);
    return isIt ? key : undefined;
  }

  private pickNear(query: Query, mayChoose: boolean): Key | undefined {
    const { affinity, prefer } = query;
    const near = prefer === undefined ? undefined : this.near(prefer, query);
    if (near !== undefined) return near;
    if (affinity !== undefined) return this.suiting(affinity, query);
    return this.search(query, mayChoose);
  }

  private search({ now, rules, tokens }: Query, mayChoose: boolean): Key | undefined {
    this.letOpen(now);
    const route = this.route;
    const open = this.open;
    const { order } = route.provider;
    const choosesFrom = mayChoose ? (order.choosesFrom ?? 1) : 1;
    let passed: Key[] | undefined;
    let only: Key | undefined;
    let found: Key[] | undefined;
    for (let key = open.first; key !== undefined; key = open.first) {
      const rank = order.rank(key);
      if (rank !== open.rank) {
        open.rerank(rank);
        continue;
      }
      if (!key.takesPart(route)) {
        open.pop();
        this.opensAt[key.position] = Number.NaN;
        continue;
      }
      const closing = closingKey(key, route, now);
      const fits = tokens <= 1 || closingKey(key, route, now, tokens) === undefined;
      // To look at it may have ended a pause of its account, and then another may come first.
      if (open.first !== key) continue;
      if (closing !== undefined) {
        open.pop();
        this.close(key, closing, now);
        continue;
      }
      if (fits && rules?.allowsKey(key, route) !== false) {
        only ??= key;
        if (choosesFrom === 1) break;
        if ((found ??= []).push(key) >= choosesFrom) break;
      }
      open.pop();
      (passed ??= []).push(key);
    }
    if (passed !== undefined) for (const key of passed) open.push(key, order.rank(key));
    return found === undefined ? only : order.choose?.(found, route, now);
  }

  /** The key, or another of its account, which is as good. */
  private near(key: Key, query: Query): Key | undefined {
    if (key.provider !== this.route.provider) return undefined;
    const near = [key, ...(key.account?.keys ?? [])];
    return near.find(each => isUsableKey(each, this.route, query));
  }

  /** The key that suits best of those that may be used. */
  private suiting(affinity: number, query: Query): Key | undefined {
    let best: Key | undefined;
    let most = -1;
    for (const key of this.route.provider.keys.values()) {
      const suit = suits(affinity, key.hash);
      if (suit > most && isUsableKey(key, this.route, query)) [best, most] = [key, suit];
    }
    return best;
  }

  private close(key: Key, closing: Barrier, now: number): void {
    const at = closing.looksAgainAt(now);
    this.opensAt[key.position] = at;
    // What opens at no known time is told when it does.
    if (at < Number.POSITIVE_INFINITY) this.closed.push(key, at);
    if (closing.isProbing) this.unsettled.add(key);
    if (!isLimit(closing)) this.others.add(key);
  }

  private letOpen(now: number): void {
    const closed = this.closed;
    for (let key = closed.first; key !== undefined; key = closed.first) {
      const { rank } = closed;
      // It may have opened since, and closed again for another time.
      const isTrue = this.opensAt[key.position] === rank;
      if (isTrue && rank > now) return;
      closed.pop();
      if (isTrue) this.add(key);
    }
  }

  /** Looks again at the closed key that opens first, where it does not open when it said. */
  private correctFirst(now: number): boolean {
    const key = this.closed.first;
    if (key === undefined) return false;
    const opensAt = closingKey(key, this.route, now)?.looksAgainAt(now);
    if (key.takesPart(this.route) && opensAt === this.closed.rank) return false;
    this.closed.pop();
    this.add(key);
    return true;
  }
}

/** Of two, when the first of them may be used. */
export function sooner(one: Outlook | undefined, other: Outlook): Outlook {
  if (one === undefined) return other;
  const { at, closing } = other.at < one.at ? other : one;
  return { at, closing, possibleAt: Math.min(one.possibleAt, other.possibleAt) };
}
