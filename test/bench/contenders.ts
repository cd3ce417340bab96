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
export const RETRY = 'ai-retry';
export const FALLBACK = 'ai-fallback';

/** What the two targets of the pool are: two ready-made models, or two keys for one model. */
export type Targets = 'models' | 'keys';

export const PEERS = [RETRY, FALLBACK] as const;
export type Peer = (typeof PEERS)[number];

/** The name of figures that were measured in the same processes as a peer's. */
export const beside = (name: string, peer: Peer): string => `${name} beside ${peer}`;

/**
 * Each as its README shows it for two models, with default settings.
 *
 * @param peers who is there beside the bare model and the pool
 */
export function contenders(
  first: LanguageModelV4,
  second: LanguageModelV4,
  targets: Targets,
  peers: readonly Peer[] = PEERS,
): Contender[] {
  const pool = targets === 'models' ? pooled(first, second) : keyed(first, second);
  return [
    { name: BARE, model: first },
    { name: POOL, model: pool },
    ...peers.map(name => ({
      name,
      model:
        name === RETRY ? retryable(first, second) : createFallback({ models: [first, second] }),
    })),
  ];
}

function pooled(first: LanguageModelV4, second: LanguageModelV4): LanguageModelV4 {
  return createPooledModel([first, second]);
}

function keyed(first: LanguageModelV4, second: LanguageModelV4): LanguageModelV4 {
  return createPooledModel({
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
}

function retryable(first: LanguageModelV4, second: LanguageModelV4): LanguageModelV4 {
  return createRetryableModel({
    model: first,
    // The list that the chapter on retries of its README begins with.
    retries: [
      httpStatus(429).switch({ model: second }),
      error.message('overloaded').switch({ model: second }),
      second,
    ],
  });
}
