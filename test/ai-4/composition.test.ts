import { createPooledProvider, createPoolMiddleware } from 'ai-pool';
import { testComposition } from '../suites/composition.ts';
import { ai4 } from './generation.ts';
import {
  ai,
  createAnthropic,
  createGoogleGenerativeAI,
  createOpenAI,
  createOpenRouter,
  type LanguageModel,
} from './sdk.ts';

const prompt = 'What is a pool?';

const user: ai.LanguageModelV1Middleware = {
  transformParams: async ({ params }) => ({ ...params, seed: 7 }),
  wrapGenerate: async ({ doGenerate }) => doGenerate(),
  wrapStream: async ({ doStream }) => doStream(),
};

const reasoning = ai.extractReasoningMiddleware({ tagName: 'think' });

testComposition<LanguageModel>({
  sdk: ai4,
  wrapped: {
    defaults: model =>
      ai.wrapLanguageModel({
        model,
        middleware: ai.defaultSettingsMiddleware({ settings: { temperature: 0.5 } }),
      }),
    reasoning: model => ai.wrapLanguageModel({ model, middleware: reasoning }),
    streaming: model =>
      ai.wrapLanguageModel({ model, middleware: ai.simulateStreamingMiddleware() }),
    user: model => ai.wrapLanguageModel({ model, middleware: user }),
  },
  async reasoningOf(model) {
    const result = await ai.generateText({ model, prompt, maxRetries: 0 });
    return { text: result.text, reasoning: result.reasoning };
  },
  withPool(model, pooled) {
    const middleware = createPoolMiddleware(pooled);
    return {
      pool: middleware.pool,
      model: ai.wrapLanguageModel({ model, middleware }),
      reasoning: ai.wrapLanguageModel({ model, middleware: [reasoning, middleware] }),
    };
  },
  providers: {
    openai(options) {
      const openai = createPooledProvider(createOpenAI, { compatibility: 'strict', ...options });
      return { pool: openai.pool, model: id => openai(id) };
    },
    google(options) {
      const google = createPooledProvider(createGoogleGenerativeAI, options);
      return { pool: google.pool, model: id => google(id) };
    },
    openrouter(options) {
      const openrouter = createPooledProvider(createOpenRouter, {
        compatibility: 'strict',
        ...options,
      });
      return { pool: openrouter.pool, model: id => openrouter(id) };
    },
    anthropic(options) {
      const anthropic = createPooledProvider(createAnthropic, options);
      return { pool: anthropic.pool, model: id => anthropic(id) };
    },
  },
  openai(options) {
    const openai = createPooledProvider(createOpenAI, options);
    const registry = ai.createProviderRegistry({ openai });
    const custom = ai.customProvider({
      languageModels: { small: openai('gpt-4o-mini') },
      fallbackProvider: openai,
    });
    return {
      pool: openai.pool,
      fromRegistry: id => registry.languageModel(`openai:${id}`),
      fromCustom: id => custom.languageModel(id),
    };
  },
});
