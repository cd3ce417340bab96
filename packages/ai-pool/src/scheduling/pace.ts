import { LearnedBucket } from './learned-bucket.ts';
import { LearnedWindow } from './learned-window.ts';

/** A slow start is over after so long, in ms, or with so many attempts at once. */
const SLOW_START_MS = 5_000;
const SLOW_START_MOST = 32;
/** What opens again only after so long counts by windows; what refills is back earlier, in ms. */
const WINDOW_FROM_MS = 45_000;
/** Providers count by the minute: what looks like a little more than one is a minute, in ms. */
const MINUTE_MS = 60_000;
const ABOUT_A_MINUTE_MS = 100_000;
/** What lets nothing through for so long is no limit that refills, in ms. */
const NO_REFILL_MS = 12_000;

/**
 * How fast a scope is used again after a pause. At first slowly: one attempt, and two more for
 * each that gets through, so that those who waited do not close it again together. Where a limit
 * has refused repeatedly it is learned, as a window or as a bucket that refills, by how long it
 * takes from one opening to the next. The first refusal teaches nothing: nobody knows what came
 * before it.
 */
export class Pace {
  readonly #learns: boolean;
  /** Attempts that were dispatched later are known to it. */
  readonly #from: number;
  /** When the last pause ended, and when the first attempt after it began: epoch ms. */
  #openedAt: number | undefined;
  #firstAt: number | undefined;
  #wasStated = false;
  /** When the first of the last refusals came, and until when it was closed. */
  #refusedAt = 0;
  #closedUntil = 0;
  /** The last pause was too long for something that refills. */
  #hadWindow = false;
  #begun = 0;
  #refused = 0;
  /** Attempts that the slow start still allows; Infinity when it is over. */
  #credit = Number.POSITIVE_INFINITY;
  #window: LearnedWindow | undefined;
  #bucket: LearnedBucket | undefined;

  /** @param learns whether refusals tell a rate: of a limit, not of an outage */
  constructor(learns: boolean, from = 0) {
    this.#learns = learns;
    this.#from = from;
  }

  /** A success may let more attempts through at any time. */
  get isSlow(): boolean {
    return this.#credit < 1;
  }

  /**
   * A pause is over.
   *
   * @param isStated by the provider's word; after a guess a probe has found it out already
   */
  begin(now: number, isStated = false): void {
    this.#wasStated = isStated;
    const isRepeated = this.#openedAt !== undefined && this.#refused > 0;
    if (this.#learns && isRepeated) this.#learn(now - (this.#openedAt ?? now), now);
    const isKnown = this.#window !== undefined || this.#bucket?.isKnown === true;
    this.#credit = isKnown ? Number.POSITIVE_INFINITY : 1;
    this.#hadWindow = this.#closedUntil - this.#refusedAt >= NO_REFILL_MS;
    this.#openedAt = now;
    this.#firstAt = undefined;
    this.#begun = 0;
    this.#refused = 0;
  }

  #learn(cycleMs: number, now: number): void {
    this.#window = undefined;
    if (cycleMs < WINDOW_FROM_MS || this.#closedUntil - this.#refusedAt < NO_REFILL_MS) return;
    const periodMs = cycleMs < ABOUT_A_MINUTE_MS ? MINUTE_MS : cycleMs;
    this.#window = new LearnedWindow(Math.max(this.#begun - this.#refused, 1), periodMs, now);
    this.#bucket = undefined;
  }

  begun(now: number): void {
    this.#firstAt ??= now;
    this.#begun++;
    this.#credit--;
    this.#window?.begun(now);
    this.#bucket?.begun(now);
  }

  gotThrough(): void {
    this.#credit += 2;
    if (this.#credit > SLOW_START_MOST) this.#credit = Number.POSITIVE_INFINITY;
  }

  /** @param isNew false for those that were under way together, and for probes */
  refused(sequence: number, isNew: boolean, now: number): void {
    const isKnown = sequence > this.#from;
    if (isKnown) {
      this.#refused++;
      this.#bucket?.withdraw();
    }
    if (!isNew) return;
    this.#refusedAt = now;
    if (this.#bucket !== undefined) this.#bucket.refused(now);
    else this.#bucket = new LearnedBucket(now);
  }

  /** The pause that came of it, stated or guessed: until then nothing gets through. Epoch ms. */
  closed(until: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, until);
  }

  /** How long a pause may be guessed, where windows are known or likely, in ms. */
  windowLeft(now: number): number | undefined {
    const endsAt =
      this.#window?.endsAt ??
      (this.#hadWindow && this.#firstAt !== undefined ? this.#firstAt + MINUTE_MS : now);
    return endsAt > now ? endsAt - now : undefined;
  }

  /** When the next attempt may begin: epoch ms. */
  opensAt(now: number): number {
    if (this.#window?.isForgotten === true) this.#window = undefined;
    // Whoever states a pause is taken at its word: at its end one attempt finds out.
    if (this.#wasStated && this.#firstAt === undefined) return now;
    const slowUntil = (this.#openedAt ?? now) + SLOW_START_MS;
    if (this.isSlow && now < slowUntil) return slowUntil;
    return this.#window?.opensAt(now) ?? this.#bucket?.opensAt(now) ?? now;
  }
}
