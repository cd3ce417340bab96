import { PoolExhaustedError, type Pool } from 'ai-pool';
import { describe, expect, test, vi } from 'vitest';
import type { ModelBase, Sdk } from './sdk.ts';
import { inWorld, rejection } from './world.ts';

/** What a newer SDK gets out of an older model. */
export interface OlderAnswer {
  readonly text: string;
  readonly modelId: string | undefined;
  readonly metadata: object | undefined;
}

/** A pool of one generation in the SDK of a later one. */
export function testOlderGeneration<Model extends ModelBase>(
  older: Sdk<Model>,
  ask: Readonly<
    Record<
      'generateText' | 'streamText',
      (model: Model & { readonly pool: Pool }) => Promise<OlderAnswer>
    >
  >,
): void {
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
          const { text, modelId, metadata } = await ask[call](model);
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
          const error = await rejection(ask.generateText(model));
          expect(PoolExhaustedError.isInstance(error)).toBe(true);
        },
      );
    });
  });
}
