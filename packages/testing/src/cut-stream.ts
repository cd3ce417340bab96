import type { ServerResponse } from 'node:http';
import type { FakeBrokenStream } from './fake-fault.ts';

/**
 * Lets only the first chunks of an answer through. An answer that is no stream breaks off in the
 * middle of its body. `breakOff` closes the connection.
 */
export function cutStream(
  response: ServerResponse,
  { afterChunks, ending }: FakeBrokenStream,
  breakOff: () => void,
): void {
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  let sent = 0;
  let over = false;
  const stop = (): void => {
    over = true;
    if (ending === 'end') end();
    // What was written must leave first.
    if (ending === 'reset') setImmediate(breakOff);
  };
  const pass = (chunk: unknown): void => {
    if (over) return;
    if (sent === afterChunks) {
      response.flushHeaders();
      stop();
      return;
    }
    sent += 1;
    write(chunk);
  };
  response.write = (chunk: unknown) => {
    pass(chunk);
    return true;
  };
  response.end = (chunk?: unknown) => {
    if (over) return response;
    if (typeof chunk === 'string') write(chunk.slice(0, Math.floor(chunk.length / 2)));
    stop();
    return response;
  };
}
