import { createPool, createPooledProvider } from 'ai-pool';
import { testModelKinds, type KindsConfig } from '../suites/model-kinds.ts';
import { ai, createOpenAI } from './sdk.ts';

/** OpenAI, whose embeddings go two to a call. */
const createTwoAtATime = (options: { apiKey: string; baseURL: string }) => {
  const openai = createOpenAI(options);
  return {
    embeddingModel: (id: string) => openai.textEmbeddingModel(id, { maxEmbeddingsPerCall: 2 }),
    imageModel: (id: string) => openai.imageModel(id),
    speechModel: (id: string) => openai.speech(id),
    transcriptionModel: (id: string) => openai.transcription(id),
  };
};

testModelKinds({
  major: 4,
  pool({ keys, baseURL, ...settings }: KindsConfig) {
    const pool = createPool({
      ...settings,
      providers: [
        { name: 'openai', create: ({ apiKey }) => createTwoAtATime({ apiKey, baseURL }), keys },
      ],
    });
    return { ...pool, pool };
  },
  provider: ({ keys, baseURL, ...settings }: KindsConfig) =>
    createPooledProvider(createTwoAtATime, { keys, baseURL }, { ...settings, name: 'openai' }),
  async embed(model, value) {
    const result = await ai.embed({ model, value, maxRetries: 0 });
    return { answer: result.embedding };
  },
  async embedMany(model, values) {
    const result = await ai.embedMany({ model, values, maxRetries: 0 });
    return { answer: result.embeddings };
  },
  async images(model, n) {
    const result = await ai.experimental_generateImage({
      model,
      prompt: 'water',
      n,
      maxRetries: 0,
    });
    return { answer: result.images.length };
  },
  async speech(model) {
    const { audio } = await ai.experimental_generateSpeech({ model, text: 'water', maxRetries: 0 });
    return { answer: audio.uint8Array.length };
  },
  async transcribe(model) {
    const audio = new Uint8Array([82, 73, 70, 70]);
    const { text } = await ai.experimental_transcribe({ model, audio, maxRetries: 0 });
    return { answer: text };
  },
});
