import type { Timeouts } from '../config/types.ts';
import type { Deadline, Deadlines } from './deadlines.ts';

/**
 * The time limits of one attempt. Its signal is what the member is called with: it aborts when a
 * limit is over, or when the caller leaves. The caller's own signal stays untouched.
 */
export class TimeLimit {
  readonly #controller = new AbortController();
  readonly #deadlines: Deadlines;
  readonly #caller: AbortSignal | undefined;
  readonly #set = new Map<keyof Timeouts, Deadline>();

  constructor(deadlines: Deadlines, caller: AbortSignal | undefined) {
    this.#deadlines = deadlines;
    this.#caller = caller;
    if (caller?.aborted === true) this.#leave();
    else caller?.addEventListener('abort', this.#leave, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Sets a limit anew; undefined takes it away. */
  set(limit: keyof Timeouts, at: number | undefined): void {
    const before = this.#set.get(limit);
    if (before !== undefined) this.#deadlines.cancel(before);
    if (at === undefined || this.signal.aborted) return;
    const over = (): void => {
      this.end();
      const message = `${limit} is over`;
      this.#controller.abort(new DOMException(message, 'TimeoutError'));
    };
    this.#set.set(limit, this.#deadlines.add(at, over));
  }

  /** Leaves no timer and no listener behind. */
  end(): void {
    for (const deadline of this.#set.values()) this.#deadlines.cancel(deadline);
    this.#caller?.removeEventListener('abort', this.#leave);
  }

  readonly #leave = (): void => {
    this.end();
    this.#controller.abort(this.#caller?.reason);
  };
}
