import type { ScopeRef } from '../observe/events.ts';
import type { DurationSource, FailureKind } from '../failure/verdict.ts';
import type { Clock } from '../clock.ts';
import { Admission, type Barrier } from './barrier.ts';
import { guessedPause } from './guessed-pause.ts';
import { Pace } from './pace.ts';
import type { Sharing } from './sharing.ts';

export type State = 'ready' | 'cooling' | 'disabled' | 'probing';

/** A probe that was not refused for so long has settled the question. */
const PROBE_SETTLES_MS = 2_000;
const REPROBE_FIRST_MS = 3_600_000;
const REPROBE_LONGEST_MS = 86_400_000;

/** Who asks: an attempt, as far as a scope cares. */
export interface Dispatch {
  /** Position in the pool's order of dispatches and closures. */
  readonly sequence: number;
  /** The call that it belongs to, for events. */
  readonly origin?: Origin | undefined;
}

/** Which call, and which of its attempts. */
export interface Origin {
  readonly callId: string;
  readonly attempt: number;
}

/** Why a scope closes. */
export interface Closure {
  readonly kind: FailureKind;
  readonly source: DurationSource;
  /** Null: nobody said how long, so a guess is made. */
  readonly retryAfterMs: number | null;
  /** The member's error, remembered for callers that find everything closed. */
  readonly error: unknown;
}

/** What the scopes of one pool share. */
export interface AvailabilityContext {
  readonly clock: Clock;
  readonly random: () => number;
  /** The next position in the pool's order of dispatches and closures. */
  readonly nextSequence: () => number;
  /** Overrides the guess: a fixed pause in ms, or undefined. */
  readonly fixedPauseMs: (kind: FailureKind, now: number) => number | undefined;
  /** Longest pause that a provider's own word is believed for, in ms. */
  readonly longestStatedMs: number;
  /** Whether what is disabled is tried again, slowly. */
  readonly reprobes: boolean;
  readonly sharing: Sharing;
  /** One call per transition. */
  readonly tell: (
    transition: 'cooled' | 'disabled' | 'recovered',
    scope: Availability,
    origin: Origin | undefined,
  ) => void;
  /** The scope is open again, or may be. */
  readonly opened: (scope: Availability) => void;
}

/**
 * Whether one scope (a key, a model, an account, ...) can be used now, and what is known about
 * its last trouble. It is made at the first trouble; a scope without one is open.
 *
 * closed -> (time passes) -> half-open, where a guess ended: one probe -> open or closed again.
 */
export class Availability implements Barrier {
  readonly ref: ScopeRef;
  readonly #context: AvailabilityContext;
  /** Guesses about models, providers and the network are preferences; all else are walls. */
  readonly #guessesAreWalls: boolean;
  #closed = false;
  /** Closed until someone acts, or until a slow re-probe gets through. */
  isDisabled = false;
  #recoveryAnnounced = true;
  /** What a person has closed, no outcome of a call opens or closes anew. */
  #byHand = false;
  /** Only the probe's own success opens again (an open circuit). */
  #probeOnly = false;
  /** When its pause ends: epoch ms. Read, not written, from outside; so are the next three. */
  until = 0;
  source: DurationSource = 'guessed';
  /** Undefined: closed by hand. */
  kind: FailureKind | undefined;
  #reason: string | undefined;
  /** The member's error, remembered for callers that find everything closed. */
  error: unknown;
  #strikes = 0;
  /** Position of the last closure: what was dispatched before belongs to the same wave. */
  #closedAt = 0;
  #statedNothing = 0;
  #probe: Dispatch | undefined;
  #probeSince = 0;
  #pace: Pace | undefined;

  constructor(ref: ScopeRef, context: AvailabilityContext) {
    this.ref = ref;
    this.#context = context;
    this.#guessesAreWalls = !['model', 'provider', 'network'].includes(ref.scope);
  }

  /** Why it is closed, in a word or in what `disable` was given. */
  get why(): string {
    return this.#reason ?? this.kind ?? 'by hand';
  }

  /** An attempt is finding out: it may open at any time. */
  get isProbing(): boolean {
    return this.#probe !== undefined || (!this.#closed && this.#pace?.isSlow === true);
  }

