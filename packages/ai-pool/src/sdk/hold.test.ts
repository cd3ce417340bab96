import { describe, expect, it } from 'vitest';
import type { Attempt } from '../call/attempt.ts';
import { generationOf, type StreamPart } from './generation.ts';
import { hold } from './hold.ts';
import type { StreamResult } from './member.ts';

const generation = generationOf('v4')!;

/** A stream of these parts that stays open, and what its consumer did. */
function streamOf(...parts: readonly (StreamPart | Error)[]) {
  const cancelled: unknown[] = [];
  const left = [...parts];
  const stream = new ReadableStream<StreamPart>(
    {
      pull(controller) {
        const part = left.shift();
        if (part instanceof Error) controller.error(part);
        else if (part !== undefined) controller.enqueue(part);
        // Nothing more comes, and no end either.
        return part === undefined ? new Promise(() => undefined) : undefined;
      },
      cancel: reason => void cancelled.push(reason),
    },
    { highWaterMark: 0 },
  );
  return { result: { stream } satisfies StreamResult, cancelled };
}

/** Holds what is given, for a caller that can leave. */
function holding(opening: PromiseLike<StreamResult>) {
  const caller = new AbortController();
  const listeners = new Set<unknown>();
  const { signal } = caller;
  const add = signal.addEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners.add(args[1]);
    add(...args);
  };
  const remove = signal.removeEventListener.bind(signal);
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners.delete(args[1]);
    remove(...args);
  };
  const opened: StreamResult[] = [];
  const attempt = { leaving: signal } as unknown as Attempt;
  const held = hold(opening, generation, attempt, result => opened.push(result));
  return { caller, listeners, opened, held };
}

const settled = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

const start = { type: 'stream-start', warnings: [] };
const text = { type: 'text-delta', id: '1', delta: 'Hello' };

describe('a stream that is held', () => {
  it('is given with its first output, and what came before', async () => {
    const { result, cancelled } = streamOf(start, { type: 'ping' }, text);
    const { held, listeners, opened } = holding(Promise.resolve(result));
    expect(await held).toMatchObject({ result, preamble: [start], first: text, isEmpty: false });
    expect(opened).toEqual([result]);
    expect(cancelled).toEqual([]);
    expect(listeners.size).toBe(0);
  });

  it('may be opened by a promise of its own kind', async () => {
    const { result } = streamOf(text);
    // oxlint-disable-next-line unicorn/no-thenable
    const own = { then: (resolve: (given: StreamResult) => void) => resolve(result) };
    expect(await holding(own as PromiseLike<StreamResult>).held).toMatchObject({ first: text });
  });

  it.each([
    ['an error part', [start, { type: 'error', error: 'broken' }], 'broken'],
    ['a stream error', [start, new Error('cut')], new Error('cut')],
  ] as const)('fails with %s, and nothing is left listening', async (_, parts, error) => {
    const { result } = streamOf(...parts);
    const { held, listeners } = holding(Promise.resolve(result));
    await expect(held).rejects.toEqual(error);
    expect(listeners.size).toBe(0);
  });

  it('is cancelled where an error part came', async () => {
    const { result, cancelled } = streamOf({ type: 'error', error: 'broken' });
    await expect(holding(Promise.resolve(result)).held).rejects.toBe('broken');
    expect(cancelled).toEqual(['broken']);
  });

  it('fails where it is locked, or no stream at all', async () => {
    const { result } = streamOf(text);
    result.stream.getReader();
    await expect(holding(Promise.resolve(result)).held).rejects.toBeInstanceOf(TypeError);
    await expect(holding(Promise.resolve({} as StreamResult)).held).rejects.toBeInstanceOf(
      TypeError,
    );
  });
});

describe('a caller that leaves', () => {
  it('before a stream is open: at once; what opens later is cancelled, and told to nobody', async () => {
    const { result, cancelled } = streamOf(text);
    let open!: (result: StreamResult) => void;
    const { caller, held, listeners, opened } = holding(
      new Promise(resolve => {
        open = resolve;
      }),
    );
    caller.abort('left');
    await expect(held).rejects.toBe('left');
    expect(listeners.size).toBe(0);
    open(result);
    await settled();
    expect(cancelled).toEqual(['left']);
    expect(opened).toEqual([]);
  });

  it('before it began: the same', async () => {
    const { result, cancelled } = streamOf(text);
    const attempt = { leaving: AbortSignal.abort('left') } as unknown as Attempt;
    const held = hold(Promise.resolve(result), generation, attempt, () => undefined);
    await expect(held).rejects.toBe('left');
    await settled();
    expect(cancelled).toEqual(['left']);
  });

  it('before the first output: at once, though nothing comes', async () => {
    const { result, cancelled } = streamOf(start);
    const { caller, held } = holding(Promise.resolve(result));
    await settled();
    caller.abort('left');
    await expect(held).rejects.toBe('left');
    expect(cancelled).toEqual(['left']);
  });

  it('what fails to open later, or opens as something else, disturbs nobody', async () => {
    for (const late of [Promise.reject(new Error('late')), Promise.resolve({} as StreamResult)]) {
      const { caller, held } = holding(late);
      caller.abort('left');
      await expect(held).rejects.toBe('left');
      await settled();
    }
  });
});
