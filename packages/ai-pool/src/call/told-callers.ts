/** So long after the time they were told do callers still count as those who were told, in ms. */
const GRACE_MS = 2_000;
/** Timers may fire so much early. */
const EARLY_MS = 5;
/** So many are remembered at most. */
const MOST = 1_000;

/**
 * Remembers, for a short while, which callers were told when to come back. A caller that returns
 * then breaks no guessed pause: it calls only targets whose pause has ended.
 * Callers are known by what they ask, since the SDK builds all else anew for each retry; one that
 * comes before its time is taken for somebody else, as is the second that asks the same.
 */
export class ToldCallers {
  /** The time that a caller was told last, by what it asks. */
  readonly #times = new Map<string, number>();

  get any(): boolean {
    return this.#times.size > 0;
  }

  add(caller: string, retryAt: number): void {
    if (this.#times.size >= MOST) this.#times.clear();
    this.#times.set(caller, retryAt);
  }

  /** Whether this is the one, on time. */
  take(caller: string, now: number): boolean {
    const time = this.#times.get(caller) ?? Number.POSITIVE_INFINITY;
    if (now < time - EARLY_MS) return false;
    this.#times.delete(caller);
    return now <= time + GRACE_MS;
  }
}
