import { fakeModel } from '@ai-pool/testing';
import { createPool, createPooledModel } from 'ai-pool';
import {
  answerOf,
  apisOf,
  callOptions,
  citySchema,
  readStream,
  settings,
  weather,
  type Sdk,
} from '../suites/sdk.ts';
import * as sdk from './sdk.ts';

const { ai } = sdk;

/** The factories of the real provider packages. */
export const factories = {
  openai: sdk.createOpenAI,
  google: sdk.createGoogleGenerativeAI,
  openrouter: sdk.createOpenRouter,
  anthropic: sdk.createAnthropic,
};

export const apis = apisOf(factories.openai);

export const ai6: Sdk<sdk.LanguageModel> = {
  major: 6,
  specificationVersion: 'v3',
  factories,
  isAPICallError: error => ai.APICallError.isInstance(error),
  isRetryError: error => ai.RetryError.isInstance(error),
  waitsAsTold: true,
  fake: options => fakeModel({ specificationVersion: 'v3', ...options }),
  pooled: config => createPooledModel(config),
  pooledModels: models => createPooledModel(models),
  async generateText(model, question) {
    const result = await ai.generateText({ model, ...settings(question) });
    return answerOf({
      text: result.text,
      modelId: result.response.modelId,
      finishReason: result.finishReason,
      inputTokens: result.usage.inputTokens,
      outputTokens: result.usage.outputTokens,
      metadata: result.providerMetadata,
    });
  },
  async streamText(model, question) {
    const result = ai.streamText({ model, ...settings(question), onError: () => {} });
    await readStream(
      result.fullStream,
      part => (part.type === 'text-delta' ? part.text : undefined),
      question.onText,
    );
    const usage = await result.usage;
    return answerOf({
      text: await result.text,
      modelId: (await result.response).modelId,
      finishReason: await result.finishReason,
      inputTokens: usage.inputTokens,
      outputTokens: usage.outputTokens,
      metadata: await result.providerMetadata,
    });
  },
  opened(model, kind, question) {
    const call = { model, ...settings(question), onError: () => {} };
    const schema = ai.jsonSchema<{ city: string }>(citySchema);
    return kind === 'text' ? ai.streamText(call) : ai.streamObject({ ...call, schema });
  },
  async useTool(model, way, { steps = 2, ...question } = {}) {
    const tools = {
      weather: ai.tool({
        description: weather.description,
        inputSchema: ai.jsonSchema(weather.schema),
        execute: weather.execute,
      }),
    };
    const call = { ...settings(question), model, tools, stopWhen: ai.stepCountIs(steps) };
    if (way === 'generate') return (await ai.generateText(call)).text;
    const result = ai.streamText({ ...call, onError: () => {} });
    let text = '';
    await readStream(
      result.fullStream,
      part => (part.type === 'text-delta' ? part.text : undefined),
      piece => {
        text += piece;
      },
    );
    return text;
  },
  doGenerate: (model, signal) => model.doGenerate(callOptions(signal)),
  doStream: async (model, signal) => (await model.doStream(callOptions(signal))).stream,
  wrapped: model =>
    ai.wrapLanguageModel({
      model,
      middleware: ai.defaultSettingsMiddleware({ settings: { temperature: 0.5 } }),
    }),
  registered: model =>
    ai
      .createProviderRegistry({
        mine: ai.customProvider({ languageModels: { pooled: model } }),
      })
      .languageModel('mine:pooled'),
  fromRegistry: (config, modelId) =>
    ai.createProviderRegistry({ pool: createPool(config) }).languageModel(`pool:${modelId}`),
};
