import { LearnedBucket } from './learned-bucket.ts';
import { LearnedSlide } from './learned-slide.ts';
import { LearnedWindow } from './learned-window.ts';
import { Sharing } from './sharing.ts';

/** What opens again only after so long counts by windows; what refills is back earlier, in ms. */
const WINDOW_FROM_MS = 45_000;
/** Providers count by the minute: what looks like a little more than one is a minute, in ms. */
const MINUTE_MS = 60_000;
const ABOUT_A_MINUTE_MS = 100_000;
/** Providers say when a pause ends in whole seconds, rounded up, and it comes a little later. */
const ROUNDED_MS = 2_000;
/** Where several use a key, somebody begins its next minute within so long, in ms. */
const SOON_MS = 10_000;
/** What lets nothing through for so long is no limit that refills, in ms. */
const NO_REFILL_MS = 12_000;
/** Of a window's count: what is refused with less than that was not refused by this window. */
const NEARLY = 0.9;

/**
 * The limit that refuses again and again, as far as refusals tell: a window that begins with its
 * first attempt, a minute that slides, or a bucket that refills. Which of them, is told by how
 * long it takes from one opening to the next, and by how much had got through in the last minute.
 * The first refusal teaches nothing: nobody knows what came before it.
 */
export class LearnedLimit {
  readonly #sharing: Sharing;
  readonly #slide: LearnedSlide;
  #window: LearnedWindow | undefined;
  #bucket: LearnedBucket | undefined;
  /** When the last pause ended, and when the first attempt after it began: epoch ms. */
  #openedAt: number | undefined;
  #firstAt: number | undefined;
  /** When the last attempt began, and the last one before that first: epoch ms. */
  #lastAt: number;
  #restedFrom = Number.POSITIVE_INFINITY;
  /** What has begun since, what of it was refused, and what has got through. */
  #begun = 0;
  #refused = 0;
  #through = 0;
  /** What a minute that slides would have let through since. */
  #within = 0;
  /** More got through than a minute that slides allows: all of the window is there at once. */
  #isFixed = false;
  /** When the first of the last refusals came, when the last, and until when it was closed. */
  #refusedAt = 0;
  #lastRefusedAt = 0;
  #closedUntil = 0;
  /** The last pause was too long for something that refills. */
  #hadWindow = false;
  /** The last pause was as long as the provider said. */
  #isStated = false;
  /** The last pause was guessed to be as long as what is left of a window. */
  #isGuessed = false;

  /**
   * @param now it refuses for the first time: epoch ms
   * @param sharing of the provider whose limit it is
   */
  constructor(now: number, sharing: Sharing = new Sharing()) {
    this.#sharing = sharing;
    this.#lastAt = now;
    this.#slide = new LearnedSlide(now);
  }

