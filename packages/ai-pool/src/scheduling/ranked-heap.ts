/** So many stand below each one: with four a large heap is half as deep as with two. */
const WIDTH = 4;

/**
 * A heap of items by a number that is kept beside each: the least comes first, of equal ones the
 * item that `before` puts first.
 */
export class RankedHeap<T> {
  private readonly items: T[] = [];
  private readonly ranks: number[] = [];
  private readonly before: (a: T, b: T) => boolean;

  constructor(before: (a: T, b: T) => boolean) {
    this.before = before;
  }

  get first(): T | undefined {
    return this.items[0];
  }

  /** Rank of the first; Infinity where there is none. */
  get rank(): number {
    return this.ranks[0] ?? Number.POSITIVE_INFINITY;
  }

  push(item: T, rank: number): void {
    const { items, ranks } = this;
    let at = items.length;
    while (at > 0) {
      const parent = Math.floor((at - 1) / WIDTH);
      const above = items[parent] as T;
      const own = ranks[parent] as number;
      const isFirst = rank < own || (rank === own && this.before(item, above));
      if (!isFirst) break;
      items[at] = above;
      ranks[at] = own;
      at = parent;
    }
    items[at] = item;
    ranks[at] = rank;
  }

  /** Takes the first away. */
  pop(): void {
    const last = this.items.pop();
    const rank = this.ranks.pop();
    if (this.items.length > 0) this.sink(last as T, rank as number);
  }

  /** Gives the first another rank. */
  rerank(rank: number): void {
    this.sink(this.items[0] as T, rank);
  }

  private sink(item: T, rank: number): void {
    // Read once: what is written in between may be any of them, for all the compiler knows.
    const { items, ranks } = this;
    const { length } = items;
    let at = 0;
    for (;;) {
      let child = WIDTH * at + 1;
      if (child >= length) break;
      let least = ranks[child] as number;
      const end = Math.min(child + WIDTH, length);
      for (let other = child + 1; other < end; other++) {
        const own = ranks[other] as number;
        const isTie = own === least && this.before(items[other] as T, items[child] as T);
        if (own < least || isTie) {
          child = other;
          least = own;
        }
      }
      if (rank < least || (rank === least && this.before(item, items[child] as T))) break;
      items[at] = items[child] as T;
      ranks[at] = least;
      at = child;
    }
    items[at] = item;
    ranks[at] = rank;
  }
}
