import { Sharing } from './sharing.ts';

/** A count that was used up without a refusal is raised by this share, and by more each time. */
const FIRST_STEP = 0.1;
const FASTER = 5;
/** What was not used up is forgotten: so much per minute, or per period where that is longer. */
const FORGOTTEN = 1.5;
const FORGETS_BY_MS = 60_000;
/** Beyond so many times what was learned there is nothing left to hold back. */
const LET_GO = 8;

/**
 * A limit that lets so many through per period and then none until the period is over: all of
 * them may begin at once. A period begins with its first attempt, as the windows of providers do.
 * Where others use it, too, it is kept to: more is tried only when a call found nothing open.
 */
export class LearnedWindow {
  readonly #learned: number;
  readonly #periodMs: number;
  readonly #sharing: Sharing;
  #count: number;
  #step: number = FIRST_STEP;
  #since: number;
  #begun = 0;

  /** @param now its period begins: epoch ms */
  constructor(count: number, periodMs: number, now: number, sharing: Sharing = new Sharing()) {
    this.#sharing = sharing;
    this.#learned = count;
    this.#count = count;
    this.#periodMs = periodMs;
    this.#since = now;
  }

  /** Nothing is held back any more. */
  get isForgotten(): boolean {
    return this.#count > LET_GO * this.#learned;
  }

  /** So many have been seen to get through. */
  get learned(): number {
    return this.#learned;
  }

  get endsAt(): number {
    return this.#since + this.#periodMs;
  }

  /** Whether a new period begins. */
  begun(now: number): boolean {
    const isNew = now >= this.endsAt;
    if (isNew) this.#next(now);
    if (this.#begun++ === 0) this.#since = now;
    return isNew;
  }

  opensAt(now: number): number {
    return this.#begun < Math.floor(this.#count) ? now : Math.max(now, this.endsAt);
  }

  #next(now: number): void {
    const isShared = this.#sharing.isSeen;
    const isUsedUp = this.#begun >= Math.floor(this.#count);
    if (isUsedUp && (!isShared || this.#sharing.missedAt >= this.#since)) {
      this.#count *= 1 + this.#step;
      this.#step *= FASTER;
    }
    const idleMs = now - (isUsedUp || isShared ? this.endsAt : this.#since);
    this.#count *= FORGOTTEN ** (idleMs / Math.max(this.#periodMs, FORGETS_BY_MS));
    this.#since = now;
    this.#begun = 0;
  }
}
