const MINUTE_MS = 60_000;

/** How a provider counts. What it counts by, nobody is told, unless its headers do. */
export type Counting =
  /** So many in a minute that begins with the first request after the last one has ended. */
  | 'fixed window'
  /** Refills evenly, and holds what comes in ten seconds. */
  | 'token bucket'
  /** Refills evenly, and holds what comes in a minute. */
  | 'deep bucket'
  /** So many in any minute. */
  | 'sliding window'
  /** So many in any minute, and refused requests count, too, as at OpenAI. */
  | 'counts refusals'
  /** A fixed window that begins anew with each refusal. */
  | 'locks out';

/** A quota as headers show it. */
interface Standing {
  readonly limit: number;
  readonly remaining: number;
  /** Until it is whole again, in ms. */
  readonly resetMs: number;
}

export interface HiddenLimit {
  /** In how many ms so much fits; 0: now. */
  waitMs(now: number, amount: number): number;
  take(now: number, amount: number): void;
  refuse(now: number, amount: number): void;
  resize(factor: number): void;
  standing(now: number): Standing;
}

/** How many minutes' worth a limit lets through at once, on top of what it lets through later. */
export function burstMinutes(counting: Counting): number {
  return counting === 'token bucket' ? 1 / 6 : counting === 'deep bucket' ? 1 : 0;
}

/**
 * @param quota per minute
 * @param windowMs of what counts by windows: it lets its share of the quota through in each
 */
export function hiddenLimit(
  counting: Counting,
  quota: number,
  windowMs: number = MINUTE_MS,
): HiddenLimit {
  const burst = quota * burstMinutes(counting);
  if (burst > 0) return new Bucket(quota, burst);
  const perWindow = (quota * windowMs) / MINUTE_MS;
  if (counting === 'counts refusals' || counting === 'sliding window')
    return new Log(perWindow, windowMs, counting === 'counts refusals');
  return new FixedWindow(perWindow, windowMs, counting === 'locks out');
}

class FixedWindow implements HiddenLimit {
  #quota: number;
  readonly #ms: number;
  readonly #locksOut: boolean;
  #endsAt = 0;
  #used = 0;

  constructor(quota: number, ms: number, locksOut: boolean) {
    this.#quota = quota;
    this.#ms = ms;
    this.#locksOut = locksOut;
  }

  waitMs(now: number, amount: number): number {
    return now >= this.#endsAt || this.#used + amount <= this.#quota ? 0 : this.#endsAt - now;
  }

  take(now: number, amount: number): void {
    if (now >= this.#endsAt) [this.#used, this.#endsAt] = [0, now + this.#ms];
    this.#used += amount;
  }

  refuse(now: number): void {
    if (this.#locksOut) [this.#used, this.#endsAt] = [this.#quota, now + this.#ms];
  }

  resize(factor: number): void {
    this.#quota *= factor;
  }

  standing(now: number): Standing {
    const isOpen = now < this.#endsAt;
    const remaining = Math.max(0, Math.floor(this.#quota - (isOpen ? this.#used : 0)));
    return { limit: this.#quota, remaining, resetMs: isOpen ? this.#endsAt - now : 0 };
  }
}

/** What was asked within the last so many ms. */
class Log implements HiddenLimit {
  readonly #ms: number;
  readonly #countsRefusals: boolean;
  #quota: number;
  #entries: { readonly at: number; readonly amount: number }[] = [];
  #used = 0;

  constructor(quota: number, ms: number, countsRefusals: boolean) {
    this.#quota = quota;
    this.#ms = ms;
    this.#countsRefusals = countsRefusals;
  }

  #forget(now: number): void {
    const isOver = ({ at }: { readonly at: number }): boolean => at + this.#ms <= now;
    const first = this.#entries.findIndex(entry => !isOver(entry));
    const over = this.#entries.splice(0, first < 0 ? this.#entries.length : first);
    for (const { amount } of over) this.#used -= amount;
  }

  waitMs(now: number, amount: number): number {
    this.#forget(now);
    // More than it allows fits when nothing else is there.
    let missing = this.#used + Math.min(amount, this.#quota) - this.#quota;
    if (missing <= 0) return 0;
    for (const entry of this.#entries) {
      missing -= entry.amount;
      if (missing <= 0) return entry.at + this.#ms - now;
    }
    return 0;
  }

  take(now: number, amount: number): void {
    this.#entries.push({ at: now, amount });
    this.#used += amount;
  }

  refuse(now: number, amount: number): void {
    if (this.#countsRefusals) this.take(now, amount);
  }

  resize(factor: number): void {
    this.#quota *= factor;
  }

  standing(now: number): Standing {
    this.#forget(now);
    const [oldest] = this.#entries;
    return {
      limit: this.#quota,
      remaining: Math.max(0, Math.floor(this.#quota - this.#used)),
      // When more of it is there.
      resetMs: oldest === undefined ? 0 : this.waitMs(now, 1) || oldest.at + this.#ms - now,
    };
  }
}

class Bucket implements HiddenLimit {
  #quota: number;
  #size: number;
  #level: number;
  #at = 0;

  constructor(quota: number, size: number) {
    this.#quota = quota;
    this.#size = Math.max(size, 1);
    this.#level = this.#size;
  }

  #refill(now: number): void {
    this.#level = Math.min(this.#size, this.#level + (this.#quota * (now - this.#at)) / MINUTE_MS);
    this.#at = now;
  }

  waitMs(now: number, amount: number): number {
    this.#refill(now);
    // More than it holds fits when it is full.
    const missing = Math.min(amount, this.#size) - this.#level;
    return missing <= 1e-9 ? 0 : (missing * MINUTE_MS) / this.#quota;
  }

  take(now: number, amount: number): void {
    this.#refill(now);
    this.#level -= amount;
  }

  refuse(): void {
    // Costs nothing.
  }

  resize(factor: number): void {
    this.#quota *= factor;
    this.#size = Math.max(this.#size * factor, 1);
  }

  standing(now: number): Standing {
    this.#refill(now);
    return {
      limit: Math.floor(this.#size),
      remaining: Math.max(0, Math.floor(this.#level + 1e-9)),
      resetMs: ((this.#size - this.#level) * MINUTE_MS) / this.#quota,
    };
  }
}
