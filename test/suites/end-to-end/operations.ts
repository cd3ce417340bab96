import type { PoolMetadata } from 'ai-pool';
import { expect } from 'vitest';
import { citySchema } from '../sdk.ts';
import {
  atMost,
  functionOf,
  oneOf,
  read,
  readList,
  schemaOf,
  toolOf,
  type Functions,
} from '../sdk-calls.ts';

const prompt = 'How is it outside in Oslo?';
const city = { city: 'Oslo' };
const answer = 'It is sunny in Oslo, and a gale is coming.';
const usage = { inputTokens: 11, outputTokens: 7 };

/** What came out of a call, and who the SDK says gave it. */
interface Outcome {
  readonly answer: unknown;
  readonly by: readonly By[];
}

interface By {
  readonly pool: PoolMetadata | undefined;
  readonly modelId: unknown;
}

/** One way to ask. */
export interface Operation {
  readonly steps: 1 | 3;
  /** Whether the steps are one conversation. */
  readonly isLoop?: true;
  readonly from: 4 | 5;
  readonly expected: unknown;
  readonly ask: (by: Functions, model: object) => Promise<Outcome>;
}

const byOf = async (step: unknown): Promise<By> => ({
  pool: ((await read(step, 'providerMetadata')) as { pool?: PoolMetadata } | undefined)?.pool,
  modelId: await read(await read(step, 'response'), 'modelId'),
});

const usageOf = (given: unknown): unknown => ({
  inputTokens: oneOf(given, 'inputTokens', 'promptTokens'),
  outputTokens: oneOf(given, 'outputTokens', 'completionTokens'),
});

const loopOf = (by: Functions): object => {
  const tool = (result: string): unknown =>
    toolOf(by, {
      description: 'What it is like in a city.',
      schema: citySchema,
      execute: async () => result,
    });
  return { tools: { weather: tool('sunny'), wind: tool('a gale') }, ...atMost(5, by) };
};

/** What each step did. */
async function loopOutcome(result: unknown): Promise<Outcome> {
  const steps = await readList(result, 'steps');
  return {
    answer: {
      text: await read(result, 'text'),
      finishReason: await read(result, 'finishReason'),
      steps: await Promise.all(
        steps.map(async step => ({
          text: await read(step, 'text'),
          usage: usageOf(await read(step, 'usage')),
          calls: (await readList(step, 'toolCalls')).map(each => [
            oneOf(each, 'toolName'),
            oneOf(each, 'input', 'args'),
          ]),
          results: (await readList(step, 'toolResults')).map(each =>
            oneOf(each, 'output', 'result'),
          ),
        })),
      ),
    },
    by: await Promise.all(steps.map(byOf)),
  };
}

const loop = {
  text: answer,
  finishReason: 'stop',
  steps: [
    { text: '', usage, calls: [['weather', city]], results: ['sunny'] },
    { text: '', usage, calls: [['wind', city]], results: ['a gale'] },
    { text: answer, usage, calls: [], results: [] },
  ],
};

/** All text of a stream, in which nothing went wrong. */
async function streamed(result: unknown): Promise<string> {
  let text = '';
  for await (const part of (await read(result, 'fullStream')) as AsyncIterable<{ type: string }>) {
    if (part.type === 'error') throw oneOf(part, 'error');
    if (part.type === 'text-delta') text += String(oneOf(part, 'text', 'textDelta'));
  }
  return text;
}

async function streamedLoop(result: unknown): Promise<Outcome> {
  expect(await streamed(result)).toBe(answer);
  return loopOutcome(result);
}

async function textOutcome(result: unknown): Promise<Outcome> {
  return {
    answer: {
      text: await read(result, 'text'),
      finishReason: await read(result, 'finishReason'),
      usage: usageOf(await read(result, 'usage')),
    },
    by: [await byOf(result)],
  };
}

async function objectOutcome(result: unknown): Promise<Outcome> {
  return {
    answer: {
      object: await read(result, 'object'),
      usage: usageOf(await read(result, 'usage')),
    },
    by: [await byOf(result)],
  };
}

const text = { text: answer, finishReason: 'stop', usage };
const object = { object: city, usage };
const onError = (): void => {};

const agentOf = (by: Functions, model: object): object => {
  const Agent = functionOf(by.ai, 'ToolLoopAgent', 'Experimental_Agent');
  return new Agent({ model, ...loopOf(by) });
};

