import type { FailureKind, Verdict } from '../failure/verdict.ts';
import type { AttemptRecord } from '../observe/attempt-record.ts';
import type { PoolEvent, SwitchEvent } from '../observe/events.ts';
import { Admission } from '../scheduling/availability.ts';
import type { Lease } from '../scheduling/lease.ts';
import type { Provider, Route, Target } from '../scheduling/targets.ts';
import { Attempt, type CallContext } from './attempt.ts';
import type { Core } from './core.ts';
import { exhausted } from './exhausted.ts';
import { AttemptFailure, CallerFault } from './faults.ts';
import { Memory } from './memory.ts';
import { pause } from './pause.ts';

/** Spread of the second attempt on the very same target: somewhere within it (full jitter). */
const SAME_TARGET_JITTER_MS = 200;

/** What the caller asked for, apart from what is sent. */
export interface CallRequest {
  readonly routes: readonly Route[];
  readonly signal: AbortSignal | undefined;
  /** The call's allowance for waiting, in ms. */
  readonly maxWaitMs: number;
}

/** Calls one target. Resolves when it answers, having settled the attempt or kept it open. */
export type Operation<T> = (attempt: Attempt) => PromiseLike<T>;

/** What an operation needs before its target may count as called. */
export type Prepare = (target: Target) => Promise<void> | undefined;

/**
 * One call: attempts on one target after the other until one answers. Everything about it lives
 * here, never on the pool.
 */
export class Call<T> implements CallContext {
  readonly core: Core;
  readonly id: string;
  readonly signal: AbortSignal | undefined;
  readonly records: AttemptRecord[] = [];
  readonly #prepare: Prepare;
  readonly #operation: Operation<T>;
  readonly #memory: Memory;
  #allowanceMs: number;
  #last: { target: Target; verdict: Verdict; error: unknown } | undefined;
  #unknown: { error: unknown } | undefined;
  readonly #kinds: { kind: FailureKind; permanent: boolean }[] = [];

  constructor(core: Core, request: CallRequest, prepare: Prepare, operation: Operation<T>) {
    this.core = core;
    this.id = core.nextCallId();
    this.signal = request.signal;
    this.#prepare = prepare;
    this.#operation = operation;
    this.#memory = new Memory(request.routes);
    this.#allowanceMs = request.maxWaitMs;
  }

  async run(): Promise<T> {
    const { scheduler } = this.core;
    scheduler.retryBudget.deposit();
    let target = this.#choose();
    for (;;) {
      this.#leaveIfAborted();
      if (target === undefined) {
        await this.#waitForRoom();
        target = this.#choose();
        continue;
      }
      const now = this.core.plan.clock.now();
      const lease = scheduler.lease(target, this.records.length > 0, now);
      const preparing = this.#prepared(lease);
      if (preparing !== undefined) {
        await preparing;
        if (this.signal?.aborted === true) lease.withdraw();
        this.#leaveIfAborted();
      }
      this.#tellSwitch(target);
      const attempt = new Attempt(this, lease);
      try {
        return await this.#operation(attempt);
      } catch (error) {
        target = await this.#afterFailure(attempt, error);
      }
    }
  }

