import type { Core } from './core.ts';

/**
 * Ends at a time of the pool's clock with what `due` gives then, or earlier with what `stop` is
 * called with; rejects with the caller's reason when the caller leaves. Leaves no timer and no
 * listener behind.
 *
 * @param begin called once with what ends the pause; what it returns is called at every end
 */
export function pause<T>(
  core: Core,
  until: number,
  signal: AbortSignal | undefined,
  due: () => T,
  begin?: (stop: (value: T | Promise<T>) => void) => () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const end = (): void => {
      isOver = true;
      core.deadlines.cancel(deadline);
      signal?.removeEventListener('abort', leave);
      ended?.();
    };
    const stop = (value: T | Promise<T>): void => {
      end();
      resolve(value);
    };
    const leave = (): void => {
      end();
      reject(signal?.reason);
    };
    const deadline = core.deadlines.add(until, () => {
      const value = due();
      // What was due may have ended it already.
      if (!isOver) stop(value);
    });
    const ended = begin?.(stop);
    if (signal?.aborted === true) leave();
    else signal?.addEventListener('abort', leave, { once: true });
  });
}
