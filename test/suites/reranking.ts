import { apiCallError } from '@ai-pool/testing';
import { createPool } from 'ai-pool';
import { expect, test } from 'vitest';
import { functionOf, oneOf, readList } from './sdk-calls.ts';

/** A pool whose two keys rank as `order` says. */
function poolOf(specificationVersion: 'v3' | 'v4', order: (key: string) => readonly number[]) {
  const rankingModel = (apiKey: string) => (modelId: string) => ({
    specificationVersion,
    provider: 'ranker.reranking',
    modelId,
    doRerank: async () => ({
      ranking: order(apiKey).map((index, i) => ({ index, relevanceScore: 1 / (i + 1) })),
    }),
  });
  return createPool({
    providers: [
      {
        name: 'ranker',
        keys: ['key-one-0123', 'key-two-0123'],
        create: ({ apiKey }) => ({ rerankingModel: rankingModel(apiKey) }),
      },
    ],
  });
}

/** Reranking, in the generations that have it. */
export function testReranking(specificationVersion: 'v3' | 'v4', ai: object): void {
  test('reranking rotates over the keys', async () => {
    const trail: string[] = [];
    const pool = poolOf(specificationVersion, key => {
      trail.push(key);
      if (key === 'key-one-0123') throw apiCallError({ statusCode: 401 });
      return [1, 0];
    });
    const call = {
      model: pool.rerankingModel('order-1'),
      documents: ['sand', 'water'],
      query: 'tides',
      maxRetries: 0,
    };
    const result = await functionOf(ai, 'rerank')(call);
    await functionOf(ai, 'rerank')(call);
    expect(await readList(result, 'rerankedDocuments')).toEqual(['water', 'sand']);
    expect(oneOf(oneOf(result, 'response'), 'modelId')).toBe('order-1');
    expect(oneOf(result, 'providerMetadata')).toMatchObject({
      pool: { provider: 'ranker', model: 'order-1', attempts: [{ kind: 'auth' }, {}] },
    });
    expect(trail).toEqual(['key-one-0123', 'key-two-0123', 'key-two-0123']);
  });
}
