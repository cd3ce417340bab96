import type { Timeouts } from '../config/types.ts';
import { read } from '../failure/read.ts';
import type { Verdict } from '../failure/verdict.ts';
import type { AttemptRecord } from '../observe/attempt-record.ts';
import { isUsableKey, isUsableRoute, type Query } from '../scheduling/admission.ts';
import { Admission } from '../scheduling/barrier.ts';
import type { Lease } from '../scheduling/lease.ts';
import type { RouteOrder } from '../scheduling/routing.ts';
import type { Key, Route, Target } from '../scheduling/targets.ts';
import { Attempt, type CallContext } from './attempt.ts';
import type { Core } from './core.ts';
import { untilAborted } from './abort.ts';
import { exhausted, timeHeals } from './exhausted.ts';
import { CallerFault, errorOf, isA } from './faults.ts';
import { learnAccount, saidIn } from './learn-account.ts';
import { Memory } from './memory.ts';
import type { Operation, Restart } from './operation.ts';
import { pause } from './pause.ts';
import { TimeLimit } from './time-limit.ts';

/** Spread of the second attempt on the very same target: somewhere within it (full jitter). */
const SAME_TARGET_JITTER_MS = 200;

/** Of a call that has not tried anything; never written to. */
const NONE: AttemptRecord[] = [];

/** What the caller asked for, apart from what is sent. */
export interface CallRequest {
  readonly routes: readonly Route[];
  /** What gave them their order. */
  readonly order: RouteOrder;
  readonly signal: AbortSignal | undefined;
  /** The call's allowance for waiting, in ms. */
  readonly maxWaitMs: number;
  /** About how many tokens it takes; 0 where nobody counts them. */
  readonly tokens: number;
  /** The hash of what keeps a conversation together, if anything does. */
  readonly affinity: number | undefined;
  /** The key that a conversation began with. */
  readonly prefer?: Key | undefined;
  /** These go over the route's. */
  readonly timeouts: Timeouts | undefined;
  /** When the call began: epoch ms. */
  readonly now: number;
}

/**
 * One call: attempts on one target after the other until one answers. Everything about it lives
 * here, never on the pool.
 *
 * What every call passes has `private` properties and no private names, here and elsewhere: to look
 * those up costs a call a tenth of its time. Nothing of it can be reached from outside.
 */
export class Call<R, T> implements CallContext, Restart<T> {
  readonly core: Core;
  readonly id: string;
  signal: AbortSignal | undefined;
  records: AttemptRecord[] = NONE;
  private readonly request: CallRequest;
  private readonly operation: Operation<R, T>;
  // Set where they are needed, which is seldom: every call would pay for what they begin with.
  /** How long it may still wait, once it has; before, as long as was asked. */
  private allowanceMs: number | undefined;
  private memory: Memory | undefined;
  private last: { target: Target; verdict: Verdict; error: unknown } | undefined;
  private unknown: { error: unknown } | undefined;
  private everHopeless: boolean | undefined;
  /** What goes on after an attempt broke in the middle: it ends when nobody reads it any more. */
  private restarts: TimeLimit | undefined;
  /** It has taken its turn among the providers. */
  private hasTurn: boolean | undefined;
  /** Since when it is in line: epoch ms. */
  private place: number | undefined;
  private renewed: Set<Key> | undefined;
  /** Secrets of the attempts that failed. */
  private used: Set<string> | undefined;

  constructor(core: Core, request: CallRequest, operation: Operation<R, T>) {
    this.core = core;
    this.id = core.nextCallId();
    this.signal = request.signal;
    this.request = request;
    this.operation = operation;
    if (core.told.any) this.takePlace();
  }

  get startedAt(): number {
    return this.request.now;
  }

  /** When the call's own time is over: epoch ms. */
  private get endsAt(): number {
    const { timeouts } = this.core.plan.defaults;
    const totalMs = this.request.timeouts?.totalMs ?? timeouts?.totalMs;
    return totalMs === undefined ? Number.POSITIVE_INFINITY : this.startedAt + totalMs;
  }

  /** Who was told to come back has kept its place in line. */
  private takePlace(): void {
    this.place = this.core.told.take(this.operation.caller(), this.startedAt);
    if (this.place === undefined) return;
    this.memory = new Memory();
    this.memory.wasTold = true;
  }

