// Free keys first; a notice when a call moves on to a provider that costs money. Needs
// GEMINI_API_KEYS and OPENAI_API_KEYS.

import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText } from 'ai';
import { createPooledModel, keysFromEnv } from 'ai-pool';

const model = createPooledModel({
  providers: [
    {
      name: 'google',
      create: createGoogleGenerativeAI,
      keys: keysFromEnv('GEMINI_API_KEYS'),
      models: ['gemini-2.5-flash'],
    },
    {
      name: 'openai',
      create: createOpenAI,
      keys: keysFromEnv('OPENAI_API_KEYS'),
      models: ['gpt-4o-mini'],
      meta: { metered: true },
    },
  ],
});

// Told by the call that moves. Calls that follow begin there, as long as the free keys rest.
model.pool.on('provider-switched', ({ from, to, kind, meta }) => {
  const isMetered = (meta as { metered?: boolean } | undefined)?.metered === true;
  if (isMetered) console.warn(`Notice: ${from.provider} (${kind}), ${to.provider} is metered.`);
});

for (const prompt of ['Why are there tides?', 'And why twice a day?']) {
  const { text } = await generateText({ model, prompt });
  console.log(text);
}
