import { untilAborted } from '../call/abort.ts';
import type { Attempt } from '../call/attempt.ts';
import { AttemptFailure } from '../call/faults.ts';
import { classifyResult } from '../failure/classify-result.ts';
import type { Verdict } from '../failure/verdict.ts';
import type { Generation, StreamPart } from './generation.ts';
import type { StreamResult } from './member.ts';

/** A preamble longer than this is no answer in the making. */
const MAX_PREAMBLE = 1_000;

/** So many parts are read ahead of the consumer: enough to hide the cost of waiting per part. */
const READ_AHEAD = 16;

type PartReader = ReadableStreamDefaultReader<StreamPart>;

/** What was read before the consumer may see anything. */
interface Held {
  readonly preamble: readonly StreamPart[];
  /** The first output, or the finish of an answer without any. */
  readonly first: StreamPart;
}

/**
 * A member's `doStream` result, once there is output: until then every way to fail is a failed
 * attempt, and the consumer never sees it. The winner's stream is passed on as it comes.
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
  return { ...result, stream: winner(reader, held, attempt, generation) };
}

/** Ends a stream that came after the caller had left. */
export function discardStream({ stream }: StreamResult): void {
  stream.cancel().catch(() => undefined);
}

async function hold(reader: PartReader, generation: Generation, attempt: Attempt): Promise<Held> {
  const { signal } = attempt.call;
  const preamble: StreamPart[] = [];
  for (;;) {
    const reading = reader.read();
    const { done, value: part } = await (signal === undefined
      ? reading
      : untilAborted(reading, signal));
    if (done) throw brokenOff('the stream ended before it began');
    switch (generation.roleOf(part)) {
      case 'output':
        return { preamble, first: part };
      case 'finish': {
        const verdict = classifyResult(part, { ...attempt.dialect(), hasOutput: false });
        if (verdict === undefined) return { preamble, first: part };
        throw new AttemptFailure(verdict, new Error('the stream finished without an answer'));
      }
      case 'error':
        throw part['error'];
      case 'preamble':
      case 'stream-start':
        if (preamble.push(part) > MAX_PREAMBLE) throw brokenOff('the stream never began');
        break;
      case 'keep-alive':
      case 'foreign':
        break;
    }
  }
}

function brokenOff(message: string): AttemptFailure {
  const verdict: Verdict = {
    kind: 'bad-response',
    scope: 'provider',
    action: 'same-key',
    retryAfterMs: null,
    source: 'guessed',
    permanent: false,
  };
  return new AttemptFailure(verdict, new Error(message));
}

/**
 * The stream of the target that answered. From here on nothing is hidden: what breaks becomes
 * an `error` part and exactly one `finish`, since a stream that errors its controller leaves
 * promises of the SDK that never settle. Only the caller's own abort errors the stream.
 */
function winner(
  reader: PartReader,
  held: Held,
  attempt: Attempt,
  generation: Generation,
): ReadableStream<StreamPart> {
  const { signal, core } = attempt.call;
  let finished = false;
  let failed = false;
  let over = false;
  let leave: (() => void) | undefined;

  const end = (): void => {
    over = true;
    if (leave !== undefined) signal?.removeEventListener('abort', leave);
  };
  const fail = (error: unknown): unknown => {
    failed = true;
    attempt.failLate(error);
    return core.scrubber.value(error);
  };
  /** The part as the consumer sees it, or undefined where it must not. */
  const shown = (part: StreamPart): StreamPart | undefined => {
    switch (generation.roleOf(part)) {
      case 'error':
        fail(part['error']);
        return core.scrubber.value(part);
      case 'finish':
        if (finished) return undefined;
        finished = true;
        settle(part);
        return withPool(part, attempt);
      case 'foreign':
      case 'stream-start':
        return undefined;
      case 'output':
      case 'preamble':
      case 'keep-alive':
        return part;
    }
  };
  const settle = (finish: StreamPart): void => {
    const verdict = classifyResult(finish, { ...attempt.dialect(), hasOutput: true });
    if (verdict === undefined && !failed) attempt.succeed();
    else if (verdict !== undefined) {
      attempt.fail(verdict, new Error('the stream finished with an error'));
    }
  };
  /** What is still owed when the member stops: an error unless there was one, and the finish. */
  const close = (
    controller: ReadableStreamDefaultController<StreamPart>,
    broken: { error: unknown } | undefined,
  ): void => {
    if (!finished) {
      if (broken !== undefined) {
        controller.enqueue({ type: 'error', error: fail(broken.error) });
      }
      finished = true;
      controller.enqueue(withPool(generation.errorFinish(), attempt));
    }
    end();
    controller.close();
  };

  return new ReadableStream<StreamPart>(
    {
      start(controller) {
        for (const part of opening(held, attempt, generation)) controller.enqueue(part);
        const first = shown(held.first);
        if (first !== undefined) controller.enqueue(first);
        if (signal === undefined) return;
        leave = () => {
          end();
          attempt.abort();
          controller.error(signal.reason);
          reader.cancel(signal.reason).catch(() => undefined);
        };
        if (signal.aborted) leave();
        else signal.addEventListener('abort', leave, { once: true });
      },
      async pull(controller) {
        try {
          // The size is negative: what is queued beyond nothing.
          while ((controller.desiredSize ?? 0) > -READ_AHEAD) {
            const { done, value } = await reader.read();
            if (over) return;
            if (done) {
              const cut = new Error('the stream ended before its finish');
              return close(controller, failed ? undefined : { error: cut });
            }
            const part = shown(value);
            if (part !== undefined) controller.enqueue(part);
          }
        } catch (error) {
          if (!over) close(controller, { error });
        }
      },
      async cancel(reason) {
        end();
        attempt.abort();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * What comes before the first output: exactly one `stream-start`, then the configured model id
 * (some providers never report theirs; a member's own later report wins), then the rest.
 */
function opening(held: Held, attempt: Attempt, generation: Generation): StreamPart[] {
  const { preamble } = held;
  const start = preamble.find(part => part.type === 'stream-start');
  const rest = preamble.filter(part => part.type !== 'stream-start');
  const parts: StreamPart[] = [];
  if (generation.hasStreamStart) parts.push(start ?? { type: 'stream-start', warnings: [] });
  if (!rest.some(part => part.type === 'response-metadata' && part['modelId'] !== undefined)) {
    parts.push({ type: 'response-metadata', modelId: attempt.target.route.model });
  }
  parts.push(...rest);
  return parts;
}

function withPool(finish: StreamPart, attempt: Attempt): StreamPart {
  const own = finish['providerMetadata'] as Record<string, unknown> | undefined;
  return { ...finish, providerMetadata: { ...own, pool: attempt.metadata() } };
}
