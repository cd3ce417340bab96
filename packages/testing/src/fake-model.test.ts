import { describe, expect, test } from 'vitest';
import { apiCallError } from './api-call-error.ts';
import { fakeModel } from './fake-model.ts';
import type { FakeStreamPart } from './specification.ts';
import { createVirtualClock } from './virtual-clock.ts';

const versions = ['v1', 'v2', 'v3', 'v4'] as const;

async function collect(stream: ReadableStream<FakeStreamPart>): Promise<FakeStreamPart[]> {
  const parts: FakeStreamPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

const content = {
  text: 'Hello there',
  reasoning: 'Hm',
  toolCalls: [{ toolName: 'go', input: { to: 1 } }],
  usage: { inputTokens: 3, outputTokens: 4 },
};

describe('results in the words of their generation', () => {
  test('V1', async () => {
    const model = fakeModel({ specificationVersion: 'v1', answer: content });
    expect(model).toMatchObject({ defaultObjectGenerationMode: undefined });
    expect(await model.doGenerate({})).toMatchObject({
      text: 'Hello there',
      reasoning: 'Hm',
      toolCalls: [
        { toolCallType: 'function', toolCallId: 'call-1', toolName: 'go', args: '{"to":1}' },
      ],
      finishReason: 'tool-calls',
      usage: { promptTokens: 3, completionTokens: 4 },
      rawCall: { rawPrompt: null, rawSettings: {} },
      response: { id: 'response-0', modelId: 'fake-model' },
    });
    const { stream, rawCall } = await model.doStream({});
    expect(rawCall).toEqual({ rawPrompt: null, rawSettings: {} });
    expect((await collect(stream)).map(({ type }) => type)).toEqual([
      'response-metadata',
      'reasoning',
      'text-delta',
      'text-delta',
      'tool-call',
      'finish',
    ]);
  });

  test.each(['v2', 'v3', 'v4'] as const)('%s', async specificationVersion => {
    const model = fakeModel({ specificationVersion, answer: content });
    const finishReason =
      specificationVersion === 'v2' ? 'tool-calls' : { unified: 'tool-calls', raw: 'tool-calls' };
    const usage =
      specificationVersion === 'v2'
        ? { inputTokens: 3, outputTokens: 4, totalTokens: 7 }
        : { inputTokens: { total: 3 }, outputTokens: { total: 4 } };
    expect(model.supportedUrls).toEqual({});
    expect(await model.doGenerate({})).toMatchObject({
      content: [
        { type: 'reasoning', text: 'Hm' },
        { type: 'text', text: 'Hello there' },
        { type: 'tool-call', toolCallId: 'call-1', toolName: 'go', input: '{"to":1}' },
      ],
      finishReason,
      usage,
      warnings: [],
    });
    const parts = await collect((await model.doStream({})).stream);
    expect(parts.map(({ type }) => type)).toEqual([
      'stream-start',
      'response-metadata',
      'reasoning-start',
      'reasoning-delta',
      'reasoning-end',
      'text-start',
      'text-delta',
      'text-delta',
      'text-end',
      'tool-input-start',
      'tool-input-delta',
      'tool-input-end',
      'tool-call',
      'finish',
    ]);
    expect(parts.at(-1)).toMatchObject({ finishReason, usage });
  });

  test('a finish reason that the generation does not know is said as well as it can', async () => {
    const reasons = [];
    for (const specificationVersion of versions) {
      const said = [];
      for (const finishReason of ['unknown', 'interrupted'] as const) {
        const model = fakeModel({ specificationVersion, answer: { text: 'x', finishReason } });
        const result = await model.doGenerate({});
        said.push(
          typeof result.finishReason === 'string'
            ? result.finishReason
            : result.finishReason.unified,
        );
      }
      reasons.push(said);
    }
    expect(reasons).toEqual([
      ['unknown', 'unknown'],
      ['unknown', 'unknown'],
      ['other', 'other'],
      ['other', 'interrupted'],
    ]);
  });
});

test('asks the script at each call, and records the calls', async () => {
  const model = fakeModel({
    specificationVersion: 'v4',
    answer: ({ index, kind, options }) => {
      if (index === 0) return apiCallError({ statusCode: 429 });
      if (index === 1) return { reject: 'no error at all' };
      return `${kind} ${String(options.prompt)}`;
    },
  });
  await expect(model.doGenerate({ prompt: 'a' })).rejects.toMatchObject({ statusCode: 429 });
  await expect(model.doStream({ prompt: 'b' })).rejects.toBe('no error at all');
  expect(await model.doGenerate({ prompt: 'c' })).toMatchObject({
    content: [{ type: 'text', text: 'generate c' }],
  });
  expect(model.calls.map(({ index, kind, options }) => [index, kind, options.prompt])).toEqual([
    [0, 'generate', 'a'],
    [1, 'stream', 'b'],
    [2, 'generate', 'c'],
  ]);
});

test('answers each kind by its own script where there is one', async () => {
  const model = fakeModel({
    specificationVersion: 'v2',
    answer: 'either',
    doStream: [{ type: 'error', error: 'only here' }],
  });
  expect(await model.doGenerate({})).toMatchObject({ content: [{ text: 'either' }] });
  expect(await collect((await model.doStream({})).stream)).toEqual([
    { type: 'error', error: 'only here' },
  ]);
});

test('gives whole results and streams as they are', async () => {
  const result = await fakeModel({ specificationVersion: 'v3' }).doGenerate({});
  const model = fakeModel({
    specificationVersion: 'v3',
    doGenerate: { result },
    doStream: { parts: [], headers: { 'x-one': '1' } },
  });
  expect(await model.doGenerate({})).toBe(result);
  expect((await model.doStream({})).response).toEqual({ headers: { 'x-one': '1' } });
});

test('refuses what does not fit the kind', async () => {
  const model = fakeModel({
    specificationVersion: 'v2',
    answer: ({ kind }) => (kind === 'generate' ? [] : { result: { content: [] } as never }),
  });
  await expect(model.doGenerate({})).rejects.toThrow(TypeError);
  await expect(model.doStream({})).rejects.toThrow(TypeError);
});

describe('streams', () => {
  const delta = { type: 'text-delta', id: '1', delta: 'x' } as const;

  test('make nothing before it is read, and tell of a cancel', async () => {
    const model = fakeModel({ specificationVersion: 'v4', answer: [delta, delta, delta] });
    const { stream } = await model.doStream({});
    expect(model.calls[0]).toMatchObject({ partsRead: 0 });
    const reader = stream.getReader();
    await reader.read();
    expect(model.calls[0]).toMatchObject({ partsRead: 1 });
    await reader.cancel('enough');
    expect(model.calls[0]).toMatchObject({ partsRead: 1, cancelled: { reason: 'enough' } });
  });

  test('break by an error after their parts', async () => {
    const error = new Error('terminated');
    const model = fakeModel({ specificationVersion: 'v4', answer: { parts: [delta], error } });
    const reader = (await model.doStream({})).stream.getReader();
    expect(await reader.read()).toEqual({ done: false, value: delta });
    await expect(reader.read()).rejects.toBe(error);
  });

  test('hang until the caller aborts', async () => {
    const model = fakeModel({
      specificationVersion: 'v4',
      answer: { parts: [delta], ending: 'hang' },
    });
    const controller = new AbortController();
    const { stream } = await model.doStream({ abortSignal: controller.signal });
    const reader = stream.getReader();
    await reader.read();
    const read = reader.read();
    controller.abort('gone');
    await expect(read).rejects.toBe('gone');
  });
});

function withResolvers(): { promise: Promise<string>; resolve: (text: string) => void } {
  const resolvers: ((text: string) => void)[] = [];
  const promise = new Promise<string>(resolve => resolvers.push(resolve));
  return { promise, resolve: text => resolvers[0]?.(text) };
}

describe('time', () => {
  test('passes on the given clock', async () => {
    const clock = createVirtualClock();
    const model = fakeModel({
      specificationVersion: 'v4',
      latencyMs: 100,
      partLatencyMs: 10,
      clock,
      answer: [{ type: 'ping' }, { type: 'ping' }],
    });
    let done = false;
    const all = (async () => {
      const parts = await collect((await model.doStream({})).stream);
      done = true;
      return parts;
    })();
    await clock.advance(129);
    expect(done).toBe(false);
    await clock.advance(1);
    expect(done).toBe(true);
    expect(await all).toHaveLength(2);
    expect(clock.pending()).toBe(0);
  });

  test('an abort ends a latency and leaves no timer', async () => {
    const clock = createVirtualClock();
    const model = fakeModel({ specificationVersion: 'v1', latencyMs: 100, clock });
    const controller = new AbortController();
    const call = model.doGenerate({ abortSignal: controller.signal });
    expect(clock.pending()).toBe(1);
    controller.abort('changed my mind');
    await expect(call).rejects.toBe('changed my mind');
    expect(clock.pending()).toBe(0);
    await expect(model.doGenerate({ abortSignal: controller.signal })).rejects.toBe(
      'changed my mind',
    );
  });

  test('is what a promise makes it', async () => {
    const { promise: text, resolve: release } = withResolvers();
    const model = fakeModel({ specificationVersion: 'v4', answer: () => text });
    const call = model.doGenerate({});
    release('at last');
    expect(await call).toMatchObject({ content: [{ text: 'at last' }] });
  });

  test('is another one for the next calls where they are to fail', async () => {
    const model = fakeModel({ specificationVersion: 'v4', answer: 'fine' });
    const refusal = apiCallError({ statusCode: 429 });
    model.failNext(refusal, [{ type: 'error', error: 'broken' }]);
    await expect(model.doGenerate({})).rejects.toBe(refusal);
    expect(await collect((await model.doStream({})).stream)).toEqual([
      { type: 'error', error: 'broken' },
    ]);
    expect(await model.doGenerate({})).toMatchObject({ content: [{ text: 'fine' }] });
    expect(model.calls).toHaveLength(3);
  });
});
