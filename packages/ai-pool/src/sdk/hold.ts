import type { Attempt } from '../call/attempt.ts';
import { AttemptFailure, badResponse } from '../call/faults.ts';
import type { Generation, StreamPart } from './generation.ts';
import type { StreamResult } from './member.ts';

/** A preamble longer than this is no answer in the making. */
const MAX_PREAMBLE = 1_000;

export type PartReader = ReadableStreamDefaultReader<StreamPart>;

/** A member's stream, and what was read of it before its consumer may see anything. */
export interface Held {
  readonly result: StreamResult;
  readonly reader: PartReader;
  readonly preamble: readonly StreamPart[];
  /** The first output, or the finish of an answer without any. */
  readonly first: StreamPart;
  readonly isEmpty: boolean;
}

/**
 * Reads a member's stream up to its first output. Until then every way to fail is a failed
 * attempt: a rejection, an error part, a stream error, an end.
 *
 * @param asker learns that there is a stream, whatever becomes of it
 */
export async function hold(
  opening: PromiseLike<StreamResult>,
  generation: Generation,
  attempt: Attempt,
  asker: { opened(result: StreamResult): void },
): Promise<Held> {
  const result = await opening;
  asker.opened(result);
  const reader = result.stream.getReader();
  const { leaving } = attempt;
  // Ends what is being read, also of a member that does not heed its signal.
  const leave = (): void => void reader.cancel(leaving?.reason).catch(() => undefined);
  if (leaving?.aborted === true) leave();
  else leaving?.addEventListener('abort', leave, { once: true });
  const preamble: StreamPart[] = [];
  try {
    for (;;) {
      const { done, value: part } = await reader.read();
      if (leaving?.aborted === true) throw leaving.reason;
      if (done) throw brokenOff('it ended without output');
      switch (generation.roleOf(part)) {
        case 'output':
          return { result, reader, preamble, first: part, isEmpty: false };
        case 'finish':
          return { result, reader, preamble, first: part, isEmpty: true };
        case 'error':
          throw part['error'];
        case 'preamble':
        case 'stream-start':
          if (preamble.push(part) > MAX_PREAMBLE) throw brokenOff('it has no output');
          break;
        case 'keep-alive':
        case 'foreign':
          break;
      }
    }
  } catch (error) {
    reader.cancel(error).catch(() => undefined);
    throw error;
  } finally {
    leaving?.removeEventListener('abort', leave);
  }
}

/** An answer that nobody says the end of. */
export function brokenOff(message: string): AttemptFailure {
  return new AttemptFailure(badResponse('provider', 'same-key'), new Error(message));
}
