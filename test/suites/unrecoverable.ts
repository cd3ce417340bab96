import type { Major } from './sdk.ts';
import type { Way } from './world.ts';

/**
 * A run after which nothing that a provider package leaves tells what went wrong, so that no
 * verdict can be right.
 */
export interface UnrecoverableRun {
  readonly major: Major;
  readonly service: string;
  readonly failure: string;
  readonly way: Way;
  /** Why the package leaves no more. */
  readonly reason: string;
  /** All that it leaves: a result, or the parts of a stream. Asserted, other fields aside. */
  readonly left: object;
}

export const unrecoverable: readonly UnrecoverableRun[] = [
  {
    major: 4,
    service: 'openrouter',
    failure: 'openrouter-200-choice-error',
    way: 'generate',
    reason: 'resolves with the partial text; `choices[0].error` is not read, "error" is "unknown"',
    left: { text: 'partial output...', finishReason: 'unknown' },
  },
  {
    major: 4,
    service: 'openrouter',
    failure: 'openrouter-200-choice-error',
    way: 'stream',
    reason: 'a chunk with choices counts as an answer; the `error` beside them is not read',
    left: [
      { type: 'response-metadata', id: 'gen-test' },
      { type: 'response-metadata', modelId: 'openai/gpt-4o' },
      { type: 'text-delta', textDelta: 'partial output...' },
      { type: 'response-metadata', id: 'gen-test' },
      { type: 'response-metadata', modelId: 'openai/gpt-4o' },
      { type: 'text-delta', textDelta: '' },
      { type: 'finish', finishReason: 'unknown' },
    ],
  },
  {
    major: 4,
    service: 'openrouter',
    failure: 'openrouter-sse-429',
    way: 'stream',
    reason: 'a chunk with choices counts as an answer; the `error` beside them is not read',
    left: [
      { type: 'response-metadata', id: 'gen-test' },
      { type: 'response-metadata', modelId: 'openai/gpt-4o' },
      { type: 'text-delta', textDelta: '' },
      { type: 'finish', finishReason: 'unknown' },
    ],
  },
  {
    major: 4,
    service: 'xai chat',
    failure: 'xai-200-unavailable',
    way: 'stream',
    reason: 'JSON in place of an event stream is skipped; only its content type is left',
    left: [{ type: 'finish', finishReason: 'unknown' }],
  },
  {
    major: 5,
    service: 'openrouter',
    failure: 'openrouter-200-choice-error',
    way: 'generate',
    reason: 'resolves with the partial text; `choices[0].error` is not read, "error" is "unknown"',
    left: { content: [{ type: 'text', text: 'partial output...' }], finishReason: 'unknown' },
  },
];
