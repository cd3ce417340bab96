import { Admission, type Barrier } from './barrier.ts';

/** What a provider said of one of its limits, as far as scheduling goes by it. */
export interface ToldLimit {
  readonly name: string;
  readonly counts: string;
  readonly limit?: number;
  readonly remaining?: number;
  /** Until the limit is whole again, in ms. */
  readonly resetMs?: number;
}

/** So many attempts of a limit are left, until it has room again. */
interface Left {
  count: number;
  /** Epoch ms. */
  readonly until: number;
}

/** Longer than this nobody is believed, in ms. */
const LONGEST_MS = 86_400_000;

/**
 * What the headers of answers tell about the limits of a key on a model, or of an account on it.
 * A limit that is used up closes it until there is room; what is in flight counts as used, since
 * the provider may not have seen it yet. Nothing is held back that the provider does not say: with
 * anything left, and after the time that it names, everything is open.
 */
export class ToldLimits implements Barrier {
  readonly kind = 'rate-limit';
  readonly error = undefined;
  readonly isDisabled = false;
  readonly #left = new Map<string, Left>();
  readonly #freed: () => void;
  #inFlight = 0;

  /** @param freed something is open that was not */
  constructor(freed: () => void) {
    this.#freed = freed;
  }

  /** The answer to an attempt that is under way may say otherwise at any time. */
  get isProbing(): boolean {
    return this.#inFlight > 0;
  }

  /**
   * @param own attempts in flight that the answer itself is of
   * @param refills whether a reset is the time until the limit is whole, not the end of a window:
   * then there is room for one request much earlier
   */
  tell(limits: readonly ToldLimit[], refills: boolean, now: number, own = 0): void {
    const wasClosed = this.looksAgainAt(now) > now;
    for (const { name, counts, limit = 0, remaining, resetMs } of limits) {
      if (remaining === undefined || resetMs === undefined) continue;
      const used = limit - remaining;
      const waitMs = refills && used > 0 ? resetMs / used : resetMs;
      const until = now + Math.min(waitMs, LONGEST_MS);
      // Of tokens nobody knows how many the next request takes.
      const count = counts === 'requests' ? remaining - this.#inFlight + own : remaining;
      this.#left.set(name, { count: Math.floor(count), until });
    }
    if (wasClosed && this.looksAgainAt(now) <= now) this.#freed();
  }

  /** A refusal tells itself when to come back. */
  forget(): void {
    this.#left.clear();
  }

  begun(): void {
    this.#inFlight++;
    for (const left of this.#left.values()) left.count--;
  }

  ended(): void {
    this.#inFlight--;
  }

  check(now: number): Admission {
    return this.looksAgainAt(now) > now ? Admission.wall : Admission.open;
  }

  expectedAt(now: number): number {
    return this.looksAgainAt(now);
  }

  looksAgainAt(now: number): number {
    let at = now;
    for (const [name, { count, until }] of this.#left) {
      if (until <= now) this.#left.delete(name);
      else if (count <= 0) at = Math.max(at, until);
    }
    return at;
  }
}
