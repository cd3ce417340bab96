import type { LanguageModelV4 } from '@ai-sdk/provider';
import { createFallback } from 'ai-fallback';
import { createPooledModel } from 'ai-pool';
import { createRetryableModel, error, httpStatus } from 'ai-retry/language-model';

/** One of those that are measured beside each other: a model over the same two mock models. */
export interface Contender {
  readonly name: string;
  readonly model: LanguageModelV4;
}

export const BARE = 'bare model';
export const POOL = 'ai-pool';
export const POOL_OF_KEYS = 'ai-pool, 2 keys';
export const RETRY = 'ai-retry';
/** The same without any condition: the last one of the list alone. */
export const LEAN_RETRY = 'ai-retry, no conditions';
export const FALLBACK = 'ai-fallback';

/** Each as its README shows it for two models, with default settings. */
export function contenders(first: LanguageModelV4, second: LanguageModelV4): Contender[] {
  const twoKeys = createPooledModel({
    providers: [
      {
        name: 'mock',
        // Two members, as two keys have in real life.
        create: ({ apiKey }) => (apiKey === 'sk-first-key' ? () => first : () => second),
        keys: ['sk-first-key', 'sk-second-key'],
        models: [first.modelId],
      },
    ],
  });
  const retryable = createRetryableModel({
    model: first,
    // The list that its README begins the chapter on retries with.
    retries: [
      httpStatus(429).switch({ model: second }),
      error.message('overloaded').switch({ model: second }),
      second,
    ],
  });
  return [
    { name: BARE, model: first },
    { name: POOL, model: createPooledModel([first, second]) },
    { name: POOL_OF_KEYS, model: twoKeys },
    { name: RETRY, model: retryable },
    { name: LEAN_RETRY, model: createRetryableModel({ model: first, retries: [second] }) },
    { name: FALLBACK, model: createFallback({ models: [first, second] }) },
  ];
}
