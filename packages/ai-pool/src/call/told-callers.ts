/** So long after the time they were told do callers still count as those who were told, in ms. */
const GRACE_MS = 10_000;
/** Timers may fire so much early. */
const EARLY_MS = 5;

/** So many callers are remembered at most. */
const MOST = 10_000;

interface Told {
  count: number;
  /** The soonest time that any of them was told: epoch ms. */
  from: number;
  /** When the last of them is no longer expected: epoch ms. */
  until: number;
}

/**
 * Remembers, for a short while, which callers were told when to come back. A caller that returns
 * then continues the same call in a further round: it calls only targets whose pause has ended.
 * Callers are known by what they ask, since the SDK builds all else anew for each retry; one that
 * comes before its time is taken for somebody else.
 */
export class ToldCallers {
  /** In the order in which they were told last. */
  readonly #told = new Map<string, Told>();

  get any(): boolean {
    return this.#told.size > 0;
  }

  add(caller: string, retryAt: number, now: number): void {
    this.#forgetLate(now);
    const { count = 0, from = retryAt, until = 0 } = this.#told.get(caller) ?? {};
    this.#told.delete(caller);
    this.#told.set(caller, {
      count: count + 1,
      from: Math.min(from, retryAt),
      until: Math.max(until, retryAt + GRACE_MS),
    });
  }

  /** Whether this is one of them, on time; each counts once. */
  take(caller: string, now: number): boolean {
    this.#forgetLate(now);
    const told = this.#told.get(caller);
    if (told === undefined || now < told.from - EARLY_MS) return false;
    if (--told.count === 0) this.#told.delete(caller);
    return true;
  }

  #forgetLate(now: number): void {
    for (const [caller, { until }] of this.#told) {
      // The oldest come first: beyond the first that is still expected hardly any is late.
      if (until >= now && this.#told.size < MOST) return;
      this.#told.delete(caller);
    }
  }
}