  /** It is known well enough for all that it allows to begin at once. */
  get isKnown(): boolean {
    return (
      this.#slide.isKnown ||
      (this.#window !== undefined && this.#isFixed) ||
      this.#bucket?.isKnown === true
    );
  }

  /** A pause is over. */
  opened(now: number, isStated: boolean): void {
    if (this.#openedAt !== undefined && this.#refused > 0) {
      this.#learnWindow(this.#openedAt, now, isStated);
    }
    this.#hadWindow = this.#closedUntil - this.#refusedAt >= NO_REFILL_MS;
    if (this.#hadWindow) this.#bucket = undefined;
    this.#bucket?.opened(now);
    this.#isStated = isStated;
    this.#restart(now);
  }

  #restart(now: number): void {
    this.#openedAt = now;
    this.#firstAt = undefined;
    this.#begun = this.#refused = this.#through = this.#within = 0;
  }

  #learnWindow(openedAt: number, now: number, isStated: boolean): void {
    const wasWindow = this.#window !== undefined;
    this.#window = undefined;
    const firstAt = this.#firstAt ?? Number.NEGATIVE_INFINITY;
    const cycleMs = now - openedAt;
    const closedMs = this.#closedUntil - this.#refusedAt;
    if (isStated) this.#lookForOthers(firstAt);
    const isShared = isStated && this.#sharing.isSeen;
    // Used up late, a window is closed for no longer than a bucket: its end tells.
    const isMinute = isShared && (wasWindow || this.#closedUntil <= firstAt + MINUTE_MS + 1_000);
    if (cycleMs < WINDOW_FROM_MS || (closedMs < NO_REFILL_MS && !isMinute)) return;
    // Where nobody says so, it may have opened at any time since the last refusal.
    const atLeastMs = isStated ? cycleMs : this.#lastRefusedAt - openedAt;
    // In a long time it may have begun anew unseen: it is as long as it was seen closed.
    const isLong = atLeastMs >= ABOUT_A_MINUTE_MS;
    const periodMs = isLong ? Math.max(closedMs, MINUTE_MS) : MINUTE_MS;
    // What slides was partly used up when it opened. A share is what got through this time.
    const slid = this.#isFixed || isShared ? 1 : this.#slide.count;
    const count = Math.max(this.#begun - this.#refused, slid, 1);
    this.#window = new LearnedWindow(count, periodMs, now, this.#sharing);
  }

  /** The minute that is stated to end began when nothing of ours did: others use the key, too. */
  #lookForOthers(firstAt: number): void {
    const beganAt = this.#closedUntil - MINUTE_MS;
    // Long before our first it began for who does not count by minutes.
    const from = Math.max(this.#restedFrom + ROUNDED_MS, firstAt - SOON_MS);
    if (beganAt > from && beganAt < firstAt) this.#sharing.isSeen = true;
  }

  /**
   * Whether a period begins that may not be there at once, as far as is known: a wave would be
   * refused. Where pauses are stated they tell by themselves.
   */
  begun(now: number): boolean {
    const isNew = this.#window?.begun(now) === true;
    if (isNew) this.#restart(now);
    if (this.#firstAt === undefined) [this.#firstAt, this.#restedFrom] = [now, this.#lastAt];
    this.#lastAt = now;
    this.#begun++;
    if (this.#slide.isOpen(now)) this.#within++;
    this.#slide.begun(now);
    this.#bucket?.begun(now);
    return isNew && !this.isKnown && !this.#isStated;
  }

  gotThrough(): void {
    const isMore = ++this.#through > this.#within * (2 - NEARLY) + 2;
    if (isMore && this.#window !== undefined) this.#isFixed = true;
  }

  /**
   * @param hadBegun false for an attempt from before the first refusal
   * @param isNew false for those that were under way together, and for probes
   * @param isSame it was under way together with the first
   */
  refuses(hadBegun: boolean, isNew: boolean, now: number, isSame: boolean = !isNew): void {
    this.#lastRefusedAt = now;
    if (hadBegun) {
      this.#refused++;
      this.#bucket?.withdraw();
      this.#slide.refused(isNew, now, isSame);
    }
    if (!isNew) return;
    this.#refusedAt = now;
    if (this.#window !== undefined) this.#contradicted(this.#window.learned * NEARLY, now);
    if (this.#bucket !== undefined) this.#bucket.refused(now);
    else this.#bucket = new LearnedBucket(now);
  }

  /** The window had room, were it not one that slides. */
  #contradicted(nearlyAll: number, now: number): void {
    if (this.#begun - this.#refused >= nearlyAll || this.#slide.used(now) < nearlyAll) return;
    this.#slide.believe();
    this.#isFixed = false;
  }

  /** The pause that came of it, stated or guessed: until then nothing gets through. Epoch ms. */
  closed(until: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, until);
  }

  /**
   * How long a pause may be guessed, where windows are known or likely, in ms.
   *
   * @param isFirst not the refusal of a probe
   */
  guess(now: number, isFirst: boolean): number | undefined {
    const wasGuessed = this.#isGuessed;
    const endsAt = isFirst ? this.#endsAt(now) : now;
    this.#isGuessed = endsAt > now && !this.#slide.isKnown;
    // It should have been open by now: such a window begins anew with each refusal.
    if (!isFirst && wasGuessed) return MINUTE_MS;
    return endsAt > now ? endsAt - now : undefined;
  }

  #endsAt(now: number): number {
    if (this.#slide.isKnown) return this.#slide.freeAt(now);
    if (this.#window !== undefined) return this.#window.endsAt;
    const isLikely = this.#hadWindow && this.#slide.isComplete(now);
    return isLikely && this.#firstAt !== undefined ? this.#firstAt + MINUTE_MS : now;
  }

  /** When the next attempt may begin: epoch ms. */
  opensAt(now: number): number {
    if (this.#slide.isKnown) return this.#slide.opensAt(now);
    if (this.#window?.isForgotten === true) this.#window = undefined;
    return this.#window?.opensAt(now) ?? this.#bucket?.opensAt(now) ?? now;
  }
}
