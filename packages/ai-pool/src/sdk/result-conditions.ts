import type { ModelResult, ResultCondition, ResultContext } from '../config/types.ts';
import { read, readText } from '../failure/read.ts';

/** Who answered, and what was asked. */
type Asked = Omit<ResultContext, 'text' | 'finishReason'>;

/** Whether any of the conditions wants another model to answer. */
export function isRefused(
  conditions: readonly ResultCondition[],
  result: ModelResult,
  asked: Asked,
): boolean {
  const text = textOf(result);
  const finishReason = wordOf(result.finishReason);
  const context: ResultContext = { ...asked, text, finishReason };
  return conditions.some(condition => {
    if (condition === 'content-filter') return finishReason === condition;
    return condition === 'empty' ? isEmpty(result, text) : condition(result, context);
  });
}

function textOf({ content, text }: ModelResult): string {
  if (!Array.isArray(content)) return text ?? '';
  return content.map(part => (read(part, 'type') === 'text' ? read(part, 'text') : '')).join('');
}

function wordOf(reason: unknown): string | undefined {
  const word = (reason as { unified?: unknown } | undefined)?.unified ?? reason;
  return typeof word === 'string' ? word : undefined;
}

/** Parts that are no answer by themselves; of text its own words tell. */
const IDLE = /^(text|reasoning|source|custom)$/;

function isEmpty({ content, toolCalls, files }: ModelResult, text: string): boolean {
  const items = [content ?? [], toolCalls ?? [], files ?? []].flat();
  return text.trim() === '' && items.every(item => IDLE.test(readText(item, 'type') ?? ''));
}
