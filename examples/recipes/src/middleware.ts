// A pool behind a model that you have: it is asked only where that model fails. Needs
// GEMINI_API_KEY and OPENAI_API_KEYS.

import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, wrapLanguageModel } from 'ai';
import { createPoolMiddleware, keysFromEnv } from 'ai-pool';

const [apiKey = ''] = keysFromEnv('GEMINI_API_KEY');
const gemini = createGoogleGenerativeAI({ apiKey })('gemini-2.5-flash');

const fallback = createPoolMiddleware({
  providers: [
    {
      name: 'openai',
      create: createOpenAI,
      keys: keysFromEnv('OPENAI_API_KEYS'),
      models: ['gpt-4o', 'gpt-4o-mini'],
    },
  ],
});
const model = wrapLanguageModel({ model: gemini, middleware: fallback });

const { text, response } = await generateText({
  model,
  prompt: 'Why are there tides? One sentence.',
});
console.log(text);
console.log(`answered by ${response.modelId}`);
