import { locateError, readBody } from './body.ts';
import { classifyEvidence, toVerdict } from './decide.ts';
import { gatherEvidence } from './evidence.ts';
import { familyOf } from './family.ts';
import { badResponse, contentFilter, modelError, upstreamError } from './outcomes.ts';
import { list, read, readText } from './read.ts';
import type { Verdict } from './verdict.ts';

/** What is known about a resolved call besides its result. */
export interface ResultContext {
  /** A family or an AI SDK provider id, as for `classifyFailure`. */
  readonly provider?: string;
  /** Epoch milliseconds; default `Date.now()`. */
  readonly now?: number;
  /** For a `finish` part: whether the stream brought any output before it. */
  readonly hasOutput?: boolean;
  /** An answer that was filtered away is a failure: another model may be asked. */
  readonly filteredFails?: boolean;
}

/** Reasons of an answer, also of an empty one. */
export const ANSWERS: ReadonlySet<unknown> = /* @__PURE__ */ new Set([
  'stop',
  'length',
  'tool-calls',
  'content-filter',
]);

const isFilled = (item: unknown): boolean => {
  const type = read(item, 'type');
  return (type !== 'text' && type !== 'reasoning') || readText(item, 'text') !== undefined;
};

/** Any output, in the words of the first generation or of the later ones. */
function hasOutput(result: unknown): boolean {
  return (
    list(read(result, 'content')).some(isFilled) ||
    ['text', 'reasoning'].some(key => readText(result, key) !== undefined) ||
    ['reasoning', 'files', 'toolCalls'].some(key => list(read(result, key)).length > 0)
  );
}

function classify(result: unknown, context: ResultContext, now: number): Verdict | undefined {
  const finish = read(result, 'finishReason');
  const reason = readText(finish, 'unified') ?? finish;
  const raw = readText(finish, 'raw') ?? '';
  const isExplicit = reason === 'error' || raw === 'error';
  if (!isExplicit) {
    const isFiltered = reason === 'content-filter' && context.filteredFails === true;
    if (ANSWERS.has(reason) && !isFiltered) return undefined;
    const isPart = read(result, 'type') === 'finish';
    if (isPart ? context.hasOutput !== false : (context.hasOutput ?? hasOutput(result))) {
      return undefined;
    }
    if (isFiltered) return toVerdict(contentFilter, undefined, now);
  }
  const response = read(result, 'response');
  const rawResponse = read(result, 'rawResponse');
  const body = read(response, 'body') ?? read(rawResponse, 'body');
  const headers = read(response, 'headers') ?? read(rawResponse, 'headers');
  const family = familyOf(context.provider);
  const json = readBody(body)?.json;
  const evidence = gatherEvidence(
    { status: 200, headers, ...(locateError(json) ? { bodies: [json] } : {}) },
    family,
  );
  if (evidence.explicit) return classifyEvidence(evidence, now);
  // Gemini refuses a prompt with a 200 that has no candidates.
  if (readText(read(json, 'promptFeedback'), 'blockReason') !== undefined) {
    return toVerdict(contentFilter, undefined, now);
  }
  // OpenRouter says so of an upstream that broke off.
  const isUpstream = raw === 'error' && family === 'openrouter';
  const outcome = /malformed/i.test(raw) ? modelError : isUpstream ? upstreamError : badResponse;
  return toVerdict(outcome, undefined, now);
}

/**
 * A verdict when a resolved `doGenerate` result or a `finish` stream part of any specification
 * generation is a failure: an error finish, or an abnormal finish without output. An empty answer
 * that ended properly (`stop`, `length`, `tool-calls`, `content-filter`) is an answer.
 */
export function classifyResult(
  resultOrFinish: unknown,
  context: ResultContext = {},
): Verdict | undefined {
  const now = context.now ?? Date.now();
  try {
    return classify(resultOrFinish, context, now);
  } catch {
    return toVerdict(badResponse, undefined, now);
  }
}
