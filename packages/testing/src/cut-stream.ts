import type { ServerResponse } from 'node:http';
import type { FakeBrokenStream } from './fake-fault.ts';

/**
 * Lets only the first chunks of an answer through. An answer that is no stream breaks off in the
 * middle of its body.
 */
export function cutStream(
  response: ServerResponse,
  { afterChunks, preamble = false, ending }: FakeBrokenStream,
  {
    isOutput,
    errorEvent,
    breakOff,
  }: {
    isOutput: (event: string) => boolean;
    errorEvent: string;
    /** Closes the connection. */
    breakOff: () => void;
  },
): void {
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  let sent = 0;
  let over = false;

  function stop(): void {
    over = true;
    response.flushHeaders();
    if (ending === 'end') end();
    if (ending === 'error') end(errorEvent);
    // What was written has to leave first.
    if (ending === 'reset') setImmediate(breakOff);
  }

  response.write = (event: unknown) => {
    if (over) return true;
    const output = isOutput(String(event));
    if (afterChunks === 0 && (output || !preamble)) {
      stop();
      return true;
    }
    write(event);
    if (output) sent += 1;
    if (output && sent === afterChunks) stop();
    return true;
  };
  response.end = (body?: unknown) => {
    if (over) return response;
    if (typeof body === 'string') write(body.slice(0, Math.floor(body.length / 2)));
    stop();
    return response;
  };
}
