import type { FakeDelivery } from './fake-fault.ts';
import type { Line, Sender } from './line.ts';

/** An answer that is no stream drips in so many pieces. */
const pieces = 10;

/** Sends a whole answer late, slowly, in large chunks or without its end marker. */
export function deliver(
  line: Line,
  { firstChunkMs = 0, chunkMs = 0, keepAliveMs, chunkBytes = 0, endMarker = true }: FakeDelivery,
  { isOutput, isEnd }: { isOutput: (event: string) => boolean; isEnd: (event: string) => boolean },
): Sender {
  let any = false;

  return {
    async event(event) {
      if (!endMarker && isEnd(event)) return;
      if (!isOutput(event)) {
        line.write(event);
        return;
      }
      await line.wait(any ? chunkMs : firstChunkMs, keepAliveMs);
      any = true;
      if (!line.isGone()) line.write(filledUp(event, chunkBytes));
    },
    async end(body) {
      if (body === '') {
        line.end();
        return;
      }
      await line.wait(firstChunkMs, keepAliveMs);
      const text = filledUp(body, chunkBytes);
      const size = chunkMs > 0 ? Math.ceil(text.length / pieces) : text.length;
      for (let at = 0; at < text.length && !line.isGone(); at += size) {
        line.write(text.slice(at, at + size));
        // No keep-alives here: inside of JSON a blank line is more than a blank line.
        await line.wait(chunkMs);
      }
      if (!line.isGone()) line.end();
    },
  };
}

/** Blanks after the first brace mean nothing to JSON. */
function filledUp(text: string, bytes: number): string {
  const missing = bytes - Buffer.byteLength(text);
  return missing > 0 ? text.replace('{', brace => brace + ' '.repeat(missing)) : text;
}
