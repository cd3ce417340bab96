import { createPooledModel } from 'ai-pool';
import { expect, test, vi } from 'vitest';
import { ai5 } from '../ai-5/generation.ts';
import { testOlderGeneration } from '../suites/older-generation.ts';
import { prompt } from '../suites/sdk.ts';
import { ai } from './sdk.ts';

testOlderGeneration(ai5, ai);

test('a member that the SDK wrapped says that it is newer than it is', async () => {
  // The SDK warns of wrapped models that are older.
  vi.stubGlobal('AI_SDK_LOG_WARNINGS', false);
  const usage = { inputTokens: 3, outputTokens: 4 };
  const older = ai5.fake({ answer: { text: 'fine', usage } });
  const member = ai.wrapLanguageModel({ model: older as never, middleware: [] });
  const model = createPooledModel([
    ai.wrapLanguageModel({
      model: member,
      middleware: ai.defaultSettingsMiddleware({ settings: { seed: 7 } }),
    }),
  ]);
  expect(model.specificationVersion).toBe('v3');
  const { finishReason, totalUsage } = await ai.generateText({ model, prompt });
  const streamed = ai.streamText({ model, prompt });
  expect([finishReason, await streamed.finishReason]).toEqual(['stop', 'stop']);
  for (const each of [totalUsage, await streamed.totalUsage]) expect(each).toMatchObject(usage);
});
