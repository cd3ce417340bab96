import type { VirtualClock } from '@ai-pool/testing';
import type { Line, Part, Script, Version } from './stream-scripts.ts';

/** One call that reached a member. */
export interface MemberCall {
  /** Which call of the pool it belongs to. */
  readonly asked: number;
  readonly script: Script;
  readonly signal: AbortSignal | undefined;
  /** What was read of its stream so far. */
  readonly made: Line[];
  /** What became of its stream. */
  stream: 'none' | 'open' | 'ended' | 'cancelled';
}

interface Options {
  readonly abortSignal?: AbortSignal;
  readonly prompt: readonly { readonly content: string }[];
}

/** A member that does what its scripts say, also what no decent one would. */
export function scriptedMember(
  version: Version,
  next: () => Script,
  clock: VirtualClock,
  calls: MemberCall[],
  onProgress: () => void,
): object {
  async function open(call: MemberCall): Promise<object> {
    const { script, signal } = call;
    const heeded = script.heedsAbort ? signal : undefined;
    await silence(script.openMs, clock, heeded);
    if (script.open === 'hang') await silence(Number.POSITIVE_INFINITY, clock, heeded);
    if (script.open === 'reject') throw script.error;
    call.stream = 'open';
    return { stream: streamOf(call, clock, onProgress), rawCall: {}, request: {} };
  }

  return {
    specificationVersion: version,
    provider: 'scripted.chat',
    modelId: 'm',
    supportedUrls: {},
    doStream({ abortSignal: signal, prompt }: Options): Promise<object> {
      const script = next();
      const asked = Number(prompt[0]?.content);
      const call: MemberCall = { asked, script, signal, made: [], stream: 'none' };
      calls.push(call);
      onProgress();
      if (script.open === 'throw') throw script.error;
      return open(call);
    },
  };
}

function streamOf(
  call: MemberCall,
  clock: VirtualClock,
  onProgress: () => void,
): ReadableStream<Part> {
  const { script, signal, made } = call;
  const { lines, heedsAbort, ending, error, cancelling } = script;
  const heeded = heedsAbort ? signal : undefined;
  let onAbort: (() => void) | undefined;
  const end = (how: 'ended' | 'cancelled'): void => {
    call.stream = how;
    if (onAbort !== undefined) unlisten(heeded, onAbort);
  };
  return new ReadableStream<Part>(
    {
      start(controller) {
        onAbort = () => {
          end('ended');
          controller.error(heeded?.reason);
        };
        if (heeded?.aborted === true) onAbort();
        else listen(heeded, onAbort);
      },
      async pull(controller) {
        const line = lines[made.length];
        await silence(line?.afterMs ?? 0, clock, undefined);
        if (call.stream !== 'open') return;
        if (line !== undefined) {
          const own = { ...line, part: { ...line.part } };
          made.push(own);
          controller.enqueue(own.part);
          onProgress();
        } else if (ending === 'error') {
          end('ended');
          controller.error(error);
        } else if (ending === 'close') {
          end('ended');
          controller.close();
        } else await silence(Number.POSITIVE_INFINITY, clock, undefined);
      },
      cancel() {
        end('cancelled');
        if (cancelling === 'throws') throw new Error('cannot be cancelled');
        return cancelling === 'hangs' ? new Promise<void>(() => undefined) : undefined;
      },
    },
    // Nothing is made before it is read.
    { highWaterMark: 0 },
  );
}

/** Passes over some time, or for ever; an abort ends it. */
async function silence(
  ms: number,
  clock: VirtualClock,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (ms <= 0) return;
  await new Promise<void>((resolve, reject) => {
    const leave = (): void => reject(signal?.reason);
    if (signal?.aborted === true) leave();
    listen(signal, leave);
    if (!Number.isFinite(ms)) return;
    clock.setTimeout(() => {
      unlisten(signal, leave);
      resolve();
    }, ms);
  });
}

// Not by the signal's own methods, which the tests count.
function listen(signal: AbortSignal | undefined, fn: () => void): void {
  if (signal === undefined) return;
  EventTarget.prototype.addEventListener.call(signal, 'abort', fn, { once: true });
}

function unlisten(signal: AbortSignal | undefined, fn: () => void): void {
  if (signal === undefined) return;
  EventTarget.prototype.removeEventListener.call(signal, 'abort', fn);
}