  state(now: number): State {
    this.check(now);
    if (!this.#closed) return 'ready';
    if (this.#probe !== undefined) return 'probing';
    if (this.isDisabled) return 'disabled';
    return now < this.until ? 'cooling' : 'ready';
  }

  /** What an attempt may do now. Notices the end of a pause. */
  check(now: number): Admission {
    if (!this.#closed) return this.#paced(now);
    if (this.#probe !== undefined) {
      // What is disabled comes back by an answer only, not by silence.
      if (this.isDisabled || now - this.#probeSince < PROBE_SETTLES_MS) return this.#barrier();
      this.#open();
      return this.#paced(now);
    }
    if (now < this.until) return this.#barrier();
    if (this.isDisabled) return Admission.probe;
    if (this.source === 'guessed') {
      this.#announceRecovery();
      return Admission.probe;
    }
    this.#open();
    return this.#paced(now);
  }

  #paced(now: number): Admission {
    if (this.#pace === undefined || this.#pace.opensAt(now) <= now) return Admission.open;
    return this.#guessesAreWalls ? Admission.wall : Admission.preference;
  }

  /** When it is worth looking again: epoch ms, or Infinity where only a human helps. */
  expectedAt(now: number): number {
    const at = this.looksAgainAt(now);
    return this.isDisabled && at === this.until ? Number.POSITIVE_INFINITY : at;
  }

  /** The same; what is disabled may be found open at its re-probe. */
  looksAgainAt(now: number): number {
    if (this.check(now) <= Admission.probe) return now;
    if (!this.#closed) return this.#pace?.opensAt(now) ?? now;
    if (this.#probe === undefined) return this.until;
    return (this.isDisabled ? now : this.#probeSince) + PROBE_SETTLES_MS;
  }

  #barrier(): Admission {
    return this.source === 'guessed' && !this.#guessesAreWalls && !this.isDisabled
      ? Admission.preference
      : Admission.wall;
  }

  /** Whether it was closed after an attempt had begun. */
  closedSince({ sequence }: Dispatch): boolean {
    return this.#closed && sequence < this.#closedAt;
  }

  /** An attempt begins: as the probe, where one is due. Whether it is. */
  begin(dispatch: Dispatch, now: number): boolean {
    const isProbe = this.check(now) === Admission.probe;
    if (isProbe) {
      this.#probe = dispatch;
      this.#probeSince = now;
    }
    this.#pace?.begun(now);
    return isProbe;
  }

  /** An attempt that was dispatched with the probe's place ended without a verdict. */
  returnProbe(dispatch: Dispatch): void {
    if (this.#probe !== dispatch) return;
    this.#probe = undefined;
    this.#context.opened(this);
  }

  /**
   * An attempt got through: opens the scope, if the attempt began after it was closed.
   * `answered` ends the count of consecutive failures; a first output alone does not.
   *
   * @param isFirst the first sign of this attempt that it gets through
   */
  success(dispatch: Dispatch, answered: boolean, isFirst = true): void {
    if (this.#closed) {
      if (this.#byHand || this.closedSince(dispatch)) return;
      if (this.#probeOnly && this.#probe !== dispatch) return;
      this.#open(dispatch.origin);
    }
    if (this.#pace !== undefined && isFirst) {
      const wasSlow = this.#pace.isSlow;
      this.#pace.gotThrough();
      if (wasSlow) this.#context.opened(this);
    }
    if (answered) {
      this.#strikes = 0;
      this.#statedNothing = 0;
    }
  }

  /** Closes for a time. A wave of failures that were in flight together counts once. */
  cool(closure: Closure, dispatch: Dispatch | undefined, now: number, probeOnly = false): void {
    this.check(now);
    if (this.isDisabled || this.#byHand) return;
    // Also when it has opened since: a straggler of the wave says nothing new.
    const sameWave = dispatch !== undefined && dispatch.sequence < this.#closedAt;
    const isLimit = this.#guessesAreWalls && closure.kind === 'rate-limit';
    const isFirst = !this.#closed && !sameWave;
    if (isLimit || !this.#guessesAreWalls) {
      this.#pace ??= new Pace(isLimit, this.#context.nextSequence(), this.#context.sharing);
    }
    if (isLimit) this.#pace?.refused(dispatch?.sequence ?? 0, isFirst, now, sameWave);
    const stated = this.#believable(closure, sameWave);
    if (stated === 0 && !this.#closed) return;
    if (this.#closed) this.#probeOnly ||= probeOnly;
    if (!sameWave) this.#strikes++;
    else if (stated === undefined) return;
    const until =
      now +
      (stated ??
        this.#context.fixedPauseMs(closure.kind, now) ??
        (isLimit && !sameWave ? this.#pace?.guess(now, isFirst) : undefined) ??
        guessedPause(closure.kind, this.#strikes, this.#context.random));
    if (isLimit) this.#pace?.closed(until);
    const renewed = !this.#closed || now >= this.until;
    if (renewed || until > this.until) {
      this.until = until;
      this.source = stated === undefined ? 'guessed' : closure.source;
    }
    this.#closed = true;
    this.#recoveryAnnounced = false;
    this.#probeOnly ||= probeOnly;
    this.#probe = undefined;
    this.#remember(closure, sameWave);
    if (renewed) this.#context.tell('cooled', this, dispatch?.origin);
  }

  /** What the provider states, capped; undefined where it says nothing or nothing of use. */
  #believable(closure: Closure, sameWave: boolean): number | undefined {
    if (closure.retryAfterMs === null) return undefined;
    if (closure.source === 'documented') return closure.retryAfterMs;
    if (closure.retryAfterMs > 0) {
      if (!sameWave) this.#statedNothing = 0;
      return Math.min(closure.retryAfterMs, this.#context.longestStatedMs);
    }
    // "At once" is believed once; the second time in a row it counts as unstated.
    if (!sameWave) this.#statedNothing++;
    return this.#statedNothing > 1 ? undefined : 0;
  }

  /** Closes until someone acts, or until a slow re-probe gets through. */
  disable(
    closure: Omit<Closure, 'retryAfterMs' | 'source'>,
    reason: string,
    dispatch: Dispatch | undefined,
    now: number,
  ): void {
    this.check(now);
    if (this.#byHand) return;
    const renewed = !this.isDisabled;
    this.#strikes = renewed ? 1 : this.#strikes + (now >= this.until ? 1 : 0);
    this.until = this.#context.reprobes
      ? now + Math.min(REPROBE_FIRST_MS * 2 ** (this.#strikes - 1), REPROBE_LONGEST_MS)
      : Number.POSITIVE_INFINITY;
    this.#closed = true;
    this.isDisabled = true;
    this.#recoveryAnnounced = false;
    this.#probe = undefined;
    this.source = 'guessed';
    this.#reason = reason;
    this.#remember(closure, false);
    if (renewed) this.#context.tell('disabled', this, dispatch?.origin);
  }

  /** Closes for exactly so long, whatever was known before. */
  coolByHand(ms: number, now: number): void {
    this.#clear();
    this.#pace = undefined;
    this.#closed = true;
    this.until = now + ms;
    this.source = 'stated';
    this.#closedByHand();
    this.#context.tell('cooled', this, undefined);
    // It may open earlier than it would have.
    this.#context.opened(this);
  }

  /** Closes until `reopen`: what a person has closed is not probed. */
  disableByHand(reason: string | undefined): void {
    this.#clear();
    this.#closed = true;
    this.isDisabled = true;
    this.until = Number.POSITIVE_INFINITY;
    this.#reason = reason;
    this.#closedByHand();
    this.#context.tell('disabled', this, undefined);
  }

  #closedByHand(): void {
    this.#byHand = true;
    this.kind = undefined;
    this.#closedAt = this.#context.nextSequence();
    this.#recoveryAnnounced = false;
  }

  /** Opens and forgets what led to the closure. True when it was closed. */
  reopen(): boolean {
    const wasClosed = this.#closed;
    this.#strikes = 0;
    this.#statedNothing = 0;
    this.#pace = undefined;
    if (wasClosed) this.#open();
    else this.#context.opened(this);
    return wasClosed;
  }

  #remember(closure: Pick<Closure, 'kind' | 'error'>, sameWave: boolean): void {
    this.kind = closure.kind;
    this.error = closure.error;
    if (!sameWave) this.#closedAt = this.#context.nextSequence();
  }

  #clear(): void {
    this.#closed = false;
    this.isDisabled = false;
    this.#byHand = false;
    this.#probeOnly = false;
    this.#probe = undefined;
    this.#reason = undefined;
    this.error = undefined;
  }

  #open(origin?: Origin): void {
    this.#clear();
    this.#pace?.begin(this.#context.clock.now(), this.source !== 'guessed');
    this.#announceRecovery(origin);
    this.#context.opened(this);
  }

  /** The end of a pause is told once, when it is first noticed. */
  #announceRecovery(origin?: Origin): void {
    if (this.#recoveryAnnounced) return;
    this.#recoveryAnnounced = true;
    this.#context.tell('recovered', this, origin);
  }
}
