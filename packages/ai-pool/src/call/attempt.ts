import type { Timeouts } from '../config/types.ts';
import { defined } from '../defined.ts';
import type { Verdict } from '../failure/verdict.ts';
import type { AttemptRecord } from '../observe/attempt-record.ts';
import type { TargetRef } from '../observe/events.ts';
import type { Lease } from '../scheduling/lease.ts';
import type { Key, Target } from '../scheduling/targets.ts';
import type { Leaving } from './abort.ts';
import { errorOf } from './faults.ts';
import { learnAccount } from './learn-account.ts';
import { learnLimits } from './learn-limits.ts';
import { dialectOf, judge } from './judge.ts';
import { TimeLimit } from './time-limit.ts';
import type { Core } from './core.ts';

/** How long streams may be silent where nothing is set, in ms. */
const STREAM_MS = 120_000;

/** What an attempt needs to know of its call. */
export interface CallContext {
  readonly core: Core;
  readonly id: string;
  readonly signal: AbortSignal | undefined;
  /** Epoch ms. */
  readonly startedAt: number;
  /** Every attempt so far. */
  records: AttemptRecord[];
  /** Whether there is more than one target. */
  readonly hasChoice: boolean;
  /** Whether it goes on after an attempt that broke in the middle of its answer. */
  readonly isRestarted: boolean;
  /** Whether another target could take over from this one now. */
  hasOther(target: Target): boolean;
  /** What leaves the call, without secrets; of those that it used without any part. */
  clean<V>(value: V, key?: Key): V;
}

/** `providerMetadata.pool`: who answered, and who was tried. */
export interface PoolMetadata extends TargetRef {
  readonly callId: string;
  readonly attempts: readonly AttemptRecord[];
}

/** One call of one target, from dispatch to its outcome. */
export class Attempt {
  readonly call: CallContext;
  readonly target: Target;
  /** It found out whether a guessed pause was long enough. */
  get isProbe(): boolean {
    return this.lease.probes;
  }

  /** Tells the pool's own waiting that the caller leaves or a time limit is over. */
  readonly leaving: Leaving | undefined;
  /** What it called: the operation's own note, to tell whether a renewed secret is newer. */
  used: unknown;
  private readonly lease: Lease;
  /** Streams: how long no part may come while one is asked for, in ms. */
  readonly idleMs: number;
  private readonly limit: TimeLimit | undefined;
  /** A stream with output goes on, whatever is known of its outcome: until `close`. */
  private isOpen = false;
  private readonly number: number;
  private record: AttemptRecord | undefined;

  constructor(call: CallContext, lease: Lease, limits: Timeouts | undefined, isStream: boolean) {
    this.call = call;
    this.target = lease.target;
    this.idleMs = limits?.idleMs ?? STREAM_MS;
    // Who has a part of an answer shall know in time that no more comes of it.
    const mustShow = limits?.firstOutputMs !== undefined || call.isRestarted;
    const hasFirst = isStream && (mustShow || call.hasChoice);
    if (limits !== undefined || hasFirst) {
      this.limit = this.limited(lease.since, limits, hasFirst, mustShow);
    }
    this.leaving = this.limit ?? call.signal;
    this.lease = lease;
    this.number = call.records.length + 1;
    lease.callId = call.id;
    lease.attempt = this.number;
    if (call.core.emitter.active) call.core.emitter.emit('attempt', this.base());
  }

  private limited(
    since: number,
    limits: Timeouts | undefined,
    hasFirst: boolean,
    mustShow: boolean,
  ): TimeLimit {
    const { core, signal, startedAt } = this.call;
    // What nobody has set keeps no process alive.
    const limit = new TimeLimit(limits ? core.deadlines : core.backgroundDeadlines, signal);
    limit.set('attemptMs', since, limits?.attemptMs);
    limit.set('totalMs', startedAt, limits?.totalMs);
    if (hasFirst) {
      const mayEnd = (): boolean => mustShow || this.call.hasOther(this.target);
      limit.set('firstOutputMs', since, limits?.firstOutputMs ?? STREAM_MS, mayEnd);
    }
    return limit;
  }

  /** The same for the member, which is called with it. */
  get signal(): AbortSignal | undefined {
    const { leaving } = this;
    return leaving instanceof TimeLimit ? leaving.signal : (leaving as AbortSignal | undefined);
  }