  run(): Promise<T> {
    this.core.scheduler.retryBudget.deposit();
    this.leaveIfAborted();
    // The usual call finds a target at once, and then costs little more than that target's.
    const isInTime = this.startedAt < this.endsAt;
    const lease = isInTime ? this.take(undefined, this.startedAt) : undefined;
    if (lease === undefined) return this.next(undefined);
    return this.prepareAndAttempt(lease);
  }

  leave(reason: unknown): void {
    this.restarts?.abort(reason);
  }

  end(): void {
    this.restarts?.end();
  }

  async restart(attempt: Attempt, error: unknown): Promise<T> {
    // Another target is wanted, not the same once more.
    this.settle(attempt, error);
    this.restarts ??= new TimeLimit(this.core.deadlines, this.signal);
    this.signal = this.restarts.signal;
    return this.next(undefined);
  }

  /** Tries a further target, once there is one. */
  private async next(first: Target | undefined): Promise<T> {
    let decided = first;
    for (;;) {
      const now = this.core.plan.clock.now();
      this.leaveIfAborted();
      if (now >= this.endsAt) throw this.finalError();
      const lease = this.take(decided, now) ?? (await this.waitForRoom(now));
      decided = undefined;
      if (lease === undefined) continue;
      return this.prepareAndAttempt(lease);
    }
  }

  private prepareAndAttempt(lease: Lease): Promise<T> {
    const preparing = this.prepared(lease);
    return preparing === undefined ? this.attempt(lease) : this.onceReady(lease, preparing);
  }

  private async onceReady(lease: Lease, preparing: PromiseLike<void>): Promise<T> {
    await preparing;
    if (this.isStillGood(lease)) return this.attempt(lease);
    lease.withdraw(this.core.plan.clock.now());
    return this.next(undefined);
  }

  private attempt(lease: Lease): Promise<T> {
    const { target } = lease;
    const operation = this.operation;
    if (this.last !== undefined) this.tellSwitch(this.last, target);
    const attempt = new Attempt(this, lease, this.limitsOf(target), operation.isStream);
    const { leaving } = attempt;
    try {
      const begun = operation.begin(attempt);
      const mayWait = leaving === undefined || operation.isStream;
      return Promise.resolve(mayWait ? begun : untilAborted(begun, leaving)).then(
        value => this.answer(attempt, value),
        (error: unknown) => this.goOn(attempt, error),
      );
    } catch (error) {
      return this.goOn(attempt, error);
    }
  }

  private answer(attempt: Attempt, given: R): T | Promise<T> {
    try {
      return this.operation.answer(attempt, given, this);
    } catch (error) {
      return this.goOn(attempt, error);
    }
  }

  /** After a failure: the next target, or the end of the call. */
  private async goOn(attempt: Attempt, error: unknown): Promise<T> {
    try {
      const verdict = this.settle(attempt, error);
      return await this.next(await this.immediately(attempt, verdict));
    } catch (failure) {
      const spare = this.spare;
      if (spare === undefined) throw failure;
      return spare();
    }
  }

  /** What the caller gets in place of an error; nothing in the middle of another answer. */
  private get spare(): (() => T) | undefined {
    return this.isRestarted || this.signal?.aborted === true ? undefined : this.operation.spare;
  }

  /** Chosen and handed out in one step: nothing can come between. */
  private take(decided: Target | undefined, now: number): Lease | undefined {
    // Others may have learned meanwhile that it is closed, or have removed it.
    if (decided !== undefined && this.isUsable(decided, now)) return this.lease(decided, now);
    const { line } = this.core;
    // Who has waited longer comes first.
    if (line.size > 0) line.serve(now, this.place);
    const target = this.choose(now);
    return target && this.lease(target, now);
  }

  private lease(target: Target, now: number): Lease {
    const { provider } = target.route;
    const { order, tokens } = this.request;
    if (this.hasTurn !== true) this.hasTurn = order.begun?.(provider) !== false;
    const retry = this.records.length > 0 && hasCalled(this.records, provider.name);
    return this.core.scheduler.lease(target, retry, tokens, now);
  }

  private limitsOf({ route }: Target): Timeouts | undefined {
    const { timeouts } = route.plan;
    return this.request.timeouts === undefined
      ? timeouts
      : { ...timeouts, ...this.request.timeouts };
  }

