// The short version, with API keys of your own: nobody can be made to fail here.

import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { generateText, streamText } from 'ai';
import { createPooledModel, keysFromEnv } from 'ai-pool';
import { printStatus } from './print-status.ts';
import { printText, streamToTerminal } from './print-text.ts';
import { printTrails } from './print-trails.ts';

const providers = [
  {
    name: 'google',
    create: createGoogleGenerativeAI,
    keys: keysFromEnv('GEMINI_API_KEYS', { optional: true }),
    models: ['gemini-2.5-flash'],
  },
  {
    name: 'openai',
    create: createOpenAI,
    keys: keysFromEnv('OPENAI_API_KEYS', { optional: true }),
    models: ['gpt-4o-mini'],
  },
  {
    name: 'openrouter',
    create: createOpenRouter,
    keys: keysFromEnv('OPENROUTER_API_KEYS', { optional: true }),
    models: ['openai/gpt-4o-mini'],
  },
].filter(({ keys }) => keys.length > 0);

export const hasOwnKeys = providers.length > 0;

export async function runOnRealServices(): Promise<void> {
  const model = createPooledModel({ providers });
  const prompt = 'Why are there tides? One sentence.';

  console.log('A generated text');
  const { text, providerMetadata } = await generateText({ model, prompt });
  printText(text);
  printTrails([providerMetadata]);

  console.log('\nA streamed text');
  const stream = streamText({ model, prompt });
  await streamToTerminal(stream.textStream);
  printTrails([await stream.providerMetadata]);

  console.log('\nWhat the pool knows about every key');
  printStatus(model.pool.status());
}
