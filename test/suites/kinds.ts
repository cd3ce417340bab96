import { functionOf } from './sdk-calls.ts';

/** OpenAI's models of other kinds than language, in any generation; embeddings go two to a call. */
export function twoAtATime(openai: object) {
  const by =
    (...names: readonly string[]) =>
    (id: string): object =>
      functionOf(openai, ...names)(id) as object;
  const embedding = by('embeddingModel', 'textEmbeddingModel');
  return {
    embeddingModel: (id: string): object =>
      Object.defineProperty(embedding(id), 'maxEmbeddingsPerCall', { value: 2 }),
    imageModel: by('imageModel'),
    speechModel: by('speech'),
    transcriptionModel: by('transcription'),
  };
}
