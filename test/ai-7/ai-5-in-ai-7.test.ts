import { ai5 } from '../ai-5/generation.ts';
import { testOlderGeneration } from '../suites/older-generation.ts';
import { ai } from './sdk.ts';

const prompt = 'What is a pool?';

testOlderGeneration(ai5, {
  async generateText(model) {
    const { text, response, providerMetadata } = await ai.generateText({ model, prompt });
    return { text, modelId: response.modelId, metadata: providerMetadata };
  },
  async streamText(model) {
    const result = ai.streamText({ model, prompt });
    return {
      text: await result.text,
      modelId: (await result.response).modelId,
      metadata: await result.providerMetadata,
    };
  },
});
