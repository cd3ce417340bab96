import type { Attempt } from '../call/attempt.ts';
import type { Generation } from './generation.ts';
import { hold, type Held } from './hold.ts';
import type { StreamResult } from './member.ts';
import { WinnerStream } from './winner-stream.ts';

/**
 * A member's `doStream` result, once there is output. Held inside the promise and not inside the
 * stream: the result's headers and warnings must be the winner's, and the SDK's timers for the
 * first chunk begin when the promise resolves.
 */
export async function answerStream(
  attempt: Attempt,
  result: StreamResult,
  generation: Generation,
): Promise<StreamResult> {
  const reader = result.stream.getReader();
  let held: Held;
  try {
    held = await hold(reader, generation, attempt);
  } catch (error) {
    reader.cancel(error).catch(() => undefined);
    throw error;
  }
  attempt.firstOutput();
  const winner = new WinnerStream(reader, held, attempt, generation);
  return { ...result, stream: new ReadableStream(winner, { highWaterMark: 0 }) };
}

/** Ends a stream that came after the caller had left. */
export function discardStream({ stream }: StreamResult): void {
  stream.cancel().catch(() => undefined);
}
