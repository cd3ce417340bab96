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

/** What is left of a limit, as far as is known. */
interface Left {
  /** The whole; 0 where it is not said. */
  readonly limit: number;
  count: number;
  /** When that was so: epoch ms. */
  at: number;
  /** What comes back per ms; 0: all of it at once. */
  readonly perMs: number;
  /** When all of it is back: epoch ms. */
  until: number;
  /** One attempt is finding out whether all of it is back. */
  isTried: boolean;
}

/** Longer than this nobody is believed, in ms. */
const LONGEST_MS = 86_400_000;
/** What begins anew without being told is told by the first answer, within so long, in ms. */
const NEW_MS = 5_000;
/** A limit of which less than this share was left may not be whole again at its reset. */
const LITTLE = 0.25;

/**
 * What the headers of answers tell about the limits of a key on a model, or of an account on it.
 * A limit that is used up closes it until there is room; what is in flight counts as used, since
 * the provider may not have seen it yet. Nothing is held back that the provider does not say: with
 * anything left everything is open, and after the time that it names; where little was left, one
 * finds out first.
 */
export class ToldLimits implements Barrier {
  readonly kind = 'rate-limit';
  readonly error = undefined;
  readonly isDisabled = false;
  readonly #left = new Map<string, Left>();
  readonly #freed: () => void;
  #inFlight = 0;
  /** How many there ever were. */
  #begun = 0;

  /** @param freed something is open that was not */
  constructor(freed: () => void) {
    this.#freed = freed;
  }

  /** The answer to an attempt that is under way may say otherwise at any time. */
  get isProbing(): boolean {
    return this.#inFlight > 0;
  }

  /**
   * @param refills whether a reset is the time until the limit is whole, not the end of a window:
   * then there is room for one request much earlier
   * @param asked when the attempt that is answered began, and what `begun` gave it: headers are
   * written when it is let in and know nothing of what comes after; answers overtake each other
   */
  tell(
    limits: readonly ToldLimit[],
    refills: boolean,
    now: number,
    { at = now, number }: { readonly at?: number; readonly number?: number | undefined } = {},
  ): void {
    const later = number === undefined ? this.#inFlight : this.#begun - number;
    const wasClosed = this.looksAgainAt(now) > now;
    for (const { name, counts, limit = 0, remaining, resetMs } of limits) {
      if (remaining === undefined || resetMs === undefined) continue;
      const used = limit - remaining;
      // Of tokens nobody knows how many the next request takes.
      const count = counts === 'requests' ? remaining - later : remaining;
      const perMs = refills && used > 0 ? used / resetMs : 0;
      const until = at + Math.min(resetMs, LONGEST_MS);
      this.#left.set(name, { limit, count: Math.floor(count), at, perMs, until, isTried: false });
    }
    if (wasClosed && this.looksAgainAt(now) <= now) this.#freed();
  }

  /** A refusal tells itself when to come back. */
  forget(): void {
    this.#left.clear();
  }

  /** Its number among all attempts. */
  begun(now: number): number {
    this.#inFlight++;
    for (const left of this.#left.values()) {
      this.#renew(left, now);
      left.count--;
    }
    return ++this.#begun;
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
    for (const left of this.#left.values()) {
      this.#renew(left, now);
      if (left.count < 1) {
        at = Math.max(at, left.perMs > 0 ? now + (1 - left.count) / left.perMs : left.until);
      }
    }
    return at;
  }

  /** What has come back since. */
  #renew(left: Left, now: number): void {
    if (left.perMs > 0) {
      left.count = Math.min(left.count + (now - left.at) * left.perMs, left.limit);
    } else if (left.until <= now) {
      // Some windows slide, and then only the oldest is back: where little was left, one tries.
      left.isTried = left.count < left.limit * LITTLE && !left.isTried;
      left.count = left.isTried ? 1 : left.limit || Number.POSITIVE_INFINITY;
      left.until = now + NEW_MS;
    }
    left.at = now;
  }
}
