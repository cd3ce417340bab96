import { classifyEvidence, toVerdict } from './decide.ts';
import { gatherEvidence, type Source } from './evidence.ts';
import { familyOf, familyOfUrl, type Family } from './family.ts';
import { byNetwork } from './network.ts';
import { aborted, unknown } from './outcomes.ts';
import { isThing, list, read, readText, readThing } from './read.ts';
import { byErrorName } from './sdk-errors.ts';
import type { Verdict } from './verdict.ts';
import { locateError } from './body.ts';

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
  read(error, Symbol.for(marker)) === true;

const isStreamError = (error: unknown): boolean =>
  isMarked(error, 'vercel.ai.providerStreamError') ||
  read(error, 'name') === 'AI_StreamProviderError';

const isError = (value: unknown): boolean =>
  typeof read(value, 'message') === 'string' &&
  (typeof read(value, 'stack') === 'string' ||
    Object.prototype.toString.call(value) === '[object Error]' ||
    Object.prototype.toString.call(value) === '[object DOMException]');

/** The error inside of what retries, routers and streams put around it. */
function unwrap(error: unknown): unknown {
  let inner = error;
  for (let depth = 0; depth < 8; depth += 1) {
    const last = read(inner, 'lastError');
    let next: unknown;
    if (isThing(last)) next = last;
    else if (readText(inner, 'name')?.endsWith('RetryError') === true) {
      next = list(read(inner, 'errors')).at(-1);
    } else if (read(inner, 'type') === 'error' && isError(read(inner, 'error'))) {
      next = read(inner, 'error');
    } else if (isMarked(inner, 'vercel.ai.gateway.error') && isThing(read(inner, 'cause'))) {
      const cause = read(inner, 'cause');
      // Headers and body are only on the cause; without them the wrapper knows more.
      next = read(cause, 'responseBody') ?? read(cause, 'data') ?? read(cause, 'code');
      next = next === undefined && read(cause, 'cause') === undefined ? undefined : cause;
    } else if (
      isError(inner) &&
      read(inner, 'statusCode') === undefined &&
      read(inner, 'status') === undefined &&
      isMarked(read(inner, 'cause'), 'vercel.ai.error')
    ) {
      next = read(inner, 'cause');
    }
    if (next === undefined || next === null) return inner;
    inner = next;
  }
  return inner;
}

/** Where the evidence of an error lies. */
function sourceOf(error: unknown): Source {
  if (!isThing(error)) return { bodies: [error] };
  const response = readThing(error, 'response');
  const status =
    read(error, 'statusCode') ?? read(error, 'status') ?? read(response, 'status') ?? undefined;
  const headers =
    read(error, 'responseHeaders') ?? read(error, 'headers') ?? read(response, 'headers');
  const message = read(error, 'message');
  if (isError(error)) {
    return {
      status,
      headers,
      message,
      guessed: isStreamError(error),
      bodies: [
        read(error, 'responseBody'),
        read(error, 'data'),
        read(error, 'error'),
        read(error, 'body'),
        read(response, 'data'),
      ],
    };
  }
  // A `Response`: its body may be read by nobody but its owner.
  if (typeof read(headers, 'get') === 'function' && typeof read(error, 'text') === 'function') {
    return { status, headers };
  }
  if (isStreamError(error)) {
    return { status, guessed: true, bodies: [read(error, 'data'), error] };
  }
  const body = read(error, 'responseBody');
  return body === undefined && read(error, 'data') === undefined
    ? { status, headers, bodies: [error] }
    : { status, headers, message, bodies: [body, read(error, 'data')] };
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
    return toVerdict(unknown, undefined, now);
  }
}