/** Of agents there are none in the first generation. */
export const operations: Readonly<Record<string, Operation>> = {
  generateText: {
    steps: 1,
    from: 4,
    expected: text,
    ask: async ({ ai }, model) =>
      textOutcome(await functionOf(ai, 'generateText')({ model, prompt })),
  },
  streamText: {
    steps: 1,
    from: 4,
    expected: text,
    async ask({ ai }, model) {
      const result = functionOf(ai, 'streamText')({ model, prompt, onError });
      expect(await streamed(result)).toBe(answer);
      return textOutcome(result);
    },
  },
  generateObject: {
    steps: 1,
    from: 4,
    expected: object,
    ask: async ({ ai }, model) =>
      objectOutcome(
        await functionOf(ai, 'generateObject')({ model, prompt, schema: schemaOf(ai, citySchema) }),
      ),
  },
  streamObject: {
    steps: 1,
    from: 4,
    expected: object,
    async ask({ ai }, model) {
      const call = { model, prompt, schema: schemaOf(ai, citySchema), onError };
      const result = functionOf(ai, 'streamObject')(call);
      const stream = (await read(result, 'partialObjectStream')) as AsyncIterable<unknown>;
      let last: unknown;
      for await (const partial of stream) last = partial;
      expect(last).toEqual(city);
      return objectOutcome(result);
    },
  },
  'generateText, three steps with tools': {
    steps: 3,
    isLoop: true,
    from: 4,
    expected: loop,
    ask: async (by, model) =>
      loopOutcome(await functionOf(by.ai, 'generateText')({ model, prompt, ...loopOf(by) })),
  },
  'streamText, three steps with tools': {
    steps: 3,
    isLoop: true,
    from: 4,
    expected: loop,
    ask: async (by, model) =>
      streamedLoop(functionOf(by.ai, 'streamText')({ model, prompt, onError, ...loopOf(by) })),
  },
  'agent.generate, three steps with tools': {
    steps: 3,
    isLoop: true,
    from: 5,
    expected: loop,
    async ask(by, model) {
      const agent = agentOf(by, model);
      const generate = functionOf(agent, 'generate');
      return loopOutcome(await Reflect.apply(generate, agent, [{ prompt }]));
    },
  },
  'agent.stream, three steps with tools': {
    steps: 3,
    isLoop: true,
    from: 5,
    expected: loop,
    async ask(by, model) {
      const agent = agentOf(by, model);
      const stream = functionOf(agent, 'stream');
      return streamedLoop(await Reflect.apply(stream, agent, [{ prompt }]));
    },
  },
};

/** One way to ask models of another kind than language: what is given of the answer. */
interface KindOperation {
  readonly steps: 1 | 3;
  readonly kind: 'embeddingModel' | 'imageModel';
  readonly id: string;
  readonly ask: (ai: object, model: object) => Promise<readonly unknown[]>;
}

export const kinds: Readonly<Record<string, KindOperation>> = {
  /** Two texts to a request, one request after the other. */
  embedMany: {
    steps: 3,
    kind: 'embeddingModel',
    id: 'text-embedding-3-small',
    async ask(ai, model) {
      const values = ['a', 'b', 'c', 'd', 'e', 'f'];
      const call = { model, values, maxParallelCalls: 1 };
      const embeddings = await readList(await functionOf(ai, 'embedMany')(call), 'embeddings');
      expect(new Set(embeddings.map(each => JSON.stringify(each))).size).toBe(values.length);
      return embeddings;
    },
  },
  generateImage: {
    steps: 1,
    kind: 'imageModel',
    id: 'gpt-image-1',
    async ask(ai, model) {
      const generate = functionOf(ai, 'generateImage', 'experimental_generateImage');
      const images = await readList(await generate({ model, prompt }), 'images');
      expect(images).toHaveLength(1);
      return images.map(image => oneOf(image, 'base64'));
    },
  },
};

/** What the models say next, by what they have been told. */
export function replyTo(body: unknown) {
  const told = JSON.stringify(body);
  const calls = (toolName: string) => ({
    reasoning: 'Let me look.',
    toolCalls: [{ toolName, input: city }],
    usage,
  });
  if (told.includes('a gale')) return { text: answer, usage };
  if (told.includes('sunny')) return calls('wind');
  // Not every package hides that it asks for objects as for the call of a tool.
  if (/"name":"json"/.test(told)) return calls('json');
  if (told.includes('required') && !told.includes('"weather"')) {
    return { text: JSON.stringify(city), usage };
  }
  return told.includes('"weather"') ? calls('weather') : { text: answer, usage };
}
