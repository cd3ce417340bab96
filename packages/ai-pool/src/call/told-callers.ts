/** So long after the time they were told do callers keep their place, in ms. */
const GRACE_MS = 5_000;
/** Timers may fire so much early. */
const EARLY_MS = 5;
/** So many are remembered at most. */
const MOST = 1_000;

interface Told {
  /** When to come back: epoch ms. */
  readonly at: number;
  /** Since when the caller has been waiting: epoch ms. */
  readonly since: number;
}

/**
 * Remembers, for a short while, which callers were told when to come back. They count as waiting:
 * a caller that returns then has the place that it had, and breaks no guessed pause.
 * Callers are known by what they ask, since the SDK builds all else anew for each retry; one that
 * comes before its time is taken for somebody else, as is the second that asks the same.
 */
export class ToldCallers {
  /** What callers were told, by what they ask; those that ask the same in their order. */
  readonly #told = new Map<string, Told[]>();
  #count = 0;

  get any(): boolean {
    return this.#count > 0;
  }

  /** How many are expected back. */
  count(now: number): number {
    for (const caller of this.#told.keys()) this.#forget(caller, now);
    return this.#count;
  }

  add(caller: string, at: number, since: number): void {
    if (this.#count >= MOST) this.#forgetOldest();
    const same = this.#told.get(caller);
    if (same === undefined) this.#told.set(caller, [{ at, since }]);
    else same.push({ at, since });
    this.#count++;
  }

  /** Since when the caller has been waiting, where it is one of them and on time. */
  take(caller: string, now: number): number | undefined {
    this.#forget(caller, now);
    const same = this.#told.get(caller);
    const first = same?.findIndex(({ at }) => now >= at - EARLY_MS) ?? -1;
    const told = same?.splice(first, first < 0 ? 0 : 1)[0];
    if (told === undefined) return undefined;
    this.#count--;
    return told.since;
  }

  #forgetOldest(): void {
    const [[caller, { length }] = ['', []]] = this.#told;
    this.#told.delete(caller);
    this.#count -= length;
  }

  #forget(caller: string, now: number): void {
    const same = this.#told.get(caller) ?? [];
    const left = same.filter(({ at }) => now <= at + GRACE_MS);
    this.#count -= same.length - left.length;
    if (left.length > 0) this.#told.set(caller, left);
    else this.#told.delete(caller);
  }
}
