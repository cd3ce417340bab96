import { createPool } from 'ai-pool';
import { rankingOf, testReranking } from '../suites/reranking.ts';
import { ai } from './sdk.ts';

testReranking({
  pool: rerank =>
    createPool({
      providers: [
        {
          name: 'ranker',
          keys: ['key-one-0123', 'key-two-0123'],
          create: ({ apiKey }) => ({
            rerankingModel: (modelId: string) => ({
              specificationVersion: 'v3' as const,
              provider: 'ranker.reranking',
              modelId,
              doRerank: async () => rankingOf(rerank(apiKey)),
            }),
          }),
        },
      ],
    }),
  async rerank(model, documents) {
    const result = await ai.rerank({ model, documents, query: 'tides', maxRetries: 0 });
    return {
      documents: result.rerankedDocuments,
      modelId: result.response.modelId,
      metadata: result.providerMetadata,
    };
  },
});
