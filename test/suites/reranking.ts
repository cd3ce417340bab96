import { apiCallError } from '@ai-pool/testing';
import type { Pool } from 'ai-pool';
import { expect, test } from 'vitest';

/** What one generation of the SDK does with reranking models. */
export interface RerankingSdk<R> {
  /** A pool whose two keys answer as `rerank` says. */
  readonly pool: (rerank: (key: string) => number[]) => Pool & { rerankingModel(id: string): R };
  readonly rerank: (
    model: R,
    documents: string[],
  ) => Promise<{ documents: string[]; modelId: string; metadata: object | undefined }>;
}

/** The answer of a reranking model that prefers documents in this order. */
export function rankingOf(order: readonly number[]) {
  return { ranking: order.map((index, i) => ({ index, relevanceScore: 1 / (i + 1) })) };
}

export function testReranking<R>(sdk: RerankingSdk<R>): void {
  test('reranking rotates over the keys', async () => {
    const trail: string[] = [];
    const pool = sdk.pool(key => {
      trail.push(key);
      if (key === 'key-one-0123') throw apiCallError({ statusCode: 401 });
      return [1, 0];
    });
    const model = pool.rerankingModel('order-1');
    const { documents, modelId, metadata } = await sdk.rerank(model, ['sand', 'water']);
    await sdk.rerank(model, ['sand', 'water']);
    expect(documents).toEqual(['water', 'sand']);
    expect(modelId).toBe('order-1');
    expect(metadata).toMatchObject({
      pool: { provider: 'ranker', model: 'order-1', attempts: [{ kind: 'auth' }, {}] },
    });
    expect(trail).toEqual(['key-one-0123', 'key-two-0123', 'key-two-0123']);
  });
}
