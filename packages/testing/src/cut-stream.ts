import type { FakeBrokenStream } from './fake-fault.ts';
import type { Line, Sender } from './line.ts';

/** Lets only the first chunks of an answer through, or spoils one. */
export function cutStream(
  line: Line,
  { afterChunks, preamble = false, ending, keepAliveMs }: FakeBrokenStream,
  {
    isOutput,
    errorEvent,
    errorBody,
  }: {
    isOutput: (event: string) => boolean;
    errorEvent: string;
    /** What an answer that is no stream is in place of itself. */
    errorBody: string;
  },
): Sender {
  let sent = 0;
  let over = false;
  let spoilt = false;

  async function stop(): Promise<void> {
    over = true;
    if (ending === 'reset') line.breakOff();
    else if (ending === 'hang') await line.wait(Number.POSITIVE_INFINITY, keepAliveMs);
    else line.end(ending === 'error' ? errorEvent : undefined);
  }

  return {
    async event(event) {
      if (over) return;
      const output = isOutput(event);
      const isNext = !spoilt && sent === afterChunks && (sent > 0 || output || !preamble);
      if (isNext && ending !== 'malformed') {
        await stop();
        return;
      }
      line.write(isNext ? cutInHalf(event) : event);
      spoilt ||= isNext;
      if (output) sent += 1;
      if (output && sent === afterChunks && ending !== 'malformed') await stop();
    },
    async end(body) {
      if (over) return;
      if (body === '') line.end();
      else if (ending === 'error') line.end(errorBody);
      else {
        const half = body.slice(0, Math.floor(body.length / 2));
        if (afterChunks > 0 || preamble || ending === 'malformed') line.write(half);
        await stop();
      }
    },
  };
}

/** An event whose JSON ends in the middle. */
function cutInHalf(event: string): string {
  const start = event.indexOf('data: ');
  return `${event.slice(0, Math.floor((start + event.length) / 2))}\n\n`;
}
