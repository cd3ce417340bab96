/** A slow start is over after so long, in ms, or with so many attempts at once. */
const SLOW_START_MS = 5_000;
const SLOW_START_MOST = 32;
/** While nothing is learned, refusals are set against what was begun within so long, in ms. */
const OBSERVED_MS = 60_000;
/** A rate that was used up is tried so much higher next time. */
const HIGHER = 1.02;
/** One that was not is forgotten: so much per minute, or per period where that is longer. */
const FORGOTTEN = 1.5;
/** Beyond so many times what was learned there is nothing left to hold back. */
const LET_GO = 8;

/**
 * How fast a scope is used again after a pause. At first slowly: one attempt, and two more for
 * each that gets through, so that those who waited do not close it again together. Where a limit
 * has refused repeatedly between two pauses, what got through in that time is its rate: no more
 * is begun per such period, a little more is tried when it was used up, and it is forgotten when
 * it was not. The first refusal teaches nothing: nobody knows what came before it.
 */
export class Pace {
  readonly #learns: boolean;
  #since = 0;
  #begun = 0;
  #refused = 0;
  /** Attempts that the slow start still allows; Infinity when it is over. */
  #credit = Number.POSITIVE_INFINITY;
  /** Attempts per period; Infinity while nothing is learned. */
  #rate = Number.POSITIVE_INFINITY;
  #learned = 0;
  #periodMs = 0;

  /** @param learns whether refusals tell a rate: of a limit, not of an outage */
  constructor(learns: boolean) {
    this.#learns = learns;
  }

  /** A success may let more attempts through at any time. */
  get isSlow(): boolean {
    return this.#credit < 1;
  }

  /** A pause is over. */
  begin(now: number): void {
    const isRepeated = this.#since > 0 && this.#refused > 0;
    if (this.#learns && isRepeated) {
      this.#rate = this.#learned = Math.max(this.#begun - this.#refused, 1);
      this.#periodMs = Math.max(now - this.#since, 1);
      this.#credit = Number.POSITIVE_INFINITY;
    } else if (this.#rate === Number.POSITIVE_INFINITY) this.#credit = 1;
    this.#since = now;
    this.#begun = 0;
    this.#refused = 0;
  }

  begun(now: number): void {
    this.#roll(now);
    this.#begun++;
    this.#credit--;
  }

  gotThrough(): void {
    this.#credit += 2;
    if (this.#credit > SLOW_START_MOST) this.#credit = Number.POSITIVE_INFINITY;
  }

  refused(): void {
    this.#refused++;
  }

  /** When the next attempt may begin: epoch ms. */
  opensAt(now: number): number {
    this.#roll(now);
    if (this.isSlow && now < this.#since + SLOW_START_MS) return this.#since + SLOW_START_MS;
    return this.#begun < Math.floor(this.#rate) ? now : this.#since + this.#periodMs;
  }

  #roll(now: number): void {
    const age = now - this.#since;
    if (this.#rate === Number.POSITIVE_INFINITY) {
      if (age > OBSERVED_MS) this.#observeFrom(now);
      return;
    }
    if (age < this.#periodMs) return;
    const periods = Math.floor(age / this.#periodMs);
    const isUsedUp = this.#begun >= Math.floor(this.#rate);
    const idleMs = (isUsedUp ? periods - 1 : periods) * this.#periodMs;
    const forgotten = FORGOTTEN ** (idleMs / Math.max(this.#periodMs, OBSERVED_MS));
    this.#rate *= isUsedUp ? HIGHER * forgotten : forgotten;
    if (this.#rate > LET_GO * this.#learned) this.#rate = Number.POSITIVE_INFINITY;
    this.#observeFrom(this.#since + periods * this.#periodMs);
  }

  #observeFrom(since: number): void {
    this.#since = since;
    this.#begun = 0;
    this.#refused = 0;
  }
}
