/** Over so long is looked back at most, in ms. */
const LOOKS_BACK_MS = 180_000;
/** Shorter than this tells no rate, in ms. */
const SHORTEST_MS = 2_000;
/** A pause that is longer tells something, in ms; and so many times more than it lets expect. */
const LONG_MS = 3_000;
const MANY = 3;
/** What was seen once is doubled after so long without refusals, in ms; what was seen often, later. */
const DOUBLED_MS = 20_000;
/** Sooner where it was seen in less time, but not sooner than this. */
const SOONEST_DOUBLED_MS = 10_000;
/** Beyond so many times what was learned there is nothing left to hold back. */
const LET_GO = 8;
/** So many may begin at once; after a while without refusals what comes in so long, too, in ms. */
const LEAST_BURST = 2;
const BURST_SHARE = 1 / 8;
const LONGEST_BURST_MS = 10_000;

/**
 * A limit that refills evenly. It is empty when it refuses: what got through between two refusals
 * is what came in that time. So its rate is known the better the longer that is, and what is
 * allowed is a little more than what was seen, by as much as may have been missed.
 */
export class LearnedBucket {
  /** Since the first refusal, or since a moment that is not too long ago: epoch ms. */
  #from: number;
  #served = 0;
  #refusedAt: number;
  /** How long it let nothing through after the last refusal; 0 once that has been counted. */
  #closedMs = 0;
  /** What is allowed is doubled after so long without refusals. */
  #doubledMs = DOUBLED_MS;
  /** Per ms; 0 while it is not known. */
  #rate = 0;
  #uncertainty = 0;
  #level = 0;
  #at: number;

  /** @param now it has refused for the first time: epoch ms */
  constructor(now: number) {
    this.#from = this.#refusedAt = this.#at = now;
  }

  get isKnown(): boolean {
    return this.#rate > 0;
  }

  begun(now: number): void {
    if (!this.isKnown) this.#forgetOld(now);
    this.#served++;
    this.#refill(now);
    this.#level--;
  }

  /** What comes seldom says nothing about the limit. */
  #forgetOld(now: number): void {
    const ms = now - this.#from;
    if (ms <= LOOKS_BACK_MS) return;
    this.#served *= LOOKS_BACK_MS / 2 / ms;
    this.#from = now - LOOKS_BACK_MS / 2;
  }

  /** One that had begun was refused; perhaps before anything was known. */
  withdraw(): void {
    this.#served = Math.max(this.#served - 1, 0);
  }

  /** It lets something through again. */
  opened(now: number): void {
    this.#closedMs = now - this.#refusedAt;
  }

  /** The first of those that are refused together. */
  refused(now: number): void {
    // A bucket is closed for as long as one takes to come in: then more would not have got through.
    const expected = (now - this.#from) / this.#closedMs;
    const isOther = this.#closedMs > LONG_MS && this.#served > MANY * expected;
    if (isOther) this.#from += this.#closedMs;
    this.#closedMs = 0;
    const ms = now - this.#from;
    if (ms >= SHORTEST_MS) {
      const served = Math.max(this.#served, 0.5);
      this.#rate = served / ms;
      this.#uncertainty = 1 / (served + 1);
      this.#doubledMs = Math.min(Math.max(ms, SOONEST_DOUBLED_MS), DOUBLED_MS);
      if (ms > LOOKS_BACK_MS) {
        this.#served /= 2;
        this.#from = now - ms / 2;
      }
    }
    this.#refusedAt = now;
    this.#at = now;
    this.#level = 0;
  }

  opensAt(now: number): number {
    this.#refill(now);
    // Unknown, or just forgotten.
    if (!this.isKnown) return now;
    const missing = 1 - this.#level;
    if (missing <= 1e-6) return now;
    // More is allowed by then: no later than it opens, since nobody looks before.
    const latest = now + missing / (this.#rate * this.#factor(now));
    return now + missing / (this.#rate * this.#factor(latest));
  }

  #factor(now: number): number {
    const since = (now - this.#refusedAt) / this.#doubledMs;
    return 1 + this.#uncertainty * (1 + since * since);
  }

  #refill(now: number): void {
    if (!this.isKnown) return;
    const factor = this.#factor(now);
    if (factor > LET_GO) {
      this.#rate = 0;
      return;
    }
    const rate = this.#rate * factor;
    const burst = rate * Math.min((now - this.#refusedAt) * BURST_SHARE, LONGEST_BURST_MS);
    this.#level = Math.min(this.#level + (now - this.#at) * rate, LEAST_BURST + burst);
    this.#at = now;
  }
}
