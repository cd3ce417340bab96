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
  roleOf(part: StreamPart): PartRole;
  /** Whether a finish reason is one of an answer, whatever it contains. */
  isAnswer(finishReason: unknown): boolean;
  /** The end of a stream that broke after its first output. */
  errorFinish(): StreamPart;
}

/** Whether a delta carries anything: providers send empty ones before an error. */
const filled = (text: unknown): boolean => typeof text === 'string' && text !== '';

type Roles = Readonly<Record<string, PartRole | ((part: StreamPart) => boolean)>>;

const V1_PARTS: Roles = {
  'text-delta': part => filled(part['textDelta']),
  reasoning: part => filled(part['textDelta']),
  'reasoning-signature': 'output',
  'redacted-reasoning': 'output',
  source: 'output',
  file: 'output',
  'tool-call-delta': 'output',
  'tool-call': 'output',
  'response-metadata': 'preamble',
  error: 'error',
  finish: 'finish',
};

const hasDelta = (part: StreamPart): boolean => filled(part['delta']);

const V2_PARTS: Roles = {
  'stream-start': 'stream-start',
  'response-metadata': 'preamble',
  raw: 'preamble',
  'text-start': 'preamble',
  'text-delta': hasDelta,
  'text-end': 'preamble',
  'reasoning-start': 'preamble',
  'reasoning-delta': hasDelta,
  'reasoning-end': 'preamble',
  'tool-input-start': 'preamble',
  'tool-input-delta': hasDelta,
  'tool-input-end': 'preamble',
  'tool-call': 'output',
  'tool-result': 'output',
  file: 'output',
  source: 'output',
  error: 'error',
  finish: 'finish',
};

const V3_PARTS: Roles = { ...V2_PARTS, 'tool-approval-request': 'output' };

/** `custom` is a preamble: Anthropic sends one before any content on every call. */
const V4_PARTS: Roles = {
  ...V3_PARTS,
  custom: 'preamble',
  'reasoning-file': 'output',
  ping: 'keep-alive',
};

function roles(parts: Roles): (part: StreamPart) => PartRole {
  const known = new Map(Object.entries(parts));
  return part => {
    const role = known.get(part.type);
    if (role === undefined) return 'foreign';
    return typeof role === 'function' ? (role(part) ? 'output' : 'preamble') : role;
  };
}

/** Reasons of an answer, also of an empty one. */
const ANSWERS: ReadonlySet<unknown> = new Set(['stop', 'length', 'tool-calls', 'content-filter']);

const plainReason = (reason: unknown): boolean => ANSWERS.has(reason);

const tracedReason = (reason: unknown): boolean => {
  const { unified, raw } = (reason ?? {}) as { unified?: unknown; raw?: unknown };
  return ANSWERS.has(unified) && raw !== 'error';
};

const UNKNOWN_USAGE = {
  inputTokens: {
    total: undefined,
    noCache: undefined,
    cacheRead: undefined,
    cacheWrite: undefined,
  },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};

const current = (version: 'v3' | 'v4', parts: Roles): Generation => ({
  version,
  optionsField: 'providerOptions',
  maxTokensField: 'maxOutputTokens',
  hasStreamStart: true,
  roleOf: roles(parts),
  isAnswer: tracedReason,
  errorFinish: () => ({
    type: 'finish',
    finishReason: { unified: 'error', raw: undefined },
    usage: structuredClone(UNKNOWN_USAGE),
  }),
});

const GENERATIONS: Readonly<Record<SpecificationVersion, Generation>> = {
  v1: {
    version: 'v1',
    optionsField: 'providerMetadata',
    maxTokensField: 'maxTokens',
    hasStreamStart: false,
    roleOf: roles(V1_PARTS),
    isAnswer: plainReason,
    errorFinish: () => ({
      type: 'finish',
      finishReason: 'error',
      usage: { promptTokens: Number.NaN, completionTokens: Number.NaN },
    }),
  },
  v2: {
    version: 'v2',
    optionsField: 'providerOptions',
    maxTokensField: 'maxOutputTokens',
    hasStreamStart: true,
    roleOf: roles(V2_PARTS),
    isAnswer: plainReason,
    errorFinish: () => ({
      type: 'finish',
      finishReason: 'error',
      usage: { inputTokens: undefined, outputTokens: undefined, totalTokens: undefined },
    }),
  },
  v3: current('v3', V3_PARTS),
  v4: current('v4', V4_PARTS),
};

/** The generation that a member declares, or undefined for one that does not exist. */
export function generationOf(version: unknown): Generation | undefined {
  return typeof version === 'string' && Object.hasOwn(GENERATIONS, version)
    ? GENERATIONS[version as SpecificationVersion]
    : undefined;
}
