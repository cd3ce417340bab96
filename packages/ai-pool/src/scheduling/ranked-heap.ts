/**
 * A binary heap of items by a number that is kept beside each: the least comes first, of equal
 * ones the item that `before` puts first.
 */
export class RankedHeap<T> {
  readonly #items: T[] = [];
  readonly #ranks: number[] = [];
  readonly #before: (a: T, b: T) => boolean;

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  /** Rank of the first; Infinity where there is none. */
  get rank(): number {
    return this.#ranks[0] ?? Number.POSITIVE_INFINITY;
  }

  push(item: T, rank: number): void {
    let at = this.#items.length;
    for (; at > 0; at = (at - 1) >> 1) {
      const parent = (at - 1) >> 1;
      const above = this.#items[parent] as T;
      if (!this.#isBefore(item, rank, above, this.#ranks[parent] as number)) break;
      this.#set(at, above, this.#ranks[parent] as number);
    }
    this.#set(at, item, rank);
  }

  /** Takes the first away. */
  pop(): void {
    const last = this.#items.pop();
    const rank = this.#ranks.pop();
    if (this.#items.length > 0) this.#sink(last as T, rank as number);
  }

  /** Gives the first another rank. */
  rerank(rank: number): void {
    this.#sink(this.#items[0] as T, rank);
  }

  #sink(item: T, rank: number): void {
    const { length } = this.#items;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      const right = child + 1;
      if (right < length && this.#isChildBefore(right, child)) child = right;
      const below = this.#items[child] as T;
      if (!this.#isBefore(below, this.#ranks[child] as number, item, rank)) break;
      this.#set(at, below, this.#ranks[child] as number);
      at = child;
    }
    this.#set(at, item, rank);
  }

  #isChildBefore(a: number, b: number): boolean {
    const [one, other] = [this.#items[a] as T, this.#items[b] as T];
    return this.#isBefore(one, this.#ranks[a] as number, other, this.#ranks[b] as number);
  }

  #isBefore(a: T, rankOfA: number, b: T, rankOfB: number): boolean {
    return rankOfA < rankOfB || (rankOfA === rankOfB && this.#before(a, b));
  }

  #set(at: number, item: T, rank: number): void {
    this.#items[at] = item;
    this.#ranks[at] = rank;
  }
}