  /** Makes the target's member ready; what the user's own functions throw is the call's error. */
  private prepared(lease: Lease): PromiseLike<void> | undefined {
    try {
      const preparing = this.operation.prepare(lease.target);
      return preparing && this.ready(lease, preparing);
    } catch (error) {
      return this.unused(lease, error);
    }
  }

  private ready(lease: Lease, preparing: Promise<void>): PromiseLike<void> {
    return this.inTime(preparing).then(undefined, error => this.unused(lease, error));
  }

  private unused(lease: Lease, error: unknown): never {
    const now = this.core.plan.clock.now();
    lease.withdraw(now);
    this.leaveIfAborted();
    throw now < this.endsAt ? this.clean(error, lease.target.key) : this.finalError();
  }

  /** Waits as long as the caller does and the call's own time lasts. */
  private inTime(work: Promise<void>): PromiseLike<void> {
    if (this.endsAt === Number.POSITIVE_INFINITY) return untilAborted(work, this.signal);
    const limit = new TimeLimit(this.core.deadlines, this.signal);
    limit.set('totalMs', this.endsAt, 0);
    return Promise.resolve(untilAborted(work, limit.signal)).finally(() => limit.end());
  }

  /** After a secret was fetched: much may have happened meanwhile. */
  private isStillGood(lease: Lease): boolean {
    const { scheduler, plan } = this.core;
    if (this.signal?.aborted === true) return false;
    if (!scheduler.isStillGood(lease, plan.clock.now())) return false;
    const preparing = this.operation.prepare(lease.target);
    // Where it fails once more, the next turn of the call says so.
    preparing?.catch(() => undefined);
    return preparing === undefined;
  }

  private isUsable({ key, route }: Target, now: number): boolean {
    const query = { ...this.query(Admission.preference, now), rules: undefined };
    return isUsableRoute(route, query) && isUsableKey(key, route, query);
  }

  /** The next target: outside what failed first, inside a guessed trouble when nothing is left. */
  private choose(now: number): Target | undefined {
    if (this.core.plan.bypass) return firstTarget(this.request.routes);
    const memory = this.memory;
    if (memory !== undefined) memory.reach = 'fresh';
    return this.select(Admission.probe, now) ?? this.chooseFurther(now);
  }

  private chooseFurther(now: number): Target | undefined {
    const memory = this.memory;
    if (memory?.anyDemoted === true) {
      memory.reach = 'troubled';
      const troubled = this.select(Admission.probe, now);
      if (troubled !== undefined) return troubled;
    }
    return memory !== undefined && memory.round > 0 ? undefined : this.chooseInside(now);
  }

  private chooseInside(now: number): Target | undefined {
    const memory = (this.memory ??= new Memory());
    for (const reach of ['inside', 'inside-again'] as const) {
      memory.reach = reach;
      const inside = this.select(Admission.preference, now);
      if (inside !== undefined && memory.takeExtra(inside.route.provider)) return inside;
    }
    return undefined;
  }

  get isRestarted(): boolean {
    return this.restarts !== undefined;
  }

  get hasChoice(): boolean {
    const { routes } = this.request;
    return routes.length > 1 || (routes[0]?.provider.keys.size ?? 0) > 1;
  }

  /** Whether another target could take over from this one now. */
  hasOther(target: Target): boolean {
    const now = this.core.plan.clock.now();
    const memory = (this.memory ??= new Memory());
    memory.reach = 'troubled';
    memory.instead = target;
    const has = this.hasAny(now);
    memory.instead = undefined;
    return has;
  }

  private hasAny(now: number): boolean {
    return this.core.scheduler.hasAny(this.request.routes, this.query(Admission.probe, now));
  }

  private select(worst: Admission, now: number): Target | undefined {
    return this.core.scheduler.select(this.request.routes, this.query(worst, now));
  }

  private query(worst: Admission, now: number): Query {
    const { tokens, affinity, prefer } = this.request;
    return { worst, now, tokens, affinity, prefer, rules: this.memory };
  }

