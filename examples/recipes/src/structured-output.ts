// An object of a given shape; what has another one is asked of the next model. Needs
// GEMINI_API_KEYS and OPENAI_API_KEYS.

import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, Output } from 'ai';
import { createPooledModel, keysFromEnv, schemaMismatch } from 'ai-pool';
import { z } from 'zod';

const model = createPooledModel({
  retryOnResult: schemaMismatch,
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
    },
  ],
});

const { output } = await generateText({
  model,
  output: Output.object({
    schema: z.object({ place: z.string(), metres: z.number() }),
  }),
  prompt: 'Where is the tidal range the largest, and how large is it?',
});
console.log(`${output.place}: ${output.metres} m`);
