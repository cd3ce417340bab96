/** So long after the time they were told do callers still count as those who were told, in ms. */
const GRACE_MS = 2_000;
/** Timers may fire so much early. */
const EARLY_MS = 5;
/** So many are remembered at most. */
const MOST = 1_000;

/**
 * Remembers, for a short while, which callers were told when to come back. A caller that returns
 * then continues the same call in a further round: it calls only targets whose pause has ended.
 * Callers are known by what they ask, since the SDK builds all else anew for each retry; one that
 * comes before its time is taken for somebody else.
 */
export class ToldCallers {
  /** The times that callers were told, by what they ask. */
  readonly #times = new Map<string, number[]>();

  get any(): boolean {
    return this.#times.size > 0;
  }

  add(caller: string, retryAt: number): void {
    if (this.#times.size >= MOST) this.#times.clear();
    const times = this.#times.get(caller) ?? [];
    times.push(retryAt);
    this.#times.set(caller, times);
  }

  /** Whether this is one of them, on time; each counts once. */
  take(caller: string, now: number): boolean {
    const times = this.#times.get(caller)?.filter(time => now <= time + GRACE_MS) ?? [];
    const mine = times.findIndex(time => now >= time - EARLY_MS);
    if (mine >= 0) times.splice(mine, 1);
    if (times.length === 0) this.#times.delete(caller);
    else this.#times.set(caller, times);
    return mine >= 0;
  }
}
