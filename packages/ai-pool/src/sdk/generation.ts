import { ANSWERS } from '../failure/classify-result.ts';
import { plainEnding, tracedEnding } from './ending.ts';

/**
 * The four generations of the AI SDK's language-model specification. Each difference between
 * them that a pool meets stands in this file, and only here.
 */
type SpecificationVersion = 'v1' | 'v2' | 'v3' | 'v4';

/** Options of a model call, as far as a pool looks at them. */
export interface CallOptions {
  readonly prompt?: unknown;
  readonly abortSignal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly providerOptions?: Readonly<Record<string, unknown>>;
  readonly maxOutputTokens?: number;
  readonly maxTokens?: number;
  /** V1's name for `providerOptions`. */
  readonly providerMetadata?: Readonly<Record<string, unknown>>;
}

/** A stream part, as far as a pool looks at it. */
export interface StreamPart {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Where a stream part stands between "nothing yet" and "output". */
type PartRole =
  /** The consumer would see something: from here on failover is visible. */
  | 'output'
  /** Held back until there is output, and forgotten when the attempt fails. */
  | 'preamble'
  | 'stream-start'
  | 'keep-alive'
  | 'error'
  | 'finish'
  /** Not of this generation: fatal to the SDK, so never passed on. */
  | 'foreign';

export interface Generation {
  readonly version: SpecificationVersion;
  /** Where callers' provider options arrive. */
  readonly optionsField: 'providerOptions' | 'providerMetadata';
  /** The generation's name for the call setting `maxOutputTokens`. */
  readonly maxTokensField: 'maxOutputTokens' | 'maxTokens';
  /** Whether streams begin with a `stream-start` part. */
  readonly hasStreamStart: boolean;
  /** The SDK's promises never settle where `doStream` rejects. */
  readonly hangsOnRejection?: true;
  roleOf(part: StreamPart): PartRole;
  /** How many tokens a call took; undefined where its provider does not say. */
  tokensOf(usage: unknown): number | undefined;
  /** An answer's end in this generation's words, whatever the member's tag says. */
  ending<E extends object>(ending: E): E;
  /** The text that a part adds to the answer. */
  textOf(part: StreamPart): string | undefined;
  textDelta(text: string, id: unknown): StreamPart;
  /** Whether a finish reason is one of an answer, whatever it contains. */
  isAnswer(finishReason: unknown): boolean;
  /** Whether a finish gives no reason at all: the stream ended before it was complete. */
  isCutOff(finish: StreamPart, family: string | undefined): boolean;
  /** The end of a stream that broke after its first output. */
  errorFinish(): StreamPart;
}

/** A generation's part types by role. A delta is output when it carries anything. */
type Parts = Readonly<Partial<Record<PartRole | 'delta', string>>>;

const V1_PARTS: Parts = {
  delta: 'text-delta reasoning',
  output: 'reasoning-signature redacted-reasoning source file tool-call-delta tool-call',
  preamble: 'response-metadata',
};

const V2_PARTS: Parts = {
  delta: 'text-delta reasoning-delta tool-input-delta',
  output: 'tool-call tool-result file source',
  preamble:
    'response-metadata raw text-start text-end reasoning-start reasoning-end tool-input-start tool-input-end',
  'stream-start': 'stream-start',
};

/** What V3 has beside V2. */
const V3_PARTS: Parts = { output: 'tool-approval-request' };

/** What V4 has beside V3. `custom` is a preamble: Anthropic sends one before any content. */
const V4_PARTS: Parts = {
  output: 'reasoning-file',
  preamble: 'custom',
  'keep-alive': 'ping',
};

type TextField = 'textDelta' | 'delta';

const textOf =
  (field: TextField) =>
  (part: StreamPart): string | undefined =>
    part.type === 'text-delta' ? String(part[field]) : undefined;

function roles(parts: readonly Parts[], content: TextField): (part: StreamPart) => PartRole {
  const known = new Map<string, PartRole | 'delta'>([
    ['error', 'error'],
    ['finish', 'finish'],
  ]);
  for (const [role, types] of parts.flatMap(part => Object.entries(part))) {
    for (const type of types.split(' ')) known.set(type, role as PartRole | 'delta');
  }
  return part => {
    const role = known.get(part.type) ?? 'foreign';
    if (role !== 'delta') return role;
    // Providers send empty deltas before an error.
    const text = part[content];
    return typeof text === 'string' && text !== '' ? 'output' : 'preamble';
  };
}

/** The sum of two counts of a usage, in numbers or in objects with a total. */
const tokensIn =
  (input: string, output: string) =>
  (usage: unknown): number | undefined => {
    const counts = [input, output].map(name => {
      const count: unknown = (usage as Record<string, unknown> | undefined)?.[name];
      return Number((count as { total?: unknown } | undefined)?.total ?? count);
    });
    const [read = 0, written = 0] = counts;
    return Number.isFinite(read + written) ? read + written : undefined;
  };

const plainReason = (reason: unknown): boolean => reason === 'stop' || ANSWERS.has(reason);

const tracedReason = (reason: unknown): boolean => {
  const { unified, raw } = (reason ?? {}) as { unified?: unknown; raw?: unknown };
  return (unified === 'stop' || ANSWERS.has(unified)) && raw !== 'error';
};

/**
 * V1 and V2 say the same of a reason that they do not know and of none. Of an answer that came to
 * its end the usage is known; Gemini tells it with every chunk, but knows all its reasons.
 */
const cutOffPlain =
  (outputTokens: string) =>
  ({ finishReason, usage }: StreamPart, family: string | undefined): boolean =>
    (finishReason === 'unknown' && family?.startsWith('google') === true) ||
    ((finishReason === 'unknown' || finishReason === 'other') &&
      !(((usage as Record<string, number | undefined> | undefined)?.[outputTokens] ?? -1) >= 0));

const cutOffTraced = ({ finishReason }: StreamPart): boolean =>
  (finishReason as { raw?: unknown } | undefined)?.raw === undefined;

const UNKNOWN_USAGE = {
  inputTokens: {
    total: undefined,
    noCache: undefined,
    cacheRead: undefined,
    cacheWrite: undefined,
  },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};

/** A generation after the first, in the words of the last ones but for its own. */
const later = (
  own: Pick<Generation, 'version'> & Partial<Generation>,
  ...parts: readonly Parts[]
): Generation => ({
  optionsField: 'providerOptions',
  maxTokensField: 'maxOutputTokens',
  hasStreamStart: true,
  roleOf: roles([V2_PARTS, ...parts], 'delta'),
  tokensOf: tokensIn('inputTokens', 'outputTokens'),
  ending: tracedEnding,
  textOf: textOf('delta'),
  textDelta: (delta, id) => ({ type: 'text-delta', id, delta }),
  isAnswer: tracedReason,
  isCutOff: cutOffTraced,
  errorFinish: () => ({
    type: 'finish',
    finishReason: { unified: 'error', raw: undefined },
    usage: structuredClone(UNKNOWN_USAGE),
  }),
  ...own,
});

const GENERATIONS: Readonly<Record<SpecificationVersion, Generation>> = {
  v1: {
    version: 'v1',
    optionsField: 'providerMetadata',
    maxTokensField: 'maxTokens',
    hasStreamStart: false,
    hangsOnRejection: true,
    roleOf: /* @__PURE__ */ roles([V1_PARTS], 'textDelta'),
    tokensOf: /* @__PURE__ */ tokensIn('promptTokens', 'completionTokens'),
    ending: ending => ending,
    textOf: /* @__PURE__ */ textOf('textDelta'),
    textDelta: textDelta => ({ type: 'text-delta', textDelta }),
    isAnswer: plainReason,
    isCutOff: /* @__PURE__ */ cutOffPlain('completionTokens'),
    errorFinish: () => ({
      type: 'finish',
      finishReason: 'error',
      usage: { promptTokens: Number.NaN, completionTokens: Number.NaN },
    }),
  },
  v2: /* @__PURE__ */ later({
    version: 'v2',
    ending: plainEnding,
    isAnswer: plainReason,
    isCutOff: /* @__PURE__ */ cutOffPlain('outputTokens'),
    errorFinish: () => ({
      type: 'finish',
      finishReason: 'error',
      usage: { inputTokens: undefined, outputTokens: undefined, totalTokens: undefined },
    }),
  }),
  v3: /* @__PURE__ */ later({ version: 'v3' }, V3_PARTS),
  v4: /* @__PURE__ */ later({ version: 'v4' }, V3_PARTS, V4_PARTS),
};

/** The generation that a member declares, or undefined for one that does not exist. */
export function generationOf(version: unknown): Generation | undefined {
  return typeof version === 'string' && Object.hasOwn(GENERATIONS, version)
    ? GENERATIONS[version as SpecificationVersion]
    : undefined;
}
