/** Once somebody has been waiting for so long, newcomers may hardly wait, in ms. */
const BUSY_MS = 5_000;
const NEWCOMERS_WAIT_MS = 500;
/** Who has looked in vain joins again: the line is not empty meanwhile, for so long, in ms. */
const JOINS_AGAIN_MS = 100;
/** Over so long is looked back for how fast the line moves, in ms. */
const PACE_MS = 5_000;

/** A call that waits for a target. */
export interface Waiter {
  /** Epoch ms: those who have waited longer come first. */
  readonly since: number;
  /** The same for calls that can use the same targets; undefined where a call is particular. */
  readonly wants: unknown;
  /** Takes a target, if one is open now. */
  tryNow(now: number): boolean;
}

/**
 * The calls that wait, first come first served. What opens is handed to them one by one, in
 * their order, and never to all at once: each takes its target before the next one looks.
 */
export class WaitingLine {
  readonly #waiters: Waiter[] = [];
  /** Since when nobody waits, where nobody does: epoch ms. */
  #emptySince = Number.NEGATIVE_INFINITY;
  #isServing = false;
  #isDue = false;
  #busySince = 0;
  /** How many were served since a moment: how fast the line moves. */
  #served = 0;
  #servedSince = 0;

  get size(): number {
    return this.#waiters.length;
  }

  /** How long a call that comes now may wait at most, in ms. */
  allowance(now: number): number {
    const isBusy = this.size > 0 && now - this.#busySince >= BUSY_MS;
    return isBusy ? NEWCOMERS_WAIT_MS : Number.POSITIVE_INFINITY;
  }

  /** In how many ms somebody with so many others before it has its turn. */
  turnIn(ahead: number, now: number): number {
    return this.#served === 0 ? 0 : (ahead * (now - this.#servedSince)) / this.#served;
  }

  join(waiter: Waiter, now: number): void {
    if (this.size === 0 && now - this.#emptySince > JOINS_AGAIN_MS) {
      this.#busySince = now;
      this.#served = 0;
      this.#servedSince = now;
    }
    let at = this.size;
    while (at > 0 && (this.#waiters[at - 1]?.since ?? 0) > waiter.since) at--;
    this.#waiters.splice(at, 0, waiter);
  }

  leave(waiter: Waiter, now: number): void {
    const at = this.#waiters.indexOf(waiter);
    if (at >= 0) this.#waiters.splice(at, 1);
    if (this.size === 0) this.#emptySince = now;
  }

  /** Something may have opened: looked at once all that belongs to it has happened. */
  wake(now: () => number): void {
    if (this.size === 0 || this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.serve(now());
    });
  }

  /** Lets the waiting calls try in their order; only those who came before, where that is said. */
  serve(now: number, before: number = Number.POSITIVE_INFINITY): void {
    if (this.#isServing) return;
    this.#isServing = true;
    const inVain = new Set<unknown>();
    // A copy: who is served leaves the line.
    for (const waiter of this.#waiters.slice()) {
      if (waiter.since > before) break;
      if (inVain.has(waiter.wants)) continue;
      if (waiter.tryNow(now)) this.#count(now);
      else if (waiter.wants !== undefined) inVain.add(waiter.wants);
    }
    this.#isServing = false;
  }

  #count(now: number): void {
    const age = now - this.#servedSince;
    if (age > 2 * PACE_MS) {
      this.#served *= PACE_MS / age;
      this.#servedSince = now - PACE_MS;
    }
    this.#served++;
  }
}
