// Embeddings over many keys: the calls that `embedMany` makes in parallel spread over them. The
// model never changes, since vectors of different models cannot be compared. Needs OPENAI_API_KEYS.

import { createOpenAI } from '@ai-sdk/openai';
import { cosineSimilarity, embed, embedMany } from 'ai';
import { createPool, keysFromEnv } from 'ai-pool';

const pool = createPool({
  providers: { openai: { create: createOpenAI, keys: keysFromEnv('OPENAI_API_KEYS') } },
});
const model = pool.embeddingModel('text-embedding-3-small');

const notes = [
  'The Moon pulls on the near side of the Earth more than on the far side.',
  'Spring tides come with the new and the full moon.',
  'Bread rises because yeast makes gas.',
];
const { embeddings } = await embedMany({ model, values: notes });
const { embedding: question } = await embed({ model, value: 'When is the tide highest?' });

const ranked = notes
  .map((note, i) => ({ note, score: cosineSimilarity(question, embeddings[i] ?? []) }))
  .toSorted((a, b) => b.score - a.score);
for (const { note, score } of ranked) console.log(score.toFixed(3), note);
