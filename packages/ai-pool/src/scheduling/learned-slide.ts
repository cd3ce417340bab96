import { Window } from './window.ts';

const MINUTE_MS = 60_000;
/** What got through before refusals is alike where it differs by no more than this share, and one. */
const ALIKE = 0.1;
/** So many refusals in a row that agree are believed; twice as many after each that did not. */
const AGREED = 3;
/** A count that was used up without a refusal is raised by this share, and by more each time. */
const FIRST_STEP = 0.02;
const FASTER = 4;
/** What was not used up is forgotten: so much per minute. */
const FORGOTTEN = 1.5;
/** Beyond so many times what was learned there is nothing left to hold back. */
const LET_GO = 8;

/**
 * A limit of so many in any minute. Where refusals come whenever the same number got through in
 * the last minute, however it was spread, that number is the limit. Some providers count what
 * they refuse, too: of both numbers the steadier one is right.
 */
export class LearnedSlide {
  // Made when they are needed: of many keys that were refused once, few are used again soon.
  #served: Window | undefined;
  #refused: Window | undefined;
  /** How much steadier the number is with those that were refused. */
  #withRefused = 0;
  readonly #from: number;
  /** What there was in the minute before the last refusal. */
  #learnedServed = 0;
  #learnedRefused = 0;
  /** What those that agree agree with. */
  #commonServed = 0;
  #commonRefused = 0;
  /** So many times what was learned is allowed. */
  #raised = 1;
  /** So many refusals in a row agree, of so many that are needed. */
  #agreed = 0;
  #needed = AGREED;
  #step = FIRST_STEP;
  /** When it was raised last, and whether all that it allows was used since. */
  #since = 0;
  #isUsedUp = false;

  /** @param now from then on it knows what begins: epoch ms */
  constructor(now: number) {
    this.#from = now;
  }

  /** All of the last minute is known. */
  isComplete(now: number): boolean {
    return now - this.#from >= MINUTE_MS;
  }

  get isKnown(): boolean {
    return this.#agreed >= this.#needed;
  }

  /** What had got through in the minute before the last refusal; 0 while nobody knows. */
  get count(): number {
    return this.#learnedServed;
  }

  get #learned(): number {
    return this.#sum(this.#learnedServed, this.#learnedRefused);
  }

  #sum(served: number, refused: number): number {
    return served + (this.#withRefused > 0 ? refused : 0);
  }

  /** Whether it would let one more through, were it such a limit; true while nobody knows. */
  isOpen(now: number): boolean {
    if (this.#learnedServed === 0 || !this.isComplete(now)) return true;
    return this.used(now) < Math.max(Math.floor(this.#learned * this.#raised), 1);
  }

  /** What counts of the last minute. */
  used(now: number): number {
    return this.#sum(this.#served?.used(now) ?? 0, this.#refused?.used(now) ?? 0);
  }

  begun(now: number): void {
    if (this.isKnown && now >= this.#since + MINUTE_MS) this.#next(now);
    (this.#served ??= minute()).take(1, now);
  }

  /** The first of those that are refused together, one more of them (`isSame`), or a probe. */
  refused(isNew: boolean, now: number, isSame: boolean = !isNew): void {
    this.#served?.giveBack(now);
    if (isNew) this.#learn(now);
    // It was counted when the first of them was refused.
    else if (isSame) this.#learnedServed = Math.max(this.#learnedServed - 1, 0);
    // There was room, if those that were refused took none.
    else if ((this.#served?.used(now) ?? 0) < this.#learnedServed) this.#withRefused++;
    (this.#refused ??= minute()).take(1, now);
  }

  #learn(now: number): void {
    // What got through before the first refusal is not known.
    if (!this.isComplete(now)) return;
    const served = this.#served?.used(now) ?? 0;
    const refused = this.#refused?.used(now) ?? 0;
    if (this.#learnedServed > 0) {
      const off = Math.abs(served - this.#learnedServed);
      const offWithRefused = Math.abs(
        served + refused - this.#learnedServed - this.#learnedRefused,
      );
      this.#withRefused = this.#withRefused / 2 + off - offWithRefused;
      // Not with the last of them: of a bucket it is a little less each time.
      if (this.#agreed === 0) this.#setCommon();
      const common = this.#sum(this.#commonServed, this.#commonRefused);
      if (Math.abs(this.#sum(served, refused) - common) <= common * ALIKE + 1) this.#agreed++;
      else {
        if (this.isKnown) this.#needed *= 2;
        this.#agreed = 0;
      }
    }
    this.#learnedServed = served;
    this.#learnedRefused = refused;
    this.#raised = 1;
    this.#step = FIRST_STEP;
    this.#since = now;
    this.#isUsedUp = false;
  }

  #setCommon(): void {
    this.#commonServed = this.#learnedServed;
    this.#commonRefused = this.#learnedRefused;
  }

  /** It is such a limit. */
  believe(): void {
    this.#agreed = Math.max(this.#agreed, this.#needed);
    this.#setCommon();
  }

  opensAt(now: number): number {
    if (this.isOpen(now)) return now;
    this.#isUsedUp = true;
    return this.freeAt(now);
  }

  /** When the oldest of the last minute is over: epoch ms. */
  freeAt(now: number): number {
    const served = this.#served?.freeAt() ?? Infinity;
    const refused = this.#withRefused > 0 ? (this.#refused?.freeAt() ?? Infinity) : Infinity;
    const at = Math.min(served, refused);
    return Number.isFinite(at) ? at : now;
  }

  #next(now: number): void {
    if (this.#isUsedUp) {
      this.#raised *= 1 + this.#step;
      this.#step *= FASTER;
    } else {
      this.#raised *= FORGOTTEN ** ((now - this.#since) / MINUTE_MS);
      if (this.#raised > LET_GO) this.#agreed = 0;
    }
    this.#since = now;
    this.#isUsedUp = false;
  }
}

const minute = (): Window => new Window(Number.MAX_SAFE_INTEGER, MINUTE_MS);
