import { LearnedLimit } from './learned-limit.ts';
import { Sharing } from './sharing.ts';

/** A slow start is over after so long, in ms, or with so many attempts at once. */
const SLOW_START_MS = 5_000;
const SLOW_START_MOST = 32;

/**
 * How fast a scope is used again after a pause. At first slowly: one attempt, and two more for
 * each that gets through, so that those who waited do not close it again together. Where a limit
 * has refused repeatedly it is learned.
 */
export class Pace {
  readonly #learns: boolean;
  /** Attempts that were dispatched later are known to it. */
  readonly #from: number;
  readonly #sharing: Sharing;
  /** When the last pause ended: epoch ms. */
  #openedAt: number | undefined;
  /** One attempt finds out whether what was stated is true. */
  #triesFirst = false;
  /** Attempts that the slow start still allows; Infinity when it is over. */
  #credit = Number.POSITIVE_INFINITY;
  #limit: LearnedLimit | undefined;

  /** @param learns whether refusals tell a rate: of a limit, not of an outage */
  constructor(learns: boolean, from = 0, sharing: Sharing = new Sharing()) {
    this.#sharing = sharing;
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
    this.#limit?.opened(now, isStated);
    this.#triesFirst = isStated;
    this.#credit = this.#limit?.isKnown === true ? Number.POSITIVE_INFINITY : 1;
    this.#openedAt = now;
  }

  begun(now: number): void {
    this.#triesFirst = false;
    this.#credit--;
    if (this.#limit?.begun(now) === true) [this.#credit, this.#openedAt] = [0, now];
  }

  gotThrough(): void {
    this.#limit?.gotThrough();
    this.#credit += 2;
    if (this.#credit > SLOW_START_MOST) this.#credit = Number.POSITIVE_INFINITY;
  }

  /**
   * @param isNew false for those that were under way together, and for probes
   * @param isSame it was under way together with the first
   */
  refused(sequence: number, isNew: boolean, now: number, isSame: boolean = !isNew): void {
    if (!this.#learns) return;
    this.#limit ??= new LearnedLimit(now, this.#sharing);
    this.#limit.refuses(sequence > this.#from, isNew, now, isSame);
  }

  /** The pause that came of it, stated or guessed: until then nothing gets through. Epoch ms. */
  closed(until: number): void {
    this.#limit?.closed(until);
  }

  /**
   * How long a pause may be guessed, where a limit is known or likely, in ms.
   *
   * @param isFirst not the refusal of a probe
   */
  guess(now: number, isFirst: boolean): number | undefined {
    return this.#limit?.guess(now, isFirst);
  }

  /** When the next attempt may begin: epoch ms. */
  opensAt(now: number): number {
    // Whoever states a pause is taken at its word.
    if (this.#triesFirst) return now;
    const slowUntil = (this.#openedAt ?? now) + SLOW_START_MS;
    if (this.isSlow && now < slowUntil) return slowUntil;
    return this.#limit?.opensAt(now) ?? now;
  }
}
