import type { Timeouts } from '../config/types.ts';
import type { Leaving } from './abort.ts';
import type { Deadline, Deadlines } from './deadlines.ts';

/** A limit that must not end the attempt yet is looked at again after so long, in ms. */
const AGAIN_MS = 1_000;

/** What the member and the verdict see of a limit that is over. */
export const timedOut = (limit: keyof Timeouts): DOMException =>
  new DOMException(`${limit} is over`, 'TimeoutError');

/**
 * The time limits of one attempt. Its signal is what the member is called with: it aborts when a
 * limit is over, or when the caller leaves. The caller's own signal stays untouched.
 */
export class TimeLimit implements Leaving {
  aborted = false;
  // Cheaper than those of a signal, which only the member needs; mostly there is but one.
  private listener: (() => void) | undefined;
  private more: readonly (() => void)[] | undefined;
  private readonly controller = new AbortController();
  private readonly deadlines: Deadlines;
  private readonly caller: AbortSignal | undefined;
  /** That of the first output, which alone may be over before the attempt is; and the others. */
  private first: Deadline | undefined;
  private others: Deadline[] | undefined;
  private leave: (() => void) | undefined;

  constructor(deadlines: Deadlines, caller: AbortSignal | undefined) {
    this.deadlines = deadlines;
    this.caller = caller;
    if (caller !== undefined) this.follow(caller);
  }

  private follow(caller: AbortSignal): void {
    this.leave = () => this.abort(caller.reason);
    if (caller.aborted) this.leave();
    else caller.addEventListener('abort', this.leave, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get reason(): unknown {
    return this.controller.signal.reason;
  }

  addEventListener(_: 'abort', listener: () => void): void {
    if (this.listener === undefined) this.listener = listener;
    else this.more = [...(this.more ?? []), listener];
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    if (this.listener === listener) this.listener = undefined;
    else this.more = this.more?.filter(each => each !== listener);
  }

  /** @param mayEnd asked when the limit is over, and again until it says yes */
  set(limit: keyof Timeouts, since: number, ms: number | undefined, mayEnd?: () => boolean): void {
    if (ms === undefined || ms === Number.POSITIVE_INFINITY || this.aborted) return;
    const over = (): void => {
      if (mayEnd?.() === false) {
        this.set(limit, since, ms + AGAIN_MS, mayEnd);
        return;
      }
      this.abort(timedOut(limit));
    };
    const deadline = this.deadlines.add(since + ms, over);
    if (limit === 'firstOutputMs') this.first = deadline;
    else (this.others ??= []).push(deadline);
  }

  /** The first output is there. */
  shown(): void {
    if (this.first !== undefined) this.deadlines.cancel(this.first);
  }

  /** No limit counts any more; that the caller leaves still does. */
  stop(): void {
    this.shown();
    for (const deadline of this.others ?? []) this.deadlines.cancel(deadline);
  }

  /** Leaves no timer and no listener behind. */
  end(): void {
    this.stop();
    if (this.leave !== undefined) this.caller?.removeEventListener('abort', this.leave);
  }

  abort(reason: unknown): void {
    this.end();
    if (this.aborted) return;
    this.aborted = true;
    this.controller.abort(reason);
    const { listener, more = [] } = this;
    this.listener = this.more = undefined;
    listener?.();
    for (const each of more) each();
  }
}
