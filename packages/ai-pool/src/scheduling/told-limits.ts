import { Admission, type Barrier } from './barrier.ts';
import { BegunLog } from './begun-log.ts';

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
  /** The longest reset that was told: so long is a window of requests; of all else 0. */
  readonly periodMs: number;
  /** The reset as it was told: epoch ms. */
  readonly resetAt: number;
  /** What was taken comes back a period after that, each for itself. */
  readonly slides: boolean;
}

/** Longer than this nobody is believed, in ms. */
const LONGEST_MS = 86_400_000;
/** What began is remembered for windows that are no longer, in ms. */
const LONGEST_PERIOD_MS = 100_000;
/** Of what is sent a period after another, it may arrive a little sooner, in ms. */
const JITTER_MS = 100;
/** Resets are told in whole seconds, rounded up. */
const ROUNDED_MS = 1_000;
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
  readonly #log = new BegunLog();
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
      const ms = Math.min(resetMs, LONGEST_MS);
      const resetAt = at + ms;
      const known = this.#left.get(name);
      const isLogged = counts === 'requests' && !refills && ms <= LONGEST_PERIOD_MS;
      const periodMs = isLogged ? Math.max(known?.periodMs ?? 0, ms) : 0;
      // After the end of a window that does not slide the next reset is that of a whole one.
      const isSoon = (last: number): boolean =>
        at >= last && resetAt - last < periodMs / 2 - ROUNDED_MS;
      const slides = isLogged && known !== undefined && (known.slides || isSoon(known.resetAt));
      const jitterMs = slides ? JITTER_MS : 0;
      // What comes back next has been taken by those that began since.
      const until = slides && later > 0 ? now + periodMs : resetAt + jitterMs;
      this.#left.set(name, {
        limit,
        count: Math.floor(count),
        // What was back by then has been told.
        at: at + jitterMs,
        perMs,
        until,
        isTried: false,
        periodMs,
        resetAt,
        slides,
      });
    }
    if (wasClosed && this.looksAgainAt(now) <= now) this.#freed();
  }

  /**
   * A refusal tells itself when to come back.
   *
   * @param at when the refused one began
   */
  forget(at: number, now: number): void {
    this.#log.remove(at);
    for (const [name, left] of this.#left) {
      if (left.slides) [left.count, left.at, left.until] = [0, now, now + NEW_MS];
      else this.#left.delete(name);
    }
  }

  /** Its number among all attempts. */
  begun(now: number): number {
    this.#inFlight++;
    let keepMs = 0;
    for (const left of this.#left.values()) {
      this.#renew(left, now);
      left.count--;
      // What was told to come back is taken.
      if (left.slides) left.until = now + left.periodMs;
      keepMs = Math.max(keepMs, 2 * left.periodMs);
    }
    if (keepMs > 0) this.#log.add(now, keepMs);
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
        at = Math.max(
          at,
          left.perMs > 0 ? now + (1 - left.count) / left.perMs : this.#backAt(left, now),
        );
      }
    }
    return at;
  }

  /** When one more of a window is back: epoch ms. */
  #backAt(left: Left, now: number): number {
    if (!left.slides) return left.until;
    const periodMs = left.periodMs + JITTER_MS;
    const begunAt = this.#log.nth(1 - left.count, now - periodMs);
    return Math.min(left.until, (begunAt ?? Number.POSITIVE_INFINITY) + periodMs);
  }

  /** What has come back since. */
  #renew(left: Left, now: number): void {
    if (left.perMs > 0) {
      left.count = Math.min(left.count + (now - left.at) * left.perMs, left.limit);
    } else if (left.slides) {
      const periodMs = left.periodMs + JITTER_MS;
      const back = this.#log.between(left.at - periodMs, now - periodMs);
      left.count = Math.min(left.count + back, left.limit || Number.POSITIVE_INFINITY);
      // What others have taken, or what was not logged, comes back, too.
      if (left.until <= now) left.count = Math.max(left.count, 1);
    } else if (left.until <= now) {
      // Some windows slide, and then only the oldest is back: where little was left, one tries.
      left.isTried = left.count < left.limit * LITTLE && !left.isTried;
      left.count = left.isTried ? 1 : left.limit || Number.POSITIVE_INFINITY;
      left.until = now + NEW_MS;
    }
    left.at = now;
  }
}
