import type { FailureCase } from '../../packages/ai-pool/src/failure/__fixtures__/cases.ts';
import type { Way } from './world.ts';

/** How an interface tells of a failure inside a 200 to whoever asked for a stream. */
export type Framing =
  /** As frames, and `[DONE]`. */
  | 'done'
  /** As frames that are named by their `type`. */
  | 'named'
  /** As JSON: no stream begins. */
  | 'json';

/** A `fetch` that answers as observed, in the words of the interface that was called. */
export function upstreamOf(failure: FailureCase, way: Way, framing: Framing): typeof fetch {
  return async () =>
    failure.networkError === undefined
      ? answerOf(failure, way, framing)
      : breakOff(failure.networkError);
}

function answerOf(failure: FailureCase, way: Way, framing: Framing): Response {
  const { body, headers } = failure;
  const status = failure.status ?? 0;
  if (typeof body === 'string') return new Response(body, { status, headers });
  const withType = (type: string) => ({ status, headers: { ...headers, 'content-type': type } });
  const isStream = failure.transport === 'sse';
  const frames = isStream ? (body as readonly object[]) : toFrames(body as object);
  if (way === 'stream' && (isStream || (status === 200 && framing !== 'json'))) {
    return new Response(eventStream(frames, framing), withType('text/event-stream'));
  }
  if (!isStream) return Response.json(body, { status, headers });
  // Whoever asks for no stream gets the error by itself.
  const frame = frames.find(each => 'error' in each);
  return Response.json(frame, withType('application/json'));
}

interface Choice {
  readonly message?: object;
  readonly error?: object;
}

/**
 * A whole answer as a stream. What breaks off in the middle of one is said beside the choices of
 * a last chunk (OpenRouter, errors-and-debugging).
 */
function toFrames(body: object): readonly object[] {
  const { choices, ...rest } = body as { choices?: readonly Choice[] };
  const choice = choices?.[0];
  if (choice === undefined) return [body];
  const chunk = { ...rest, object: 'chat.completion.chunk' };
  const last = { index: 0, delta: { content: '' }, finish_reason: 'error' };
  return [
    { ...chunk, choices: [{ index: 0, delta: choice.message }] },
    { ...chunk, error: choice.error, choices: [last] },
  ];
}

function eventStream(frames: readonly object[], framing: Framing): string {
  const events = frames.map(frame => {
    const name = framing === 'named' && 'type' in frame ? `event: ${String(frame.type)}\n` : '';
    return `${name}data: ${JSON.stringify(frame)}\n\n`;
  });
  return events.join('') + (framing === 'done' ? 'data: [DONE]\n\n' : '');
}

type NetworkError = NonNullable<FailureCase['networkError']>;

/** What the runtime does where no answer comes, or where it ends too early. */
function breakOff({ name, message, code, statusCode, causeCode, ...more }: NetworkError): Response {
  const cause =
    causeCode === undefined
      ? undefined
      : Object.assign(new Error(more.causeMessage), { code: causeCode });
  // The answer had begun.
  if (statusCode !== undefined) return cutBody(new TypeError('terminated', { cause }));
  if (name === 'TypeError') throw new TypeError(message, cause && { cause });
  if (/^(Abort|Timeout)Error$/.test(name)) throw new DOMException(message, name);
  throw Object.assign(new Error(message), { name }, code !== undefined && { code });
}

function cutBody(error: Error): Response {
  return new Response(
    new ReadableStream({
      pull(controller) {
        controller.error(error);
      },
    }),
  );
}
