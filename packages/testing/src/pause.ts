import type { ServerResponse } from 'node:http';

/** Waits, by real time; ends early when the client goes away. `Infinity` waits for that alone. */
export async function pause(ms: number, response: ServerResponse): Promise<void> {
  if (ms <= 0 || response.destroyed) return;
  await new Promise<void>(resolve => {
    const timer = Number.isFinite(ms) ? setTimeout(stop, ms) : undefined;
    response.once('close', stop);
    function stop(): void {
      clearTimeout(timer);
      response.off('close', stop);
      resolve();
    }
  });
}