  /** The first output of a stream: the target works, whatever comes later. Epoch ms. */
  firstOutput(): number {
    const now = this.call.core.plan.clock.now();
    this.isOpen = true;
    this.limit?.shown();
    this.lease.progress(now);
    this.note(now, undefined);
    return now;
  }

  /** Whether anybody wants to know how many tokens the answer took. */
  get countsTokens(): boolean {
    return this.lease.debits !== undefined;
  }

  succeed(tokens?: number): void {
    const { core } = this.call;
    const now = core.plan.clock.now();
    if (this.lease.settled) return;
    if (this.record === undefined) this.note(now, undefined);
    if (core.emitter.active) this.tellSuccess(now);
    this.settle();
    this.lease.succeed(now, tokens);
  }

  private tellSuccess(now: number): void {
    const ms = now - this.lease.since;
    this.call.core.emitter.emit('success', { ms, ...this.base() });
  }

  /** It answered, so the target works, whatever is said of the answer. */
  answered(tokens: number | undefined): void {
    this.lease.progress(this.call.core.plan.clock.now(), tokens);
  }

  /** What the headers of its answer tell about its key. */
  answeredWith(headers: unknown): void {
    if (headers === undefined) return;
    const { core } = this.call;
    learnAccount(core, this.target, headers);
    learnLimits(this.lease, headers, core.plan.clock.now());
  }

  judge(error: unknown): Verdict {
    return judge(this.call, error, this.target);
  }

  /** What leaves the pool, without secrets. */
  clean<V>(value: V): V {
    return this.call.clean(value, this.target.key);
  }

  /** @param spared the failure closes nothing: it is about to be mended */
  fail(verdict: Verdict, error: unknown, spared = false): void {
    const { core } = this.call;
    const now = core.plan.clock.now();
    if (this.lease.settled) return;
    this.note(now, verdict);
    if (core.emitter.active) {
      const { kind, scope, action, status } = verdict;
      const ms = now - this.lease.since;
      core.emitter.emit('failure', { ms, kind, scope, action, status, ...this.base() });
    }
    this.settle();
    // Told first, done second: listeners see the failure before what it closes.
    this.lease.fail(verdict, error, now, spared);
  }

  /** A failure after the first output: the call is over, but the target is judged all the same. */
  failLate(error: unknown): void {
    try {
      this.fail(this.judge(error), this.clean(errorOf(error)));
    } catch {
      // The user's `classify` threw; there is no call left to fail with it.
      this.abort();
    }
  }

  /** How to read this target's answers. */
  dialect(): { provider?: string; now: number } {
    return dialectOf(this.target.route.provider, this.call.core.plan.clock.now());
  }

  /** The caller left: neither success nor failure. */
  abort(): void {
    this.settle();
    this.lease.abort(this.call.core.plan.clock.now());
  }

  /** A limit counts until the outcome is known; the caller may leave as long as it goes on. */
  private settle(): void {
    if (this.isOpen) this.limit?.stop();
    else this.close();
  }

  /** Nothing more comes of it. */
  close(): void {
    this.limit?.end();
  }

  metadata(): PoolMetadata {
    const { provider, model, key } = this.target.ref;
    return { provider, model, key, callId: this.call.id, attempts: this.call.records };
  }

  /** One record per attempt; a failure after the first output replaces it. */
  private note(now: number, verdict: Verdict | undefined): void {
    const { provider, model, key } = this.target.ref;
    const ms = now - this.lease.since;
    const record: AttemptRecord =
      verdict === undefined
        ? { provider, model, key, ms }
        : failed({ provider, model, key }, verdict, ms);
    // Hardly any call has a second one.
    if (this.call.records.length === 0) this.call.records = [record];
    else this.noteFurther(record);
    this.record = record;
  }

  private noteFurther(record: AttemptRecord): void {
    const { records } = this.call;
    const known = this.record === undefined ? -1 : records.indexOf(this.record);
    if (known < 0) records.push(record);
    else records[known] = record;
  }

  private base(): TargetRef & { callId: string; attempt: number } {
    return { ...this.target.ref, callId: this.call.id, attempt: this.number };
  }
}

function failed(ref: TargetRef, { kind, status }: Verdict, ms: number): AttemptRecord {
  return defined<AttemptRecord>({ ...ref, kind, status, ms });
}
