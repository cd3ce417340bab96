// One language model made of three providers, and what happens when things go wrong.
//
// Without API keys in the environment this runs against fake providers on this machine; they speak
// the real protocols to the real provider packages. With GEMINI_API_KEYS, OPENAI_API_KEYS or
// OPENROUTER_API_KEYS it runs the short version in real-services.ts.

import { setTimeout } from 'node:timers/promises';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { generateText, streamText } from 'ai';
import { createPooledModel } from 'ai-pool';
import { startFakes } from './fakes.ts';
import { printStatus } from './print-status.ts';
import { printTrails } from './print-trails.ts';
import { printText, streamToTerminal } from './print-text.ts';
import { hasOwnKeys, runOnRealServices } from './real-services.ts';
import { countsAgree, Story } from './story.ts';

if (hasOwnKeys) await runOnRealServices();
else process.exitCode = await runOnFakes();

async function runOnFakes(): Promise<number> {
  await using fakes = await startFakes();

  const model = createPooledModel({
    providers: [
      {
        name: 'google',
        create: options =>
          createGoogleGenerativeAI({ ...options, baseURL: fakes.baseURL('google') }),
        keys: [
          { id: 'google-1', apiKey: 'demo-google-1' },
          { id: 'google-2', apiKey: 'demo-google-2' },
        ],
        keySelection: 'sticky', // one key until it fails
        models: ['gemini-2.5-pro', 'gemini-2.5-flash'],
      },
      {
        name: 'openai',
        create: options => createOpenAI({ ...options, baseURL: fakes.baseURL('openai') }),
        keys: [
          { id: 'openai-1', apiKey: 'demo-openai-1' },
          { id: 'openai-2', apiKey: 'demo-openai-2' },
        ],
        models: ['gpt-4o'],
      },
      {
        name: 'openrouter',
        create: options => createOpenRouter({ ...options, baseURL: fakes.baseURL('openrouter') }),
        keys: [{ id: 'openrouter-1', apiKey: 'demo-openrouter-1' }],
        models: ['openai/gpt-4o'],
      },
    ],
  });

  const prompt = 'Why are there tides?';
  async function generate(): Promise<void> {
    const { text, providerMetadata } = await generateText({ model, prompt });
    printText(text);
    printTrails([providerMetadata]);
  }

  const google = fakes.provider('google');
  const story = new Story(fakes);

  await story.scene('1. A generated text', {
    run: generate,
    happened: ({ count }) => ({
      'google-1 answered': count({ key: 'google-1', status: 200 }) === 1,
      'nobody else was asked': count({}) === 1,
    }),
  });

  await story.scene('2. The quota of the first key is used up', {
    goesWrong: () => google.key('demo-google-1').set({ rpm: 0 }),
    run: generate,
    happened: ({ count }) => ({
      'google-1 was refused with 429': count({ key: 'google-1', status: 429 }) === 1,
      'google-2 answered': count({ key: 'google-2', status: 200 }) === 1,
    }),
  });

  await story.scene('3. The first model is gone', {
    goesWrong: () => google.model('gemini-2.5-pro').set({ missing: true }),
    run: generate,
    happened: ({ count }) => ({
      'gemini-2.5-pro was refused with 404': count({ model: 'gemini-2.5-pro', status: 404 }) === 1,
      'gemini-2.5-flash answered': count({ model: 'gemini-2.5-flash', status: 200 }) === 1,
    }),
  });

  await story.scene('4. The whole first provider is down, and the text is streamed', {
    goesWrong: () => google.set({ down: 500 }),
    async run() {
      const { textStream, providerMetadata } = streamText({ model, prompt });
      const arrivals = await streamToTerminal(textStream);
      printTrails([await providerMetadata]);
      return arrivals;
    },
    happened: ({ count }, { chunks, ms }) => ({
      'google was asked and was down': count({ provider: 'google', refusal: 'down' }) > 0,
      'google did not answer': count({ provider: 'google', status: 200 }) === 0,
      'openai streamed': count({ provider: 'openai', status: 200, stream: true }) === 1,
      'the text arrived token by token': chunks >= 10 && ms >= 200,
    }),
  });

  // The pool keeps away from google for a moment. Now it is due to be tried again, but still down.
  await setTimeout(pauseOf('google'));
  await story.scene('5. The first provider is still down, and 50 calls come at once', {
    async run() {
      const calls = Array.from({ length: 50 }, () => generateText({ model, prompt }));
      const results = await Promise.all(calls);
      printTrails(results.map(({ providerMetadata }) => providerMetadata));
      return results.filter(({ text }) => text !== '').length;
    },
    happened: ({ count }, texts) => ({
      'all 50 calls got a text': texts === 50,
      'openai and openrouter gave 50 answers':
        count({ provider: 'openai', status: 200 }) +
          count({ provider: 'openrouter', status: 200 }) ===
        50,
      'google was tried again, by one of the 50 calls':
        count({ provider: 'google', refusal: 'down' }) > 0 && count({ provider: 'google' }) <= 2,
    }),
  });

  await story.scene('6. What the pool knows about every key', {
    run() {
      const status = model.pool.status();
      printStatus(status);
      return countsAgree(status, fakes.requests);
    },
    happened: (_, agree) => ({ 'every number is what the providers recorded': agree }),
  });

  return story.end();

  /** Milliseconds until a provider may be tried again, and a moment more. */
  function pauseOf(name: string): number {
    const provider = model.pool.status().providers.find(each => each.name === name);
    return Math.max(0, (provider?.until ?? 0) - Date.now()) + 20;
  }
}
