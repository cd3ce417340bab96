/** What takes turns: a key among those of its provider, or a provider among all. */
interface Turned {
  /** What the order remembers of it. */
  turn: number;
  readonly weight: number;
  /** Its place among all that there ever were. */
  readonly position: number;
}

/** Whose turn it is: the least rank's, of equal ones the first position's. */
export interface Turns<T> {
  /** One more begins to take part, as the last one. */
  add(one: T): void;
  rank(one: T): number;
  /** `retry`: a further attempt of a call that was handed one of them before. */
  handedOut(one: T, retry: boolean): void;
  /** Moves on past one without handing it out. */
  pass(one: T): void;
}

/**
 * In configured order, round and round: a rank is the next place at or after the one that the
 * cycle stands at. Sticky stays at what was handed out, until that cannot be used; round-robin
 * goes on to the next with every call.
 */
export class Cycle implements Turns<Turned> {
  private readonly stays: boolean;
  private length = 0;
  /** Counted on from round to round. */
  private place = 0;

  constructor(stays: boolean) {
    this.stays = stays;
  }

  add({ position }: Turned): void {
    this.place %= Math.max(this.length, 1);
    this.length = position + 1;
  }

  rank({ position }: Turned): number {
    const ahead = (position - this.place) % this.length;
    return this.place + (ahead < 0 ? ahead + this.length : ahead);
  }

  handedOut(one: Turned, retry: boolean): void {
    if (this.stays) this.place = this.rank(one);
    else if (!retry) this.pass(one);
  }

  pass(one: Turned): void {
    this.place = this.rank(one) + 1;
  }
}

/**
 * Stride scheduling: each advances by the inverse of its weight when it is handed out, and the
 * one that is least advanced comes next. Smooth (a weight of 3 is not handed out three times in a
 * row where others are ready) and the same for the same calls. What was closed for long does not
 * catch up at once.
 */
export class Weighted implements Turns<Turned> {
  private now = 0;

  add(one: Turned): void {
    one.turn = this.now;
  }

  rank({ turn }: Turned): number {
    return Math.max(turn, this.now);
  }

  handedOut(one: Turned): void {
    this.pass(one);
  }

  pass(one: Turned): void {
    if (one.weight === 0) return;
    this.now = this.rank(one);
    one.turn = this.now + 1 / one.weight;
  }
}
