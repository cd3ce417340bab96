const MINUTE_MS = 60_000;

/** How a provider counts. What it counts by, nobody is told, unless its headers do. */
export type Counting =
  /** So many per minute that begins with the first request after the last one has ended. */
  | 'fixed window'
  /** Refills evenly, and holds what comes in ten seconds. */
  | 'token bucket'
  /** Refills evenly, and holds what comes in a minute. */
  | 'deep bucket'
  /** A fixed window that begins anew with each refusal. */
  | 'counts refusals';

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
  refuse(now: number): void;
  resize(factor: number): void;
  standing(now: number): Standing;
}

/** How many minutes' worth a limit lets through at once, on top of what it lets through later. */
export function burstMinutes(counting: Counting): number {
  return counting === 'token bucket' ? 1 / 6 : counting === 'deep bucket' ? 1 : 0;
}

/** @param quota per minute */
export function hiddenLimit(counting: Counting, quota: number): HiddenLimit {
  const burst = quota * burstMinutes(counting);
  if (burst > 0) return new Bucket(quota, burst);
  return new FixedWindow(quota, counting === 'counts refusals');
}

class FixedWindow implements HiddenLimit {
  #quota: number;
  readonly #countsRefusals: boolean;
  #endsAt = 0;
  #used = 0;

  constructor(quota: number, countsRefusals: boolean) {
    this.#quota = quota;
    this.#countsRefusals = countsRefusals;
  }

  waitMs(now: number, amount: number): number {
    return now >= this.#endsAt || this.#used + amount <= this.#quota ? 0 : this.#endsAt - now;
  }

  take(now: number, amount: number): void {
    if (now >= this.#endsAt) [this.#used, this.#endsAt] = [0, now + MINUTE_MS];
    this.#used += amount;
  }

  refuse(now: number): void {
    if (this.#countsRefusals) [this.#used, this.#endsAt] = [this.#quota, now + MINUTE_MS];
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
