import type { FakeFault } from '@ai-pool/testing';
import type { PoolSettings, Timeouts } from 'ai-pool';
import type { ProviderName, Sdk } from '../sdk.ts';
import type { Way } from '../world.ts';

/** Every way in which answers are written, and who speaks it. */
export const wires = {
  'OpenAI chat': 'openai',
  'OpenAI responses': 'openai',
  Gemini: 'google',
  Anthropic: 'anthropic',
  OpenRouter: 'openrouter',
} as const satisfies Record<string, ProviderName>;
export type Wire = keyof typeof wires;

/** One test: what goes wrong is the fault's. */
export interface Cell {
  readonly wire: Wire;
  /** The major version of `ai`. */
  readonly major: Sdk['major'];
  readonly way: Way;
}

/** What the caller gets. */
export const outcomes = {
  answer: 'the whole answer, from the target with the fault',
  next: 'the whole answer, from the next target',
  error: 'one error: the answer broke off when its beginning was read already, or nobody is left',
  refusal: "the provider's own refusal, unchanged, at once",
  filtered: "an empty answer whose finish reason is `content-filter`: Gemini's form of a refusal",
} as const;
type Outcome = keyof typeof outcomes;

/** What a cell promises. */
export interface Promised {
  readonly outcome: Outcome;
  /** Requests that the provider with the fault sees in the call, at most where it says so. */
  readonly attempts: number;
  /** Why the cell is not run. */
  readonly skipped?: string;
  /** Why it does not hold yet. */
  readonly fails?: string;
}

/** How a fault is told. */
type Story =
  /** One call with the fault, one right after it, one when every pause is over. */
  | 'usual'
  /** There is no other target, and the SDK retries as it does by default. */
  | 'alone'
  /** Calls for more than a minute. */
  | 'flap'
  /** The first target is down, the second has the fault, and the third is healthy. */
  | 'second';

/** One fault, and what a pool makes of it. */
export interface Fault {
  readonly name: string;
  /** A sentence for the page. */
  readonly what: string;
  /** What the requests meet in turn until the fault is over. */
  readonly script: readonly FakeFault[];
  /** The first request alone meets it. Default: every request while it lasts. */
  readonly once?: boolean;
  readonly story?: Story;
  /** The assistant's words at the end of the prompt. */
  readonly prefill?: string;
  /** How many keys the provider has. Default 1. */
  readonly keys?: number;
  /** The pool's time limits for the provider. */
  readonly limits?: Readonly<Partial<Record<Way, Timeouts>>>;
  readonly settings?: PoolSettings;
  readonly promise: (cell: Cell) => Promised;
}

const answer: Promised = { outcome: 'answer', attempts: 1 };
/** At most two attempts on one route, the second at once. */
const again: Promised = { outcome: 'answer', attempts: 2 };
const next: Promised = { outcome: 'next', attempts: 1 };
const nextAfterTwo: Promised = { outcome: 'next', attempts: 2 };
/** Two attempts of the first call, and then probes. */
const flapped: Promised = { outcome: 'next', attempts: 10 };
const refusal: Promised = { outcome: 'refusal', attempts: 1 };
const filtered: Promised = { outcome: 'filtered', attempts: 1 };
/** After output nobody else is called. */
const broken: Promised = { outcome: 'error', attempts: 1 };
/** What is refused for good is not hammered: at most 6 attempts in all, and 4 in 3 s. */
const refusedForGood: Promised = { outcome: 'error', attempts: 6 };
/** At most 3 attempts in each of the three tries of the SDK. */
const nobodyLeft: Promised = { outcome: 'error', attempts: 9 };

const never = Number.POSITIVE_INFINITY;

/** By the pool's clock, which is set forward when the time has come. */
export const limitMs = 10_000;
const firstOutput = { generate: { attemptMs: limitMs }, stream: { firstOutputMs: limitMs } };
const idle = { generate: { attemptMs: limitMs }, stream: { idleMs: limitMs } };
const whole = { generate: { attemptMs: limitMs }, stream: { attemptMs: limitMs } };

/** An answer that breaks off is asked for again, unless its beginning was read already. */
const unlessRead =
  (beforeOutput: Promised) =>
  ({ way }: Cell): Promised =>
    way === 'stream' ? broken : beforeOutput;

/** Who says in its error that the model is overloaded: then nobody asks the same model again. */
const overloads = (wire: Wire): boolean => wire === 'Gemini' || wire === 'Anthropic';

/** The oldest packages of two providers drop errors inside of streams, which then end. */
const dropsError = ({ wire, major, way }: Cell): boolean =>
  (wire === 'Gemini' || wire === 'OpenRouter') && major === 4 && way === 'stream';

const errorInside = (cell: Cell): Promised => {
  const { wire, way } = cell;
  if (dropsError(cell)) return nextAfterTwo;
  // In a stream of OpenRouter's one upstream broke off.
  return overloads(wire) || (wire === 'OpenRouter' && way === 'stream') ? next : nextAfterTwo;
};

