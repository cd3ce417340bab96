import type { Limits } from '../config/types.ts';
import { Admission, type Barrier } from './barrier.ts';
import { Window, type Taken } from './window.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What a scope's limits still allow now; absent what is not limited. */
export interface Headroom {
  readonly requests?: number;
  readonly tokens?: number;
}

/** What one attempt has taken of a limiter. */
export interface Debit {
  readonly limiter: Limiter;
  readonly requests: readonly Taken[];
  readonly tokens: readonly Taken[];
  readonly reserved: number;
}

/** The declared limits of one scope: what was taken of them, and when there is room again. */
export class Limiter implements Barrier {
  readonly kind = 'rate-limit';
  readonly error = undefined;
  readonly isDisabled = false;
  readonly #requests: readonly Window[];
  readonly #tokens: readonly Window[];
  readonly #most: number;
  readonly #freed: () => void;
  #inFlight = 0;
  /** Somebody has looked for room in vain. */
  #isMissed = false;

  /** @param freed there is room that somebody looked for in vain */
  constructor({ rpm, rpd, tpm, tpd, maxConcurrency }: Limits, freed: () => void) {
    this.#requests = [...windows(rpm, MINUTE_MS), ...windows(rpd, DAY_MS)];
    this.#tokens = [...windows(tpm, MINUTE_MS), ...windows(tpd, DAY_MS)];
    this.#most = maxConcurrency ?? Number.POSITIVE_INFINITY;
    this.#freed = freed;
  }

  /** An attempt in flight ends at a time that nobody knows. */
  get isProbing(): boolean {
    return this.#inFlight >= this.#most;
  }

  check(now: number, tokens?: number): Admission {
    return this.looksAgainAt(now, tokens) > now ? Admission.wall : Admission.open;
  }

  expectedAt(now: number, tokens?: number): number {
    return this.looksAgainAt(now, tokens);
  }

  looksAgainAt(now: number, tokens = 1): number {
    const at = this.isProbing ? Number.POSITIVE_INFINITY : this.#fitsAt(Math.max(tokens, 1), now);
    if (at > now) this.#isMissed = true;
    return at;
  }

  /** When the windows have room for a request of so many tokens: epoch ms. */
  #fitsAt(tokens: number, now: number): number {
    let at = now;
    for (const window of this.#requests) at = Math.max(at, window.opensAt(1, now));
    for (const window of this.#tokens) at = Math.max(at, window.opensAt(tokens, now));
    return at;
  }

  take(tokens: number, now: number): Debit {
    this.#inFlight++;
    return {
      limiter: this,
      requests: this.#requests.map(window => window.take(1, now)),
      tokens: this.#tokens.map(window => window.take(tokens, now)),
      reserved: tokens,
    };
  }

  /** @param used tokens in fact; undefined: nobody knows, so what was reserved counts */
  settle(debit: Debit, used: number | undefined, now: number): void {
    const by = used === undefined ? 0 : used - debit.reserved;
    if (by !== 0) correct(this.#tokens, debit.tokens, by, now);
    this.#free(by < 0);
  }

  /** The attempt was never sent. */
  giveBack(debit: Debit, now: number): void {
    correct(this.#requests, debit.requests, -1, now);
    correct(this.#tokens, debit.tokens, -debit.reserved, now);
    this.#free(true);
  }

  headroom(now: number): Headroom {
    const rooms = (all: readonly Window[]): number[] =>
      all.map(each => Math.max(each.room(now), 0));
    const free = Math.max(this.#most - this.#inFlight, 0);
    const requests = Math.min(free, ...rooms(this.#requests));
    const tokens = Math.min(...rooms(this.#tokens));
    return {
      ...(Number.isFinite(requests) && { requests }),
      ...(Number.isFinite(tokens) && { tokens }),
    };
  }

  /** How much of the tightest limit is taken: 0 to 1. */
  share(now: number): number {
    const shares = [...this.#requests, ...this.#tokens].map(
      each => 1 - each.room(now) / each.limit,
    );
    return Math.max(0, this.#inFlight / this.#most, ...shares);
  }

  #free(hasGivenBack: boolean): void {
    const hasRoom = this.isProbing || hasGivenBack;
    this.#inFlight--;
    if (!hasRoom || !this.#isMissed) return;
    this.#isMissed = false;
    this.#freed();
  }
}

const windows = (limit: number | undefined, ms: number): Window[] =>
  limit === undefined || !Number.isFinite(limit) ? [] : [new Window(limit, ms)];

function correct(all: readonly Window[], taken: readonly Taken[], by: number, now: number): void {
  all.forEach((window, i) => {
    const one = taken[i];
    if (one !== undefined) window.correct(one, by, now);
  });
}
