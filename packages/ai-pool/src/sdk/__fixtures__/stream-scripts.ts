import { apiCallError } from '@ai-pool/testing';
import fc from 'fast-check';

/** The generations of the specification. */
export type Version = 'v1' | 'v2' | 'v3' | 'v4';

/** A stream part, as far as the tests look at it. */
export interface Part {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A part of a script, with what becomes of it. */
export interface Line {
  readonly part: Part;
  readonly role: 'output' | 'preamble' | 'start' | 'ping' | 'error' | 'finish' | 'foreign';
  /** Silence before it, in ms. */
  readonly afterMs: number;
}

/** How one call of one member goes. */
export interface Script {
  readonly open: 'stream' | 'reject' | 'throw' | 'hang';
  /** Silence before `doStream` settles, in ms. */
  readonly openMs: number;
  /** What it rejects or breaks with. */
  readonly error: unknown;
  /** Whether an abort ends what it waits for. */
  readonly heedsAbort: boolean;
  readonly lines: readonly Line[];
  readonly ending: 'close' | 'hang' | 'error';
  readonly cancelling: 'fine' | 'throws' | 'hangs';
}

/** The secret of a provider's key, by their positions. */
export const secretOf = (provider: number, key: number): string =>
  `secret-of-a-key-${provider}-${key}`;

/** What anybody may throw, put into a part or leave with. */
const ERRORS: Readonly<Record<string, () => unknown>> = {
  limited: () => apiCallError({ statusCode: 429 }),
  'limited for a while': () =>
    apiCallError({ statusCode: 429, responseHeaders: { 'retry-after': '2' } }),
  'a bad key': () => apiCallError({ statusCode: 401 }),
  mistaken: () => apiCallError({ statusCode: 400 }),
  broken: () => apiCallError({ statusCode: 500 }),
  busy: () => apiCallError({ statusCode: 503 }),
  reset: () => new TypeError('terminated'),
  plain: () => ({ type: 'overloaded_error', message: `busy, ${secretOf(0, 0)}` }),
  frame: () =>
    Object.defineProperty({ code: 'rate_limit' }, Symbol.for('vercel.ai.providerStreamError'), {
      value: true,
    }),
  frozen: () => Object.freeze(new Error(`frozen, with ${secretOf(0, 0)}`)),
  word: () => 'overloaded',
  nothing: () => undefined,
  null: () => null,
  'an abort of its own': () => new DOMException('The member left.', 'AbortError'),
  hostile: () =>
    new Proxy(
      {},
      {
        get() {
          throw new Error('do not look at me');
        },
      },
    ),
};

const anError = fc.constantFrom(...Object.keys(ERRORS)).map(name => ERRORS[name]?.());

const usage = (version: Version): unknown => {
  if (version === 'v1') return { promptTokens: 1, completionTokens: 2 };
  if (version === 'v2') return { inputTokens: 1, outputTokens: 2, totalTokens: 3 };
  return { inputTokens: { total: 1 }, outputTokens: { total: 2 } };
};

export function textOf(part: Part): string {
  return part.type === 'text-delta' ? String(part['delta'] ?? part['textDelta']) : '';
}

/** The words of one generation. */
function vocabulary(version: Version) {
  const isV1 = version === 'v1';
  const line = (role: Line['role'], type: string, fields: object = {}): Line => ({
    part: { type, ...fields },
    role,
    afterMs: 0,
  });
  const text = (delta: string, id: string): Line =>
    line(
      delta === '' ? 'preamble' : 'output',
      'text-delta',
      isV1 ? { textDelta: delta } : { id, delta },
    );
  const thought = (delta: string, id: string): Line =>
    isV1
      ? line('output', 'reasoning', { textDelta: delta })
      : line('output', 'reasoning-delta', { id, delta });
  const block = (kind: string, id: string, lines: readonly Line[], ends: boolean): Line[] => {
    if (isV1) return [...lines];
    const end = ends ? [line('preamble', `${kind}-end`, { id })] : [];
    return [line('preamble', `${kind}-start`, { id }), ...lines, ...end];
  };
  const finish = (reason: string): Line => {
    const isOld = isV1 || version === 'v2';
    const known = isOld
      ? reason.replace('interrupted', 'unknown')
      : reason.replace('unknown', 'other');
    const unified = version === 'v3' ? known.replace('interrupted', 'other') : known;
    return line('finish', 'finish', {
      finishReason: isOld ? known : { unified, raw: reason },
      usage: usage(version),
    });
  };
  const call = { toolCallId: 't', toolName: 'clock' };
  return {
    text,
    textBlock: (id: string, chunks: readonly string[], ends: boolean) =>
      block(
        'text',
        id,
        chunks.map(chunk => text(chunk, id)),
        ends,
      ),
    thoughtBlock: (id: string, chunks: readonly string[], ends: boolean) =>
      block(
        'reasoning',
        id,
        chunks.map(chunk => thought(chunk, id)),
        ends,
      ),
    finish,
    error: (error: unknown): Line => line('error', 'error', { error }),
    start: line('start', 'stream-start', { warnings: [] }),
    toolCall: isV1
      ? line('output', 'tool-call', { toolCallType: 'function', ...call, args: '{}' })
      : line('output', 'tool-call', { ...call, input: '{}' }),
    source: line(
      'output',
      'source',
      isV1
        ? { source: { sourceType: 'url', id: 's', url: 'https://a.test' } }
        : { sourceType: 'url', id: 's', url: 'https://a.test' },
    ),
    /** What may stand anywhere and says nothing. */
    asides: [
      line('preamble', 'response-metadata', { id: 'r' }),
      line('preamble', 'response-metadata', { id: 'r', modelId: 'm-2026' }),
      line('foreign', 'hologram'),
      text('', '0'),
      ...(isV1 ? [line('foreign', 'stream-start')] : [line('preamble', 'raw', { rawValue: 1 })]),
      version === 'v4' ? line('ping', 'ping') : line('foreign', 'ping'),
      version === 'v4'
        ? line('preamble', 'custom', { kind: 'a.b' })
        : line('foreign', 'custom', { kind: 'a.b' }),
    ],
  };
}

/** All answers tell this story, so that one may go on where another stopped. */
const STORY = 'one two three four five six seven eight nine ten eleven twelve';

/** The story up to some point, or with another end, in pieces. */
const telling = fc
  .record({
    length: fc.nat(STORY.length),
    twist: fc.option(fc.nat(STORY.length), { nil: undefined, freq: 3 }),
    sizes: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 }),
    isWhole: fc.boolean(),
  })
  .map(({ length, twist, sizes, isWhole }) => {
    let text = isWhole ? STORY : STORY.slice(0, length);
    if (twist !== undefined && twist < text.length) text = `${text.slice(0, twist)}, but then`;
    const chunks: string[] = [];
    for (let at = 0, i = 0; at < text.length; i++) {
      const size = sizes[i % sizes.length] ?? 1;
      chunks.push(text.slice(at, at + size));
      at += size;
    }
    return chunks;
  });

