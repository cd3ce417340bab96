import type { Verdict } from '../failure/verdict.ts';
import type { Dispatch, Origin } from './availability.ts';
import type { Debit } from './limiter.ts';
import type { Target } from './targets.ts';
import type { ToldLimits } from './told-limits.ts';

/** Who learns how a lease ended. */
export interface LeaseOwner {
  succeeded(lease: Lease, answered: boolean, now: number): void;
  failed(lease: Lease, verdict: Verdict, error: unknown, now: number): void;
  aborted(lease: Lease): void;
}

/** An attempt's reservation of a target. Settles once; later outcomes are ignored. */
export class Lease implements Dispatch {
  readonly target: Target;
  readonly sequence: number;
  /** Epoch ms of the dispatch. */
  readonly since: number;
  /** The call that it belongs to, and the number of its attempt, for events. */
  callId: string | undefined;
  attempt = 0;
  /** Whether it holds the probe's place of any scope. */
  probes = false;
  /** Its first output has arrived. */
  hasShown = false;
  /** What that has taken, where the provider has counted it. */
  shownTokens: number | undefined;
  /** What it has taken of limits. */
  debits: readonly Debit[] | undefined;
  /** What answers told of its limits counts it as in flight. */
  told: ToldLimits | undefined;
  /** Its number there. */
  toldNumber: number | undefined;
  private readonly owner: LeaseOwner;
  settled = false;

  constructor(owner: LeaseOwner, target: Target, sequence: number, now: number) {
    this.owner = owner;
    this.target = target;
    this.sequence = sequence;
    this.since = now;
  }

  get origin(): Origin | undefined {
    const { callId, attempt } = this;
    return callId === undefined ? undefined : { callId, attempt };
  }

  /** The first output arrived: the target works, though the answer is not complete yet. */
  progress(now: number, tokens?: number): void {
    if (this.settled) return;
    this.owner.succeeded(this, false, now);
    this.hasShown = true;
    if (tokens !== undefined) this.shownTokens = tokens;
  }

  /** @param tokens what the provider has counted; undefined where nobody knows */
  succeed(now: number, tokens?: number): void {
    if (!this.settle(tokens, now)) return;
    this.target.key.successes++;
    this.owner.succeeded(this, true, now);
  }

  /** @param spared the failure closes nothing: it is about to be mended */
  fail(verdict: Verdict, error: unknown, now: number, spared = false): void {
    // What was shown has taken its tokens, also where nobody has counted them.
    if (!this.settle(this.hasShown ? this.shownTokens : 0, now)) return;
    this.target.key.failures++;
    if (spared) this.owner.aborted(this);
    else this.owner.failed(this, verdict, error, now);
  }

  /** The caller left: no verdict about the target. */
  abort(now: number): void {
    if (!this.settle(undefined, now)) return;
    this.target.key.aborted++;
    this.owner.aborted(this);
  }

  /** The attempt never reached the provider: it is as if it had not been. */
  withdraw(now: number): void {
    const debits = this.debits;
    this.debits = undefined;
    if (!this.settle(0, now)) return;
    for (const debit of debits ?? []) debit.limiter.giveBack(debit, now);
    this.target.key.attempts--;
    this.owner.aborted(this);
  }

  private settle(tokens: number | undefined, now: number): boolean {
    if (this.settled) return false;
    this.settled = true;
    this.target.key.inFlight--;
    this.target.route.provider.inFlight--;
    this.target.route.inFlight--;
    this.told?.ended();
    if (this.debits !== undefined) settleAll(this.debits, tokens, now);
    return true;
  }
}

function settleAll(debits: readonly Debit[], tokens: number | undefined, now: number): void {
  for (const debit of debits) debit.limiter.settle(debit, tokens, now);
}
