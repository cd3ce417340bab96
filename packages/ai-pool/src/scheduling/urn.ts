/**
 * Items of which one is drawn: it stays the first until it is taken away or there is a new rank,
 * and then the next is drawn. Where all are alike, a draw costs the same however many there are.
 */
export class Urn<T> {
  private readonly items: T[] = [];
  private readonly random: () => number;
  private drawn = 0;
  /** That of the last draw. */
  rank: number = Number.NaN;

  constructor(random: () => number) {
    this.random = random;
  }

  get first(): T | undefined {
    return this.items[this.drawn];
  }

  push(item: T): void {
    this.items.push(item);
  }

  /** Takes the first away. */
  pop(): void {
    const last = this.items.pop();
    if (this.drawn < this.items.length) this.items[this.drawn] = last as T;
    this.draw();
  }

  /** A new draw. */
  rerank(rank: number): void {
    this.rank = rank;
    this.draw();
  }

  private draw(): void {
    const { length } = this.items;
    const at = Math.min(Math.floor(this.random() * length), length - 1);
    this.drawn = at > 0 ? at : 0;
  }
}
