import { fakeModel } from '@ai-pool/testing';
import { describe, expect, it } from 'vitest';
import { createPooledModel, type ModelObject, type Pool } from '../index.ts';

interface Finish {
  readonly type?: string;
  readonly finishReason: unknown;
  readonly usage: unknown;
}

interface Model {
  readonly specificationVersion: string;
  readonly pool: Pool;
  doGenerate(options: object): Promise<Finish>;
  doStream(options: object): Promise<{ stream: ReadableStream<Finish> }>;
}

const options = { prompt: [] };

/** How a model ends that says it is of one generation and is of another. */
async function endings(model: ModelObject, says: string): Promise<Finish[]> {
  const lying = Object.defineProperty(model, 'specificationVersion', { value: says });
  const pooled = createPooledModel([lying]) as unknown as Model;
  expect(pooled.specificationVersion).toBe(says);
  const ends = [await pooled.doGenerate(options)];
  const { stream } = await pooled.doStream(options);
  for await (const part of stream) if (part.type === 'finish') ends.push(part);
  expect(pooled.pool.status().providers[0]?.keys[0]?.usage).toMatchObject({ successes: 2 });
  return ends;
}

describe('a member whose tag lies', () => {
  const answer = { text: 'fine', usage: { inputTokens: 3, outputTokens: 4 } };

  it.each(['v3', 'v4'])('of the second generation, as %s', async says => {
    const ends = await endings(fakeModel({ specificationVersion: 'v2', answer }), says);
    const end = {
      finishReason: { unified: 'stop', raw: undefined },
      usage: { inputTokens: { total: 3 }, outputTokens: { total: 4 } },
    };
    expect(ends).toMatchObject([end, end]);
  });

  it.each(['v3', 'v4'] as const)('of generation %s, as v2', async specificationVersion => {
    const ends = await endings(fakeModel({ specificationVersion, answer }), 'v2');
    const end = {
      finishReason: 'stop',
      usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 },
    };
    expect(ends).toMatchObject([end, end]);
  });

  it('ends as it says where it does not lie', async () => {
    const [end] = await endings(fakeModel({ specificationVersion: 'v3', answer }), 'v3');
    const bare = await fakeModel({ specificationVersion: 'v3', answer }).doGenerate(options);
    expect(end).toMatchObject({ finishReason: bare.finishReason, usage: bare.usage });
  });
});
