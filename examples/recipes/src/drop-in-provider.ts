// Many keys in the place of one, and nothing else changes. Needs OPENAI_API_KEYS.

import { createOpenAI } from '@ai-sdk/openai';
import { generateText, streamText } from 'ai';
import { createPooledProvider, keysFromEnv } from 'ai-pool';

// Before: const openai = createOpenAI({ apiKey: process.env.OPENAI_API_KEY });
const openai = createPooledProvider(createOpenAI, { keys: keysFromEnv('OPENAI_API_KEYS') });

const { text } = await generateText({
  model: openai('gpt-4o-mini'),
  prompt: 'Why are there tides? One sentence.',
});
console.log(text);

const { textStream } = streamText({
  model: openai.chat('gpt-4o-mini'),
  prompt: 'And why twice a day? One sentence.',
});
for await (const chunk of textStream) process.stdout.write(chunk);
console.log();

for (const { id, usage } of openai.pool.status().providers[0]?.keys ?? []) {
  console.log(`key ${id}: ${usage.successes} answers, ${usage.failures} failures`);
}
