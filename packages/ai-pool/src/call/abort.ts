/** What tells that the caller has left or a time limit is over: a signal, or the limit itself. */
export interface Leaving {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once: true }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * Waits for `work`, or for the caller to leave. A member that ignores its signal cannot hold the
 * call: it rejects with `signal.reason`.
 */
export function untilAborted<T>(work: PromiseLike<T>, signal: Leaving | undefined): PromiseLike<T> {
  if (signal === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const leave = (): void => reject(signal.reason);
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    // A member may also give its answer at once, or a promise of its own kind.
    Promise.resolve(work).then(
      value => {
        signal.removeEventListener('abort', leave);
        resolve(value);
        return undefined;
      },
      (error: unknown) => {
        signal.removeEventListener('abort', leave);
        // Whatever the reason is (an Error, a string, undefined): it comes out as it is.
        reject(error);
      },
    );
  });
}
