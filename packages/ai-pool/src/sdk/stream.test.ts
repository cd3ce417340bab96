import { describe, expect, it } from 'vitest';
import { createPooledModel } from '../create-pooled-model.ts';
import { delta, finish } from '../__fixtures__/parts.ts';
import { collect, http, rejection, scene, textOf, type Part } from '../__fixtures__/scene.ts';

type Script = { parts: Part[]; ending?: 'close' | 'hang'; error?: unknown };

const start: Part = { type: 'stream-start', warnings: [] };
const whole: Part[] = [
  start,
  { type: 'text-start', id: '1' },
  delta('a'),
  delta('b'),
  finish('stop'),
];

/** Provider `a` streams a script, provider `b` is well. */
function scripted(script: Script | (() => Script)) {
  const answer = () => (typeof script === 'function' ? script() : script);
  return scene({ a: { answer }, b: { answer: () => ({ parts: whole }) } });
}

const types = (parts: readonly Part[]): string[] => parts.map(part => part.type);
const count = (parts: readonly Part[], type: string): number =>
  parts.filter(part => part.type === type).length;

/** A pooled stream over one that the test breaks, or cannot cancel. */
async function pooledOver(cancel?: () => never) {
  let source!: ReadableStreamDefaultController<Part>;
  const stream = new ReadableStream<Part>({
    start(controller) {
      source = controller;
      controller.enqueue(delta('a'));
    },
    ...(cancel && { cancel }),
  });
  const member = {
    specificationVersion: 'v4' as const,
    provider: 'own',
    modelId: 'm',
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error('not asked')),
    doStream: (_options: object) => Promise.resolve({ stream }),
  };
  const opened = await createPooledModel([member]).doStream({ prompt: [] });
  return { source, pooled: opened.stream };
}

describe('before the first output', () => {
  it.each<[string, Script]>([
    ['an error part', { parts: [start, { type: 'error', error: http(503) }] }],
    [
      'a plain object as error',
      { parts: [{ type: 'error', error: { code: 429, message: 'no' } }] },
    ],
    ['a string as error', { parts: [{ type: 'error', error: 'overloaded' }] }],
    ['a stream error', { parts: [start], error: new TypeError('terminated') }],
    ['an end without finish', { parts: [start] }],
    ['an abnormal finish', { parts: [start, finish('other')] }],
    ['an interrupted finish', { parts: [finish('interrupted')] }],
    ['a finish with an error', { parts: [start, finish('error')] }],
    ['empty deltas and block starts only', { parts: [{ type: 'text-start', id: '1' }, delta('')] }],
    [
      'an endless preamble',
      { parts: Array.from({ length: 2_000 }, () => ({ type: 'raw', rawValue: 1 })) },
    ],
  ])('%s is a failed attempt; the consumer sees one clean stream', async (_, script) => {
    const { stream, seen, pool, clock } = scripted(script);
    const streaming = stream();
    await clock.advance(1_000);
    const parts = await streaming;
    expect(textOf(parts)).toBe('ab');
    expect(count(parts, 'stream-start')).toBe(1);
    expect(count(parts, 'finish')).toBe(1);
    expect(count(parts, 'error')).toBe(0);
    expect(seen.at(-1)?.provider).toBe('b');
    const [a] = pool.status().providers;
    expect(a?.keys[0]?.usage).toMatchObject({ successes: 0, inFlight: 0 });
    expect(a?.keys[0]?.usage.failures).toBe(seen.length - 1);
  });

  it.each(['stop', 'length', 'tool-calls', 'content-filter'])(
    'a finish %s without output is an answer',
    async reason => {
      const { stream, seen } = scripted({ parts: [start, finish(reason)] });
      expect(types(await stream())).toEqual(['stream-start', 'response-metadata', 'finish']);
      expect(seen).toHaveLength(1);
    },
  );

  it('cancels the stream that it gives up', async () => {
    const { stream, seen, clock } = scripted({ parts: [finish('error')], ending: 'hang' });
    const streaming = stream();
    await clock.advance(1_000);
    await streaming;
    expect(seen[0]?.call.cancelled).toBeDefined();
  });

  it.each<[string, unknown, unknown]>([
    ['a plain object is the data', { code: 502, message: 'no' }, { code: 502, message: 'no' }],
    ['an Error has its own', Object.assign(http(503), { data: { at: 1 } }), { at: 1 }],
    ['an Error may have none', new TypeError('terminated'), undefined],
    ['a string is none', 'overloaded', undefined],
  ])('where nobody else is left, %s', async (_, error, data) => {
    const answer = () => ({ parts: [start, { type: 'error', error }] });
    const { open, clock } = scene({ a: { answer } }, { maxWaitMs: 0 });
    const failing = rejection(open());
    await clock.advance(1_000);
    const failed = await failing;
    expect(failed).toMatchObject({ name: 'PoolExhaustedError', cause: error });
    expect(Reflect.get(failed as object, 'data')).toEqual(data);
  });

  it('an abort rejects with the reason, and ends the member’s stream', async () => {
    const leaving = new AbortController();
    const { open, seen, pool, clock } = scripted({ parts: [start], ending: 'hang' });
    const opened = rejection(open({ abortSignal: leaving.signal }));
    await clock.advance(1);
    leaving.abort('enough');
    expect(await opened).toBe('enough');
    expect(seen).toHaveLength(1);
    expect(pool.status().providers[0]?.keys[0]?.usage).toMatchObject({ aborted: 1, inFlight: 0 });
  });
});