  /**
   * Settles a failed attempt; throws where the call is over with it. Undefined: its secret was
   * fetched anew, so nothing is known yet.
   */
  private settle(attempt: Attempt, thrown: unknown): Verdict | undefined {
    if (this.signal?.aborted === true) {
      attempt.abort();
      throw this.signal.reason;
    }
    const verdict = this.judge(attempt, thrown);
    // Read first, scrubbed then: from here on it may be kept, told or thrown.
    const error = attempt.clean(errorOf(thrown));
    if (verdict.kind === 'aborted') {
      attempt.abort();
      throw error;
    }
    const { target } = attempt;
    const headers: unknown = read(error, 'responseHeaders');
    if (headers !== undefined) learnAccount(this.core, target, headers, saidIn(error));
    if (this.isMended(attempt, verdict, error)) {
      attempt.fail(verdict, error, true);
      return undefined;
    }
    attempt.fail(verdict, error);
    this.last = { target, verdict, error };
    if (!timeHeals(verdict)) this.everHopeless = true;
    const memory = (this.memory ??= new Memory());
    memory.failed(verdict, target);
    if (verdict.kind === 'unsupported') this.operation.unsupported?.(target, error);
    if (this.mustSurface(verdict)) throw error;
    if (verdict.kind === 'unknown') {
      if (this.unknown !== undefined) throw this.unknown.error;
      this.unknown = { error };
    }
    return verdict;
  }

  /** The target of an attempt that a failed one earns at once, if any. */
  private async immediately(
    attempt: Attempt,
    verdict: Verdict | undefined,
  ): Promise<Target | undefined> {
    const { target } = attempt;
    if (verdict?.action === 'same-key') return this.secondAttempt(attempt);
    return verdict === undefined ? target : undefined;
  }

  /** Whether the same target is worth another attempt, with what was wrong put right. */
  private isMended(attempt: Attempt, { kind, scope }: Verdict, error: unknown): boolean {
    if (kind === 'auth') return this.renews(attempt);
    return scope === 'request' && this.operation.mend?.(attempt, error) === true;
  }

  /** A fetched secret is fetched once more before its key counts as failed. */
  private renews(attempt: Attempt): boolean {
    const { key } = attempt.target;
    if (this.renewed?.has(key) === true || this.operation.renew?.(attempt) !== true) return false;
    (this.renewed ??= new Set()).add(key);
    return true;
  }

  private judge(attempt: Attempt, thrown: unknown): Verdict {
    try {
      return attempt.judge(thrown);
    } catch (fault) {
      attempt.abort();
      // Who has made a mistake shall see it.
      this.operation.spare = undefined;
      throw isA(fault, CallerFault) ? fault.error : fault;
    }
  }

  /** What no other target would change, or what a setting keeps from going on. */
  private mustSurface(verdict: Verdict): boolean {
    const { bypass, contentFilterFallback } = this.core.plan;
    if (verdict.action === 'fail' || bypass) return true;
    return verdict.kind === 'content-filter' && !contentFilterFallback;
  }

  /** One immediate second attempt on the same route, with another ready key where there is one. */
  private async secondAttempt({ target: failed, isProbe }: Attempt): Promise<Target | undefined> {
    const { scheduler, plan } = this.core;
    const memory = (this.memory ??= new Memory());
    const { route, key } = failed;
    const now = plan.clock.now();
    // A probe has found out what it was to find out.
    memory.reach = 'fresh';
    if (isProbe && this.hasAny(now)) return undefined;
    if (memory.round > 0 || !memory.takeExtra(route.provider)) return undefined;
    memory.reach = 'any';
    memory.except = key;
    const other = scheduler.select([route], this.query(Admission.preference, now));
    memory.except = undefined;
    if (other !== undefined) return other;
    if (!scheduler.retryBudget.withdraw()) return undefined;
    const until = Math.min(now + plan.random() * SAME_TARGET_JITTER_MS, this.endsAt);
    await pause(this.core, until, this.signal, () => undefined);
    return failed;
  }