  /** Makes the target's member ready; what the user's own functions throw is the call's error. */
  #prepared(lease: Lease): Promise<void> | undefined {
    const unused = (error: unknown): never => {
      lease.withdraw();
      throw this.#clean(error);
    };
    try {
      return this.#prepare(lease.target)?.catch(unused);
    } catch (error) {
      return unused(error);
    }
  }

  /** The next target: outside what failed first, inside a guessed trouble when nothing is left. */
  #choose(): Target | undefined {
    const { scheduler, plan } = this.core;
    const memory = this.#memory;
    const now = plan.clock.now();
    if (plan.bypass) return firstTarget(memory.routes);
    memory.reach = 'fresh';
    const fresh = scheduler.select(memory, Admission.probe, now);
    if (fresh !== undefined) return fresh;
    if (memory.anyTroubled) {
      memory.reach = 'troubled';
      const troubled = scheduler.select(memory, Admission.probe, now);
      if (troubled !== undefined) return troubled;
    }
    if (memory.round > 0) return undefined;
    for (const reach of ['inside', 'inside-again'] as const) {
      memory.reach = reach;
      const inside = scheduler.select(memory, Admission.preference, now);
      if (inside !== undefined && memory.takeExtra(inside.route.provider)) return inside;
    }
    return undefined;
  }

  async #afterFailure(attempt: Attempt, thrown: unknown): Promise<Target | undefined> {
    if (this.signal?.aborted === true) {
      attempt.abort();
      throw this.signal.reason;
    }
    const error = thrown instanceof AttemptFailure ? thrown.error : thrown;
    const verdict = this.#judge(attempt, thrown);
    if (verdict.kind === 'aborted') {
      attempt.abort();
      throw this.#clean(error);
    }
    attempt.fail(verdict, error);
    const { target } = attempt;
    this.#last = { target, verdict, error };
    this.#kinds.push(verdict);
    this.#memory.failed(verdict, target);
    if (this.#mustSurface(verdict)) throw this.#clean(error);
    if (verdict.kind === 'unknown') {
      if (this.#unknown !== undefined) throw this.#clean(this.#unknown.error);
      this.#unknown = { error };
    }
    if (verdict.action === 'same-key') {
      const again = await this.#secondAttempt(target);
      if (again !== undefined) return again;
    }
    return this.#choose();
  }

  #judge(attempt: Attempt, thrown: unknown): Verdict {
    try {
      return attempt.judge(thrown);
    } catch (fault) {
      attempt.abort();
      throw fault instanceof CallerFault ? fault.error : fault;
    }
  }

  /** What no other target would change, or what a setting keeps from going on. */
  #mustSurface(verdict: Verdict): boolean {
    const { bypass, contentFilterFallback } = this.core.plan;
    if (verdict.action === 'fail' || bypass) return true;
    return verdict.kind === 'content-filter' && !contentFilterFallback;
  }

  /** One immediate second attempt on the same route, with another ready key where there is one. */
  async #secondAttempt(failed: Target): Promise<Target | undefined> {
    const { scheduler, plan } = this.core;
    const { route } = failed;
    const memory = this.#memory;
    if (memory.round > 0 || !memory.takeExtra(route.provider)) return undefined;
    if (!scheduler.retryBudget.withdraw()) return undefined;
    memory.reach = 'any';
    const other = scheduler.selectOn(
      route,
      {
        routes: [route],
        allowsRoute: each => memory.allowsRoute(each),
        allowsKey: (key, on) => key !== failed.key && memory.allowsKey(key, on),
      },
      Admission.preference,
      plan.clock.now(),
    );
    if (other !== undefined) return other;
    await pause(this.core, plan.clock.now() + plan.random() * SAME_TARGET_JITTER_MS, this.signal);
    return failed;
  }

  /** Waits for the first target to open, within the call's allowance; or ends the call. */
  async #waitForRoom(): Promise<void> {
    const { core } = this;
    const { clock } = core.plan;
    const memory = this.#memory;
    const now = clock.now();
    memory.reach = 'later';
    const { at } = core.scheduler.outlook(memory, now);
    if (at - now > this.#allowanceMs) throw this.#end();
    if (at > now) {
      if (core.emitter.active) {
        core.emitter.emit({ type: 'waiting', at: now, callId: this.id, until: at });
      }
      await pause(core, at, this.signal, true);
      this.#allowanceMs -= Math.max(clock.now() - now, 0);
    }
    memory.nextRound();
  }

  /** The error that the call ends with when no target is left. */
  #end(): unknown {
    const last = this.#last;
    if (this.#unknown !== undefined) return this.#clean(this.#unknown.error);
    const alone = this.records.length === 1;
    if (alone && last?.verdict.scope === 'request') return this.#clean(last.error);
    this.#memory.reach = 'any';
    const now = this.core.plan.clock.now();
    const error = exhausted({
      records: this.records,
      failures: this.#kinds,
      last: last && { ...last, error: this.#clean(last.error) },
      outlook: this.core.scheduler.outlook(this.#memory, now),
      clean: value => this.#clean(value),
      now,
    });
    if (this.core.emitter.active) {
      this.core.emitter.emit({
        type: 'exhausted',
        at: now,
        callId: this.id,
        attempts: this.records.length,
        ...(error.retryAt === undefined ? {} : { retryAt: error.retryAt }),
      });
    }
    return error;
  }

  #clean<V>(value: V): V {
    return this.core.scrubber.value(value);
  }

  #leaveIfAborted(): void {
    if (this.signal?.aborted === true) throw this.signal.reason;
  }

  #tellSwitch(to: Target): void {
    const last = this.#last;
    const { emitter } = this.core;
    if (last === undefined || last.target === to || !emitter.active) return;
    const from = last.target;
    const type =
      from.route === to.route
        ? 'key-rotated'
        : from.route.provider === to.route.provider
          ? 'model-switched'
          : 'provider-switched';
    emitter.emit({
      type,
      at: this.core.plan.clock.now(),
      callId: this.id,
      attempt: this.records.length + 1,
      from: from.ref,
      to: to.ref,
      kind: last.verdict.kind,
      ...metaOf(to.route.provider),
    } satisfies SwitchEvent as PoolEvent);
  }
}

function firstTarget(routes: readonly Route[]): Target | undefined {
  const route = routes[0];
  const key = route?.provider.keys.values().next().value;
  return route === undefined ? undefined : key?.target(route);
}

function metaOf(provider: Provider): { meta?: unknown } {
  return provider.plan.meta === undefined ? {} : { meta: provider.plan.meta };
}