describe('after the first output', () => {
  it('passes the parts on as they are, with who answered', async () => {
    const { stream } = scripted({ parts: whole });
    const parts = await stream();
    expect(types(parts)).toEqual([
      'stream-start',
      'response-metadata',
      'text-start',
      'text-delta',
      'text-delta',
      'finish',
    ]);
    expect(parts[1]).toMatchObject({ modelId: 'm' });
    expect(parts.at(-1)).toMatchObject({
      providerMetadata: { pool: { provider: 'a', model: 'm', attempts: [{ provider: 'a' }] } },
    });
  });

  it('leaves the member’s own model id alone', async () => {
    const own: Part = { type: 'response-metadata', id: 'r', modelId: 'm-2026-01' };
    const { stream } = scripted({ parts: [own, delta('a'), finish('stop')] });
    const reports = (await stream()).filter(part => part.type === 'response-metadata');
    expect(reports).toEqual([own]);
  });

  it('an error part stays the same object, and one finish follows', async () => {
    const error = { type: 'overloaded_error', message: 'busy' };
    const { stream, seen, pool, events } = scripted({
      parts: [start, delta('a'), { type: 'error', error }],
    });
    const parts = await stream();
    expect(parts.find(part => part.type === 'error')?.['error']).toBe(error);
    expect(types(parts).slice(-2)).toEqual(['error', 'finish']);
    expect(parts.at(-1)).toMatchObject({ finishReason: { unified: 'error' } });
    expect(seen).toHaveLength(1);
    expect(pool.status().providers[0]?.keys[0]?.usage).toMatchObject({ successes: 0, failures: 1 });
    expect(events.map(event => event.type)).not.toContain('success');
  });

  it('keeps the member’s own finish after an error', async () => {
    const { stream } = scripted({
      parts: [delta('a'), { type: 'error', error: 'x' }, finish('error'), finish('stop')],
    });
    const parts = await stream();
    expect(count(parts, 'finish')).toBe(1);
    expect(count(parts, 'error')).toBe(1);
  });

  const terminated = new TypeError('terminated');

  it.each<[string, Script, unknown]>([
    ['a stream error', { parts: [delta('a')], error: terminated }, terminated],
    ['an end without finish', { parts: [delta('a')] }, expect.any(Error)],
  ])('%s becomes an error and one finish, never a broken stream', async (_, script, error) => {
    const { stream, pool } = scripted(script);
    const parts = await stream();
    expect(types(parts).slice(-2)).toEqual(['error', 'finish']);
    expect(parts.at(-2)?.['error']).toEqual(error);
    expect(pool.status().providers[0]?.keys[0]?.usage).toMatchObject({ failures: 1, inFlight: 0 });
  });

  it('drops parts that the generation does not know', async () => {
    const { stream } = scripted({ parts: [delta('a'), { type: 'hologram' }, finish('stop')] });
    expect(types(await stream())).not.toContain('hologram');
  });

  it('the caller’s abort errors the stream with the reason', async () => {
    const leaving = new AbortController();
    const { open, pool, seen } = scripted({ parts: [delta('a')], ending: 'hang' });
    const reader = (await open({ abortSignal: leaving.signal })).getReader();
    while ((await reader.read()).value?.type !== 'text-delta');
    const next = rejection(reader.read());
    leaving.abort('gone');
    expect(await next).toBe('gone');
    expect(pool.status().providers[0]?.keys[0]?.usage).toMatchObject({ aborted: 1, inFlight: 0 });
    expect(seen).toHaveLength(1);
  });

  it.each<[string, Part]>([
    ['an error part', { type: 'error', error: 'x' }],
    ['a finish', finish('stop')],
  ])('also when the member hangs after %s', async (_, last) => {
    const leaving = new AbortController();
    const { open, seen, clock } = scripted({ parts: [delta('a'), last], ending: 'hang' });
    const reader = (await open({ abortSignal: leaving.signal })).getReader();
    while ((await reader.read()).value?.type !== last.type);
    const next = rejection(reader.read());
    await clock.advance(1);
    leaving.abort('gone');
    expect(await next).toBe('gone');
    expect(seen[0]?.call.options.abortSignal?.reason).toBe('gone');
    expect(clock.pending()).toBe(0);
  });

  it('an end without finish is held against the provider', async () => {
    const { stream, pool } = scripted({ parts: [delta('a')] });
    await stream();
    expect(pool.status().providers[0]).toMatchObject({ state: 'cooling', reason: 'bad-response' });
  });

  it('cancel reaches the member and is no outcome of the key', async () => {
    const { open, seen, pool } = scripted({ parts: [delta('a'), delta('b')], ending: 'hang' });
    const reader = (await open()).getReader();
    await reader.read();
    await reader.cancel('bored');
    expect(seen[0]?.call.cancelled).toEqual({ reason: 'bored' });
    expect(pool.status().providers[0]?.keys[0]?.usage).toMatchObject({
      successes: 0,
      failures: 0,
      aborted: 1,
      inFlight: 0,
    });
  });

  it('a cancel after the end of the member’s stream disturbs nobody', async () => {
    const { open, clock } = scripted({
      parts: [delta('a'), delta('b')],
      error: new Error('terminated'),
    });
    const reader = (await open()).getReader();
    while ((await reader.read()).value?.['delta'] !== 'b');
    // What is read ahead has met the end by now.
    await clock.advance(1);
    await expect(reader.cancel()).resolves.toBeUndefined();
  });

  describe('a cancel', () => {
    it('at the moment at which the member breaks disturbs nobody', async () => {
      const { source, pooled } = await pooledOver();
      source.error(new Error('terminated'));
      await expect(pooled.cancel()).resolves.toBeUndefined();
    });

    it('that the member cannot do fails as it would without the pool', async () => {
      const { pooled } = await pooledOver(() => {
        throw new Error('stuck');
      });
      await expect(pooled.cancel()).rejects.toThrow('stuck');
    });
  });

  it('reads at most 16 parts ahead of a consumer that stops', async () => {
    const many = Array.from({ length: 1_000 }, (_, i) => delta(String(i)));
    const { open, seen, clock } = scripted({ parts: [...many, finish('stop')] });
    const stream = await open();
    const reader = stream.getReader();
    for (let read = 0; read < 10; read++) await reader.read();
    await clock.advance(1);
    // What the consumer has, the queue of 16, and the one part that waits for room.
    expect(seen[0]?.call.partsRead).toBeLessThanOrEqual(10 + 16 + 1);
    reader.releaseLock();
    expect(textOf(await collect(stream))).toMatch(/999$/);
  });

  it('gives up a stream that nobody reads for 10 minutes, with its lease', async () => {
    // More than what is read ahead.
    const many = Array.from({ length: 40 }, (_, i) => delta(`${i} `));
    const { open, seen, pool, clock } = scripted({ parts: [...many, finish('stop')] });
    const stream = await open();
    await clock.advance(599_000);
    expect(pool.status().providers[0]?.keys[0]?.usage.inFlight).toBe(1);
    await clock.advance(1_000);
    expect(pool.status().providers[0]?.keys[0]?.usage).toMatchObject({ aborted: 1, inFlight: 0 });
    expect(seen[0]?.call.cancelled).toBeDefined();
    expect(clock.pending()).toBe(0);
    expect(types(await collect(stream)).slice(-2)).toEqual(['error', 'finish']);
  });

  it('leaves no timer behind', async () => {
    const { stream, clock } = scripted({ parts: whole });
    await stream();
    expect(clock.pending()).toBe(0);
  });

  it('punishes a target that always dies mid-stream more each time', async () => {
    const { stream, pool, clock } = scripted({
      parts: [delta('a')],
      error: new TypeError('terminated'),
    });
    const pauses: number[] = [];
    for (let i = 0; i < 3; i++) {
      await stream();
      pauses.push((pool.status().providers[0]?.until ?? 0) - clock.now());
      await clock.advance(60_000);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000]);
  });

  it('a stream that is read slowly lives on; one that nobody reads any more does not', async () => {
    const many = Array.from({ length: 100 }, (_, i) => delta(String(i)));
    const { open, clock, pool } = scripted({ parts: [...many, finish('stop')] });
    const usage = () => pool.status().providers[0]?.keys[0]?.usage;
    const reader = (await open()).getReader();
    for (let read = 0; read < 50; read++) {
      await clock.advance(30_000);
      expect((await reader.read()).value?.type).not.toBe('error');
    }
    expect(usage()).toMatchObject({ inFlight: 1 });
    await clock.advance(1_300_000);
    expect(usage()).toMatchObject({ inFlight: 0, aborted: 1 });
  });

  it('gives up also when the provider is silent and nobody reads', async () => {
    const { open, clock, seen } = scripted({ parts: [delta('a')], ending: 'hang' });
    const reader = (await open()).getReader();
    for (let read = 0; read < 3; read++) await reader.read();
    await clock.advance(1_300_000);
    expect(seen[0]?.call.cancelled).toBeDefined();
  });

  it('a broken part ends the member’s stream too', async () => {
    const hostile = {
      get type(): string {
        throw new Error('no type');
      },
    };
    const parts = [delta('a'), hostile, delta('b')];
    const { stream, seen } = scripted({ parts, ending: 'hang' });
    expect(types(await stream()).slice(-2)).toEqual(['error', 'finish']);
    expect(seen[0]?.call.cancelled).toBeDefined();
  });
});
