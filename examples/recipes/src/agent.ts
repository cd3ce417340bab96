// An agent with tools. Every step may be answered by another key or provider; a step that has to
// move takes along what was said so far. Needs GEMINI_API_KEYS and OPENAI_API_KEYS.

import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { isStepCount, tool, ToolLoopAgent } from 'ai';
import { createPooledModel, keysFromEnv, type PoolMetadata } from 'ai-pool';
import { z } from 'zod';

const model = createPooledModel({
  providers: [
    {
      name: 'openai',
      create: createOpenAI,
      keys: keysFromEnv('OPENAI_API_KEYS'),
      models: ['gpt-4o-mini'],
    },
    {
      name: 'google',
      create: createGoogleGenerativeAI,
      keys: keysFromEnv('GEMINI_API_KEYS'),
      models: ['gemini-2.5-flash'],
    },
  ],
});

const agent = new ToolLoopAgent({
  model,
  instructions: 'You plan walks along the coast. Look up the tide of each place first.',
  tools: {
    tide: tool({
      description: 'The next low tide of a place.',
      inputSchema: z.object({ place: z.string() }),
      execute: ({ place }) => ({ place, low: place.length % 2 === 0 ? '09:40' : '14:10' }),
    }),
  },
  stopWhen: isStepCount(5),
});

const { text, steps } = await agent.generate({
  prompt: 'Can I walk from Cuxhaven to Neuwerk this morning, or rather in Husum?',
});
console.log(text);
for (const { stepNumber, providerMetadata } of steps) {
  const pool = providerMetadata?.['pool'] as PoolMetadata | undefined;
  console.log(`step ${stepNumber + 1}: ${pool?.provider}/${pool?.model}`);
}
