/** The timers of a clock. */
export interface Timers {
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}

/** Waits, unless the signal ends it: then rejects with the signal's reason. */
export async function delay(
  ms: number,
  signal: AbortSignal | undefined,
  timers: Timers | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  if (ms <= 0) return;
  await abortable(resolve => {
    if (timers) {
      const handle = timers.setTimeout(resolve, ms);
      return () => timers.clearTimeout(handle);
    }
    const handle = setTimeout(resolve, ms);
    return () => clearTimeout(handle);
  }, signal);
}

/** Waits for nothing but the signal. */
export async function never(signal: AbortSignal | undefined): Promise<never> {
  await abortable(() => () => {}, signal);
  throw new Error('unreachable');
}

async function abortable(
  start: (resolve: () => void) => () => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => {
      stop();
      reject(signal?.reason);
    };
    const stop = start(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    signal?.addEventListener('abort', abort, { once: true });
  });
}
