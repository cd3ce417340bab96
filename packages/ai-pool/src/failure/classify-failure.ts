import { locateError } from './body.ts';
import { classifyEvidence, toVerdict } from './decide.ts';
import { gatherEvidence, type Source } from './evidence.ts';
import { familyOf, familyOfUrl, type Family } from './family.ts';
import { byNetwork } from './network.ts';
import { aborted } from './outcomes.ts';
import { isThing, list, read, readText } from './read.ts';
import { byErrorName } from './sdk-errors.ts';
import type { Verdict } from './verdict.ts';

/** What is known about a failed call besides its error. */
export interface FailureContext {
  /** A family (`openai`, `google`, …) or an AI SDK provider id (`openai.responses`). */
  readonly provider?: string;
  /** The caller's signal: once it is aborted, every error is the caller's abort. */
  readonly signal?: AbortSignal | undefined;
  /** Epoch milliseconds; default `Date.now()`. */
  readonly now?: number;
}

const isMarked = (error: unknown, marker: string): boolean =>
  read(error, Symbol.for(`vercel.ai.${marker}`)) === true;

/** Errors of any realm; also what only looks like one. */
const isError = (value: unknown): boolean =>
  typeof read(value, 'stack') === 'string' ||
  /Error|Exception/.test(Object.prototype.toString.call(value));

/** The error inside of what retries, routers and streams put around it. */
function unwrap(error: unknown, depth = 0): unknown {
  const cause = read(error, 'cause');
  let inner: unknown;
  if (isError(error)) {
    inner = read(error, 'lastError') ?? list(read(error, 'errors')).at(-1);
    // A gateway error keeps body and headers on its cause.
    if (
      isMarked(cause, 'error') &&
      (isMarked(error, 'gateway.error') || read(error, 'statusCode') === undefined)
    ) {
      inner ??= cause;
    }
  } else if (read(error, 'type') === 'error') {
    // A part or a frame of a stream: `{type: 'error', error}`
    inner = read(error, 'error');
  }
  return isThing(inner) && depth < 8 ? unwrap(inner, depth + 1) : error;
}

/** Where the evidence of an error lies. */
function sourceOf(error: unknown): Source {
  const response = read(error, 'response');
  // A frame of a stream: the status beside it is a guess, the frame itself is in `data`.
  const isFrame =
    isMarked(error, 'providerStreamError') || read(error, 'name') === 'AI_StreamProviderError';
  return {
    status: read(error, 'statusCode') ?? read(error, 'status') ?? read(response, 'status'),
    headers: read(error, 'responseHeaders') ?? read(error, 'headers') ?? read(response, 'headers'),
    message: read(error, 'message'),
    guessed: isFrame,
    bodies: [
      read(error, 'responseBody'),
      ...(isError(error)
        ? [
            read(error, 'data'),
            // The SDKs of OpenAI and Anthropic; those built on axios.
            read(error, 'error'),
            read(response, 'data'),
          ]
        : [isFrame ? read(error, 'data') : undefined, error]),
    ],
  };
}

function chooseFamily(provider: unknown, url: unknown): Family | undefined {
  const family = familyOf(provider);
  // An OpenAI client often points elsewhere; the host knows better than the client's name.
  return family === undefined || family.startsWith('openai')
    ? (familyOfUrl(url) ?? family)
    : family;
}

function classify(error: unknown, context: FailureContext, now: number): Verdict {
  const inner = unwrap(error);
  const source = sourceOf(inner);
  const evidence = gatherEvidence(source, chooseFamily(context.provider, read(inner, 'url')));
  const name = readText(inner, 'name') ?? '';
  if (isError(inner) && !evidence.explicit) {
    if (evidence.status === undefined) {
      const network = byNetwork(inner);
      if (network !== undefined) return toVerdict(network, evidence, now);
    }
    // The value that failed validation may be the provider's error.
    const value = read(inner, 'value');
    if (name === 'AI_TypeValidationError' && locateError(value) !== undefined) {
      return classifyEvidence(gatherEvidence({ bodies: [value] }, evidence.family), now);
    }
    const local = byErrorName(name);
    if (local !== undefined) return toVerdict(local, evidence, now);
  }
  return classifyEvidence(evidence, now);
}

/**
 * Tells what a failure is about. Takes any value and never throws.
 *
 * Structured evidence comes first (codes, statuses, headers), then the provider's own sentences;
 * text that a model generated is never read.
 */
export function classifyFailure(error: unknown, context: FailureContext = {}): Verdict {
  const now = context.now ?? Date.now();
  try {
    if (context.signal?.aborted === true) return toVerdict(aborted, undefined, now);
    return classify(error, context, now);
  } catch {
    // A hostile object: its status may still be good.
    const evidence = gatherEvidence({ status: read(error, 'statusCode') }, undefined);
    return classifyEvidence(evidence, now);
  }
}
