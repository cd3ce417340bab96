import type { Core } from './core.ts';

/**
 * Resolves at a time of the pool's clock, or earlier when something opens; rejects with the
 * caller's reason when the caller leaves. Leaves no timer and no listener behind.
 */
export function pause(
  core: Core,
  until: number,
  signal: AbortSignal | undefined,
  orChange = false,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      core.deadlines.cancel(deadline);
      signal?.removeEventListener('abort', leave);
      stopListening?.();
    };
    const wake = (): void => {
      stop();
      resolve();
    };
    const leave = (): void => {
      stop();
      reject(signal?.reason);
    };
    const stopListening = orChange ? core.scheduler.onChange(wake) : undefined;
    const deadline = core.deadlines.add(until, wake);
    if (signal?.aborted === true) leave();
    else signal?.addEventListener('abort', leave, { once: true });
  });
}
