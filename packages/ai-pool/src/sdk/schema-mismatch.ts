import type { ModelResult, ResultContext } from '../config/types.ts';
import { read } from '../failure/read.ts';
import { fitsSchema } from './fits-schema.ts';

/**
 * A condition for `retryOnResult`: the call asked for JSON, and the answer is no JSON or does not fit
 * the schema (`generateObject`, or `generateText` with an output schema). What the check does not
 * know about a schema passes, so that an answer that fits is never refused. A step that calls tools
 * is none of these answers. Of streams only one without any output can be judged: it never fits.
 */
export function schemaMismatch(
  result: ModelResult,
  { options, text, finishReason }: Pick<ResultContext, 'options' | 'text' | 'finishReason'>,
): boolean {
  const mode = read(options, 'mode');
  const way = read(mode, 'type');
  // How ai 4 has an object from a model that knows tools alone.
  if (way === 'object-tool') {
    const schema = read(read(mode, 'tool'), 'parameters');
    return !isJsonOf(schema, read(read(result['toolCalls'], 0), 'args'));
  }
  const format = read(options, 'responseFormat');
  const isJson = read(format, 'type') === 'json';
  const asked = way === 'object-json' ? mode : isJson ? format : undefined;
  if (asked === undefined || isToolStep(result, finishReason)) return false;
  return !isJsonOf(read(asked, 'schema'), result['structuredOutputText'] ?? text);
}

/** Answers with tool calls are steps on the way; what the provider itself has called is not. */
function isToolStep({ content, toolCalls }: ModelResult, finishReason: unknown): boolean {
  const calls = [content ?? [], toolCalls ?? []].flat();
  return (
    finishReason === 'tool-calls' ||
    calls.some(call => {
      const type = read(call, 'type') ?? 'tool-call';
      return type === 'tool-call' && read(call, 'providerExecuted') !== true;
    })
  );
}

/** @param schema undefined: any JSON */
function isJsonOf(schema: unknown, text: unknown): boolean {
  let value: unknown;
  try {
    value = JSON.parse(String(text));
  } catch {
    return false;
  }
  return fitsSchema(value, schema);
}