/** Gemini refuses with status 200: newer packages make a finish reason of it. */
const hasFilter = ({ wire, major }: Cell): boolean => wire === 'Gemini' && major > 4;
/** Older ones drop it in streams, which leaves an answer without output. */
const dropsFilter = ({ wire, major, way }: Cell): boolean =>
  wire === 'Gemini' && major === 4 && way === 'stream';

export const faults: readonly Fault[] = [
  {
    name: '429 with Retry-After',
    what: 'A refusal by rate limit that states a minute. For that minute nobody asks again.',
    script: [{ status: 429, retryAfterMs: 60_000 }],
    promise: () => next,
  },
  {
    name: '429 without Retry-After',
    what: 'A refusal by rate limit that does not say when to come back.',
    script: [{ status: 429, retryAfterMs: null }],
    promise: () => next,
  },
  {
    name: '429 for good, with Retry-After',
    what: 'Every request is refused, a second is stated each time, and there is no other target. The SDK retries as it does by default.',
    script: [{ status: 429, retryAfterMs: 1_000 }],
    story: 'alone',
    promise: () => refusedForGood,
  },
  {
    name: '429 for good, without Retry-After',
    what: 'The same without a hint.',
    script: [{ status: 429, retryAfterMs: null }],
    story: 'alone',
    promise: () => refusedForGood,
  },
  {
    name: '500, then healthy',
    what: 'One request fails, the next is answered.',
    script: [{ status: 500 }],
    once: true,
    promise: () => again,
  },
  {
    name: '500 for good',
    what: 'Every request fails.',
    script: [{ status: 500 }],
    promise: () => nextAfterTwo,
  },
  {
    name: '503 for good',
    what: 'The model has no capacity.',
    script: [{ status: 503 }],
    promise: () => next,
  },
  {
    name: '503 for good, and nothing else',
    what: 'The same, and there is no other target. The SDK retries as it does by default.',
    script: [{ status: 503 }],
    story: 'alone',
    promise: () => nobodyLeft,
  },
  {
    name: 'Reset before headers',
    what: 'The connection breaks before any header.',
    script: ['reset'],
    promise: () => nextAfterTwo,
  },
  {
    name: 'Silence',
    what: 'No answer ever comes. The route has a second key, which is not tried.',
    script: ['hang'],
    keys: 2,
    limits: firstOutput,
    promise: () => next,
  },
  {
    name: 'Slow first token',
    what: 'The first output comes late, and no time limit is set.',
    script: [{ firstChunkMs: 100 }],
    promise: () => answer,
  },
  {
    name: 'Slow first token, past the limit',
    what: 'The first output comes later than a time limit allows. The route has a second key, which is not tried.',
    script: [{ firstChunkMs: never }],
    keys: 2,
    limits: firstOutput,
    promise: () => next,
  },
  {
    name: 'Reset between headers and body',
    what: 'Status and headers come, and the connection breaks.',
    script: [{ afterChunks: 0, ending: 'reset' }],
    promise: () => nextAfterTwo,
  },
  {
    name: 'Cut mid-answer, reset',
    what: 'The connection breaks in the middle of the answer.',
    script: [{ afterChunks: 3, ending: 'reset' }],
    promise: unlessRead(nextAfterTwo),
  },
  {
    name: 'Cut mid-answer, clean end',
    what: 'The body ends in the middle of the answer as if it were complete.',
    script: [{ afterChunks: 3, ending: 'end' }],
    promise: cell => unlessRead(nextAfterTwo)(cell),
  },
  {
    name: 'Cut mid-answer, reset, with `restart`',
    what: "The connection breaks in the middle of the answer, and `onMidStreamFailure: 'restart'` is set: a stream goes on with the answer of the next target.",
    script: [{ afterChunks: 3, ending: 'reset' }],
    settings: { onMidStreamFailure: 'restart' },
    promise: ({ way }) => (way === 'stream' ? next : nextAfterTwo),
  },
  {
    name: 'Cut mid-answer, clean end, with `restart`',
    what: 'The body ends as if it were complete, and the same is set.',
    script: [{ afterChunks: 3, ending: 'end' }],
    settings: { onMidStreamFailure: 'restart' },
    promise: cell => (cell.way === 'stream' ? next : nextAfterTwo),
  },
  {
    name: 'Stall',
    what: 'Nothing comes any more in the middle of the answer, and a time limit is set.',
    script: [{ afterChunks: 3, ending: 'hang' }],
    limits: idle,
    promise: unlessRead(next),
  },
  {
    name: 'Stall with keep-alives',
    what: 'The same, and the keep-alives of the provider go on.',
    script: [{ afterChunks: 3, ending: 'hang', keepAliveMs: 10 }],
    limits: idle,
    promise: unlessRead(next),
  },
  {
    name: 'Malformed first event',
    what: 'The JSON of the first event ends in the middle.',
    script: [{ afterChunks: 0, ending: 'malformed' }],
    // An error that says nothing about what happened: one further route is tried.
    promise: ({ wire, major, way }) =>
      wire === 'Anthropic' && major === 7 && way === 'stream' ? next : nextAfterTwo,
  },
  {
    name: 'Malformed first chunk of output',
    what: 'The same of the first event with output.',
    script: [{ afterChunks: 0, preamble: true, ending: 'malformed' }],
    promise: () => nextAfterTwo,
  },
  {
    name: 'Malformed chunk mid-answer',
    what: 'The JSON of one chunk ends in the middle, and the rest of the answer comes.',
    script: [{ afterChunks: 3, ending: 'malformed' }],
    promise: unlessRead(nextAfterTwo),
  },
  {
    name: 'Missing end marker',
    what: 'The stream lacks the event that says that it is complete. OpenAI chat and OpenRouter lack `[DONE]`, which is no loss: the finish reason came before. OpenAI responses lack `response.completed`, Anthropic `message_stop`, Gemini its last chunk.',
    script: [{ endMarker: false }],
    promise: cell =>
      cell.way === 'generate' || cell.wire === 'OpenAI chat' || cell.wire === 'OpenRouter'
        ? answer
        : broken,
  },
  {
    name: 'Context length',
    what: 'The prompt is too long for the model. Nothing is held against it.',
    script: ['context-length'],
    promise: () => next,
  },
  {
    name: 'Content filter',
    what: 'The prompt was filtered, and by default nobody else is asked. Nothing is held against the model.',
    script: ['content-filter'],
    promise: cell => (dropsFilter(cell) ? nextAfterTwo : hasFilter(cell) ? filtered : refusal),
  },
  {
    name: 'Content filter, with `contentFilterFallback`',
    what: 'The same, and the pool may ask another model.',
    script: ['content-filter'],
    settings: { contentFilterFallback: true },
    promise: cell => (dropsFilter(cell) ? nextAfterTwo : next),
  },
  {
    name: 'A fallback without prefill',
    what: 'The first target is down, and the second refuses a prompt that ends with the words of the assistant. The third answers.',
    script: ['no-prefill'],
    story: 'second',
    prefill: 'A pool is',
    promise: () => next,
  },
  {
    name: 'A primary that flaps for a minute',
    what: 'For a minute its requests fail in one way or another. The next target serves meanwhile, the first one gets probes only, and it serves again within 30 s after the minute.',
    script: [{ status: 503 }, 'reset', { status: 500 }],
    story: 'flap',
    promise: () => flapped,
  },
  {
    name: 'A primary that is unreachable for a minute',
    what: 'The same, and every connection breaks.',
    script: ['reset'],
    story: 'flap',
    promise: () => flapped,
  },
  {
    name: 'Error in a 200, first event',
    what: 'Status 200, and the first event is the error event of the provider; an answer that is no stream is the error.',
    script: [{ afterChunks: 0, ending: 'error' }],
    promise: errorInside,
  },
  {
    name: 'Error in a 200, before output',
    what: 'The same after the events that come before any output.',
    script: [{ afterChunks: 0, preamble: true, ending: 'error' }],
    promise: errorInside,
  },
  {
    name: 'Error in a 200, after output',
    what: 'The same in the middle of the answer.',
    script: [{ afterChunks: 3, ending: 'error' }],
    promise: cell => unlessRead(errorInside(cell))(cell),
  },
  {
    name: 'Slow drip',
    what: 'Chunk after chunk comes late, and no time limit is set.',
    script: [{ chunkMs: 10 }],
    promise: () => answer,
  },
  {
    name: 'Slow drip, past the limit',
    what: 'The same, and the answer takes longer than a time limit allows.',
    script: [{ chunkMs: limitMs }],
    limits: whole,
    promise: unlessRead(next),
  },
  {
    name: 'Keep-alives, then an answer',
    what: 'The provider says several times that it is still there, and then it answers.',
    script: [{ firstChunkMs: 100, keepAliveMs: 10 }],
    promise: () => answer,
  },
  {
    name: 'Endless keep-alives',
    what: 'It says so for ever, and a time limit is set.',
    script: [{ firstChunkMs: never, keepAliveMs: 10 }],
    limits: firstOutput,
    promise: () => next,
  },
  {
    name: 'Oversized chunks',
    what: 'Each chunk of output has 256 kB.',
    script: [{ chunkBytes: 262_144 }],
    promise: () => answer,
  },
  {
    name: 'Invalid gzip',
    what: 'The headers say gzip, and the body is none.',
    script: ['invalid-gzip'],
    promise: () => nextAfterTwo,
  },
  {
    name: 'A page in HTML',
    what: 'Status 200 with a page in HTML, as a proxy or a login wall answers.',
    script: ['html-page'],
    promise: () => nextAfterTwo,
  },
];