const silence = fc.oneof(
  { weight: 5, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 50 }) },
);

/** One long silence, before the part at some place. */
const stall = fc.option(
  fc.record({ at: fc.nat(12), ms: fc.constantFrom(900, 40_000, 200_000) }),
  { nil: undefined, freq: 2 },
);

const often = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );

const REASONS = ['stop', 'length', 'tool-calls', 'content-filter'];
const ODD_REASONS = ['error', 'other', 'unknown', 'interrupted'];

/** Lines in an order that providers have: an opening, an answer, an end. */
function orderly(version: Version): fc.Arbitrary<Line[]> {
  const say = vocabulary(version);
  const aside = fc.constantFrom(...say.asides);
  const opening = fc.array(
    fc.oneof(aside, fc.constant(version === 'v1' ? say.text('', '0') : say.start)),
    { maxLength: 5 },
  );
  const id = fc.constantFrom('0', '1', 'x');
  const body = fc
    .record({
      thought: fc.option(telling, { nil: undefined, freq: 1 }),
      id,
      chunks: fc.oneof({ weight: 6, arbitrary: telling }, fc.constant([])),
      ends: often(true, false),
      extra: fc.option(fc.constantFrom(say.toolCall, say.source), { nil: undefined, freq: 2 }),
      aside: fc.option(aside, { nil: undefined, freq: 2 }),
      isTwoBlocks: fc.boolean(),
    })
    .map(({ thought, id: own, chunks, ends, extra, aside: between, isTwoBlocks }) => {
      const half = isTwoBlocks ? Math.floor(chunks.length / 2) : chunks.length;
      const first = chunks.slice(0, half);
      const second = chunks.slice(half);
      return [
        ...(thought === undefined ? [] : say.thoughtBlock('r', thought, ends)),
        ...(first.length === 0 ? [] : say.textBlock(own, first, ends || second.length > 0)),
        ...(between === undefined ? [] : [between]),
        ...(second.length === 0 ? [] : say.textBlock(`${own}${own}`, second, ends)),
        ...(extra === undefined ? [] : [extra]),
      ];
    });
  const end = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...REASONS).map(reason => [say.finish(reason)]) },
    { weight: 2, arbitrary: fc.constantFrom(...ODD_REASONS).map(reason => [say.finish(reason)]) },
    { weight: 2, arbitrary: anError.map(error => [say.error(error), say.finish('error')]) },
    { weight: 2, arbitrary: anError.map(error => [say.error(error)]) },
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.constant([say.finish('stop'), say.finish('stop')]) },
  );
  return fc.tuple(opening, body, end).map(parts => parts.flat());
}

/** Lines in no order at all. */
function chaotic(version: Version): fc.Arbitrary<Line[]> {
  const say = vocabulary(version);
  const anything = fc.oneof(
    fc.constantFrom(...say.asides, say.toolCall, say.source),
    fc.constantFrom(...REASONS, ...ODD_REASONS).map(say.finish),
    anError.map(say.error),
    telling.map(chunks => say.text(chunks.join(''), '0')),
    ...(version === 'v1' ? [] : [fc.constant(say.start)]),
  );
  return fc.array(anything, { maxLength: 40 });
}

export function script(version: Version, mayBeChaotic: boolean): fc.Arbitrary<Script> {
  const lines = mayBeChaotic
    ? fc.oneof({ weight: 4, arbitrary: orderly(version) }, chaotic(version))
    : orderly(version);
  return fc
    .record({
      open: often<Script['open']>('stream', 'reject', 'throw', 'hang'),
      openMs: fc.oneof({ weight: 9, arbitrary: silence }, fc.constantFrom(900, 40_000, 200_000)),
      error: anError,
      heedsAbort: fc.boolean(),
      lines,
      silences: fc.array(silence, { minLength: 1, maxLength: 6 }),
      stall,
      ending: often<Script['ending']>('close', 'hang', 'error'),
      cancelling: often<Script['cancelling']>('fine', 'throws', 'hangs'),
    })
    .map(({ silences, stall: long, ...rest }) => ({
      ...rest,
      // Each part is an object of its own, so that it can be told from all others.
      lines: rest.lines.map(({ part, role }, i) => ({
        part: { ...part },
        role,
        afterMs: long?.at === i ? long.ms : (silences[i % silences.length] ?? 0),
      })),
    }));
}

/** Whether a call of it may never end by itself. */
export const mayHang = ({ open, ending }: Script): boolean => open === 'hang' || ending === 'hang';
