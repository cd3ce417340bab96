/** Beyond so many entries, what comes soon after another is counted with it. */
const ENTRIES = 60;

/** So much was taken at a time; what is not used after all may be given back. */
export interface Taken {
  /** Epoch ms of the first and of the last that is counted with it. */
  readonly since: number;
  at: number;
  amount: number;
}

/**
 * Counts what was taken within the last so many ms: exactly where it is little, in sixtieths of
 * the window where it is much, and then rather too long than too short.
 *
 * A sliding window and not a bucket that refills: a full bucket lets twice its limit through in
 * the first window, which a provider that counts by the minute refuses.
 */
export class Window {
  readonly limit: number;
  readonly #ms: number;
  #entries: Taken[] = [];
  /** Entries before this one are over. */
  #head = 0;
  #used = 0;

  constructor(limit: number, ms: number) {
    this.limit = limit;
    this.#ms = ms;
  }

  room(now: number): number {
    this.#forget(now);
    return this.limit - this.#used;
  }

  take(amount: number, now: number): Taken {
    this.#used += amount;
    const last = this.#entries.at(-1);
    const isMany = this.#entries.length - this.#head > ENTRIES;
    if (isMany && last !== undefined && now - last.since < this.#ms / ENTRIES) {
      last.amount += amount;
      last.at = Math.max(now, last.at);
      return last;
    }
    const taken = { since: now, at: now, amount };
    this.#entries.push(taken);
    return taken;
  }

  /** Corrects what was taken; nothing of what is over by now. */
  correct(taken: Taken, by: number, now: number): void {
    this.#forget(now);
    if (taken.at + this.#ms <= now) return;
    taken.amount += by;
    this.#used += by;
  }

  /** When there is room for an amount: epoch ms. More than the limit waits for all of it. */
  opensAt(amount: number, now: number): number {
    let missing = Math.min(amount, this.limit) - this.room(now);
    if (missing <= 0) return now;
    for (let i = this.#head; ; i++) {
      const entry = this.#entries[i];
      if (entry === undefined) return now;
      missing -= entry.amount;
      if (missing <= 0) return entry.at + this.#ms;
    }
  }

  used(now: number): number {
    this.#forget(now);
    return this.#used;
  }

  /** When the oldest of what was taken is over: epoch ms. */
  freeAt(): number | undefined {
    const oldest = this.#entries[this.#head];
    return oldest === undefined ? undefined : oldest.at + this.#ms;
  }

  /** One of the last was not taken after all. */
  giveBack(now: number): void {
    this.#forget(now);
    const last = this.#entries.at(-1);
    if (last === undefined || this.#head >= this.#entries.length) return;
    this.#used--;
    if (--last.amount <= 0) this.#entries.pop();
  }

  #forget(now: number): void {
    for (;;) {
      const oldest = this.#entries[this.#head];
      if (oldest === undefined || oldest.at + this.#ms > now) break;
      this.#used -= oldest.amount;
      this.#head++;
    }
    if (this.#head > ENTRIES) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }
}