  /** Waits for its turn, within the call's allowance; or ends the call. */
  private async waitForRoom(now: number): Promise<Lease | undefined> {
    const { core } = this;
    const { clock } = core.plan;
    const memory = (this.memory ??= new Memory());
    memory.reach = 'later';
    const { at, possibleAt } = core.scheduler.outlook(
      this.request.routes,
      memory,
      this.request.tokens,
      now,
    );
    let allowanceMs = this.allowanceMs ?? this.request.maxWaitMs;
    if (this.place === undefined) {
      this.place = now;
      allowanceMs = Math.min(allowanceMs, core.line.allowance(now));
    }
    this.allowanceMs = allowanceMs;
    const limit = Math.min(now + allowanceMs, this.endsAt);
    // Attempts that are under way may open something before it is expected.
    if (at > limit && (possibleAt > limit || limit <= now)) throw this.finalError();
    const until = Math.min(at, limit);
    memory.nextRound();
    if (until <= now) return undefined;
    core.emitter.emit('waiting', { callId: this.id, until });
    const lease = await this.inLine(this.place, until, now);
    const passed = clock.now() - now;
    this.allowanceMs -= passed < 0 ? until - now : passed;
    if (lease !== undefined && this.signal?.aborted === true) {
      lease.withdraw(clock.now());
      this.leaveIfAborted();
    }
    return lease;
  }

  /** Among the calls that wait, those first who came first. */
  private inLine(since: number, until: number, now: number): Promise<Lease | undefined> {
    const { line, plan, scheduler } = this.core;
    const { routes, tokens } = this.request;
    const isPlain = this.memory?.isPlain === true && tokens === 0;
    // In whatever order: who wants them all finds nothing where another one found nothing.
    const all = routes.length === scheduler.routes.length ? scheduler : routes;
    const due = (): undefined => line.serve(plan.clock.now()) as undefined;
    return pause<Lease | undefined>(this.core, until, this.signal, due, stop => {
      const waiter = {
        since,
        wants: isPlain ? all : undefined,
        tryNow: (then: number): boolean => {
          try {
            const target = this.choose(then);
            if (target === undefined) return false;
            stop(this.lease(target, then));
          } catch (error) {
            // A strategy of the user's own threw: this call's error, and nobody else's.
            stop(Promise.reject(error));
          }
          return true;
        },
      };
      line.join(waiter, now);
      return () => line.leave(waiter, plan.clock.now());
    });
  }

  /** The error that the call ends with when no target is left. */
  private finalError(): unknown {
    const last = this.last;
    if (this.spare !== undefined) return last?.error;
    if (this.unknown !== undefined) return this.unknown.error;
    const alone = this.records.length === 1;
    if (alone && last?.verdict.scope === 'request') return last.error;
    const { scheduler, plan, line, told } = this.core;
    const now = plan.clock.now();
    if (this.memory !== undefined) this.memory.reach = 'any';
    const error = exhausted({
      records: this.records,
      hopeful: this.everHopeless !== true,
      last,
      outlook: scheduler.outlook(this.request.routes, this.memory, this.request.tokens, now),
      turnAt: now + line.turnIn(line.size + told.count(now), now),
      now,
    });
    const { isRetryable, retryAt } = error;
    if (isRetryable && retryAt !== undefined) {
      told.add(this.operation.caller(), retryAt, this.place ?? now);
    }
    const attempts = this.records.length;
    this.core.emitter.emit('exhausted', { callId: this.id, attempts, retryAt });
    return error;
  }

  clean<V>(value: V, key?: Key): V {
    if (key?.secret !== undefined) (this.used ??= new Set()).add(key.secret);
    return this.core.scrubber.value(value, this.used);
  }

  private leaveIfAborted(): void {
    if (this.signal?.aborted === true) throw this.signal.reason;
  }

  private tellSwitch(
    { target: from, verdict }: { target: Target; verdict: Verdict },
    to: Target,
  ): void {
    const { emitter } = this.core;
    if (from === to || !emitter.active) return;
    const type =
      from.route === to.route
        ? 'key-rotated'
        : from.route.provider === to.route.provider
          ? 'model-switched'
          : 'provider-switched';
    emitter.emit(type, {
      callId: this.id,
      attempt: this.records.length + 1,
      from: from.ref,
      to: to.ref,
      kind: verdict.kind,
      meta: to.route.provider.plan.meta,
    });
  }
}

/** Whether any of these attempts was at a provider. */
function hasCalled(records: readonly AttemptRecord[], provider: string): boolean {
  return records.some(each => each.provider === provider);
}

function firstTarget(routes: readonly Route[]): Target | undefined {
  const route = routes[0];
  if (route === undefined) return undefined;
  for (const key of route.provider.keys.values())
    if (key.takesPart(route)) return key.target(route);
  return undefined;
}
