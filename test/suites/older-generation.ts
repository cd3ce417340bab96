import { PoolExhaustedError } from 'ai-pool';
import { describe, expect, test, vi } from 'vitest';
import { prompt, type ModelBase, type Sdk } from './sdk.ts';
import { functionOf, read } from './sdk-calls.ts';
import { inWorld, rejection } from './world.ts';

/** A pool of one generation in the SDK of a later one. */
export function testOlderGeneration<Model extends ModelBase>(older: Sdk<Model>, ai: object): void {
  const ask = async (call: string, model: Model) => {
    const result = await functionOf(ai, call)({ model, prompt });
    return {
      text: await read(result, 'text'),
      modelId: await read(await read(result, 'response'), 'modelId'),
      metadata: await read(result, 'providerMetadata'),
    };
  };

  describe(`a pool of ${older.specificationVersion}`, () => {
    // The SDK says once per call that it adapts the model.
    vi.stubGlobal('AI_SDK_LOG_WARNINGS', false);

    test.each(['generateText', 'streamText'] as const)('%s fails over', async call => {
      await inWorld(
        older,
        {
          openai: { keys: { 'openai-1': { rpm: 0 }, 'openai-2': { invalid: true } } },
          google: {},
        },
        async ({ model, trail }) => {
          const { text, modelId, metadata } = await ask(call, model);
          expect(text).not.toBe('');
          expect(modelId).toBe('gemini-2.5-flash');
          expect(metadata).toMatchObject({
            pool: { provider: 'google', attempts: [{ status: 429 }, { status: 401 }, {}] },
          });
          expect(trail()).toHaveLength(3);
        },
      );
    });

    test('an exhausted pool says so', async () => {
      await inWorld(
        older,
        { openai: { keys: { 'openai-1': { invalid: true } } } },
        async ({ model }) => {
          const error = await rejection(ask('generateText', model));
          expect(PoolExhaustedError.isInstance(error)).toBe(true);
        },
      );
    });
  });
}
