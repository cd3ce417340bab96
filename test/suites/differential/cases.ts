import type { FakeFault, FakeReply } from '@ai-pool/testing';
import type { Wire } from '../faults/faults.ts';
import { citySchema, prompt } from '../sdk.ts';
import { atMost, schemaOf, toolOf, type Functions } from '../sdk-calls.ts';
import type { Way } from '../world.ts';

/** Who makes the call. */
export interface Caller extends Functions {
  readonly wire: Wire;
  readonly way: Way;
}

/** One call, made of a bare model and of pools of one target. */
export interface Case {
  /** Settings of `generateText` and `streamText`, or of `generateObject` and `streamObject`. */
  readonly call: (caller: Caller) => object;
  /** The same as it is made of pools, where that should make no difference. */
  readonly ofPools?: (caller: Caller) => object;
  readonly kind?: 'object';
  /** What upstream answers, step by step; the last one again and again. */
  readonly replies?: readonly FakeReply[];
  /** What happens to the request. */
  readonly fault?: FakeFault;
  /** Where it makes sense. */
  readonly on?: (caller: Caller) => boolean;
}

const city = { city: 'Oslo' };

/** A PNG of one pixel. */
const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const calls = (...names: readonly string[]): FakeReply => ({
  toolCalls: names.map(toolName => ({ toolName, input: city })),
});

/** A tool that does `execute`; without it the call is the answer. */
export function toolsOf(caller: Caller, execute?: () => Promise<unknown>): object {
  const tool = (description: string): unknown =>
    toolOf(caller, { description, schema: citySchema, ...(execute && { execute }) });
  return { weather: tool('The weather of a city.'), wind: tool('How the wind blows there.') };
}

const object = ({ ai }: Caller): object => ({ prompt, schema: schemaOf(ai, citySchema) });

/** A file in a message. */
function file({ major }: Caller, type: string, data: unknown): object {
  return { type: 'file', data, [major === 4 ? 'mimeType' : 'mediaType']: type };
}

const asking = (...content: readonly object[]): object => ({
  messages: [{ role: 'user', content: [{ type: 'text', text: prompt }, ...content] }],
});

/** A tool call that is history, and what came of it. */
function history({ major }: Caller, ...outputs: readonly { value: unknown; isError?: true }[]) {
  const ids = outputs.map((_, i) => `call_${i}`);
  const made = ids.map(toolCallId => ({
    type: 'tool-call',
    toolCallId,
    toolName: 'weather',
    [major === 4 ? 'args' : 'input']: city,
  }));
  const results = outputs.map(({ value, isError }, i) => ({
    type: 'tool-result',
    toolCallId: ids[i],
    toolName: 'weather',
    ...(major === 4
      ? { result: value, ...(isError && { isError }) }
      : { output: { type: isError ? 'error-json' : 'json', value } }),
  }));
  return [
    { role: 'user', content: prompt },
    { role: 'assistant', content: [{ type: 'text', text: 'Let me look.' }, ...made] },
    { role: 'tool', content: results },
  ];
}

/** What each provider has settings for, right ones and one that nobody has. */
const providerOptions = {
  openai: { user: 'somebody', parallelToolCalls: false, store: true, metadata: { team: 'ops' } },
  google: { safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }] },
  anthropic: { sendReasoning: false },
  openrouter: { transforms: ['middle-out'], usage: { include: true } },
  nobody: { has: 'this' },
};

const simple = (more: object = {}): Case => ({ call: () => ({ prompt, ...more }) });

const prompts: Readonly<Record<string, Case>> = {
  'a prompt': simple(),
  'a system text': simple({ system: 'You are brief.' }),
  'several turns': {
    call: () => ({
      messages: [
        { role: 'user', content: prompt },
        { role: 'assistant', content: 'Water, mostly.' },
        { role: 'user', content: [{ type: 'text', text: 'And what else?' }] },
      ],
    }),
  },
  'a beginning of the answer': {
    call: () => ({
      messages: [
        { role: 'user', content: prompt },
        { role: 'assistant', content: 'A pool is ' },
      ],
    }),
  },
  unicode: simple({
    system: 'ﷺ \u200f\u202e \u0000 \u{1f468}\u200d\u{1f469}\u200d\u{1f467} e\u0301 \ud800',
    prompt: '游泳池 बर्फ़ 🏊🏽‍♀️ "quoted" \\ \u2028 </s> {{mustache}}',
  }),
  'a long text': simple({ prompt: 'Every word counts. '.repeat(1_000) }),
  'white space': simple({ prompt: ' \n\t ' }),
};

const tools: Readonly<Record<string, Case>> = {
  'tools that nobody calls': { call: caller => ({ prompt, tools: toolsOf(caller) }) },
  'a tool must be called': {
    call: caller => ({ prompt, tools: toolsOf(caller), toolChoice: 'required' }),
    replies: [calls('weather')],
  },
  'one tool must be called': {
    call: caller => ({
      prompt,
      tools: toolsOf(caller),
      toolChoice: { type: 'tool', toolName: 'wind' },
    }),
    replies: [calls('wind')],
  },
  'no tool may be called': {
    call: caller => ({ prompt, tools: toolsOf(caller), toolChoice: 'none' }),
  },
  'a call and its result': {
    call: caller => ({ prompt, tools: toolsOf(caller, async () => 'sunny'), ...atMost(3, caller) }),
    replies: [calls('weather'), 'It is sunny.'],
  },
  'two calls at once, in two steps': {
    call: caller => ({
      prompt,
      tools: toolsOf(caller, async () => ({ sky: ['sunny', { at: 7 }] })),
      ...atMost(3, caller),
    }),
    replies: [calls('weather', 'wind'), calls('wind'), 'It is sunny.'],
  },
  'a text, reasoning and a call': {
    call: caller => ({ prompt, tools: toolsOf(caller, async () => 'sunny'), ...atMost(3, caller) }),
    replies: [
      {
        text: 'Let me look.',
        reasoning: 'I should.',
        toolCalls: [{ toolName: 'wind', input: {} }],
      },
      'It is sunny.',
    ],
  },
  'a tool that throws': {
    call: caller => ({
      prompt,
      tools: toolsOf(caller, async () => Promise.reject(new Error('no weather today'))),
      ...atMost(3, caller),
    }),
    replies: [calls('weather'), 'I could not look.'],
  },
  'a tool that there is not': {
    call: caller => ({ prompt, tools: toolsOf(caller), ...atMost(3, caller) }),
    replies: [calls('tide')],
  },
  'results of tools': {
    call: caller => ({
      messages: history(caller, { value: { sky: 'sunny' } }, { value: 'broken', isError: true }),
      tools: toolsOf(caller),
    }),
  },
  'results of tools without tools': {
    call: caller => ({ messages: history(caller, { value: 'sunny' }) }),
  },
};

const files: Readonly<Record<string, Case>> = {
  'an image in bytes': {
    call: () => asking({ type: 'image', image: Uint8Array.from(Buffer.from(pixel, 'base64')) }),
  },
  'an image in base64, twice': {
    call: () => asking({ type: 'image', image: pixel }, { type: 'image', image: pixel }),
  },
  // It stands in the prompt or is downloaded, as the model says.
  'an image by its address': {
    call: () => asking({ type: 'image', image: new URL(`data:image/png;base64,${pixel}`) }),
  },
  'an image that the model may fetch': {
    call: () => asking({ type: 'image', image: new URL('https://files.test/pixel.png') }),
  },
  'a PDF': {
    call: caller => asking(file(caller, 'application/pdf', Buffer.from('%PDF-1.4'))),
  },
  'a kind of file that no provider takes': {
    call: caller => asking(file(caller, 'application/x-unknown', Buffer.from('?'))),
  },
  'a file in the answer so far': {
    call: caller => ({
      messages: [
        { role: 'user', content: prompt },
        { role: 'assistant', content: [file(caller, 'image/png', pixel)] },
        { role: 'user', content: 'And now?' },
      ],
    }),
  },
};

const objects: Readonly<Record<string, Case>> = {
  'an object': { kind: 'object', call: object, replies: [JSON.stringify(city)] },
  'an object by a tool, named and described': {
    kind: 'object',
    call: caller => ({ ...object(caller), schemaName: 'place', schemaDescription: 'Where?' }),
    replies: [{ toolCalls: [{ toolName: 'place', input: city }] }],
  },
  'an object without a schema': {
    kind: 'object',
    call: () => ({ prompt, output: 'no-schema' }),
    replies: [JSON.stringify(city)],
  },
  'an object that is none': { kind: 'object', call: object, replies: ['{"city": '] },
  'an object of another schema': { kind: 'object', call: object, replies: ['{"town": 1}'] },
};

/** Some of which each provider does not know and warns of. */
const all = {
  temperature: 0.3,
  topP: 0.9,
  topK: 40,
  presencePenalty: 0.1,
  frequencyPenalty: 0.2,
  stopSequences: ['END', '\n\n'],
  seed: 7,
};

const settings: Readonly<Record<string, Case>> = {
  'all settings, with warnings': {
    call: ({ major }) => ({ prompt, ...all, [major === 4 ? 'maxTokens' : 'maxOutputTokens']: 99 }),
  },
  headers: simple({
    headers: {
      'x-team': 'ops',
      'X-Upper-Case': 'b, c',
      'x-none': undefined,
    },
  }),
  'provider options': { call: () => ({ prompt, providerOptions }) },
  'provider options that are wrong': {
    call: () => ({
      prompt,
      providerOptions: {
        openai: { parallelToolCalls: 'yes', store: 'no' },
        google: { responseModalities: 1 },
        anthropic: { thinking: 'hard' },
        openrouter: {},
      },
    }),
  },
  'reasoning in the answer': {
    ...simple(),
    replies: [{ reasoning: 'Well, it is wet.', text: 'Water.' }],
  },
  'how much to reason': { ...simple({ reasoning: 'high' }), on: ({ major }) => major === 7 },
  'no text in the answer': { ...simple(), replies: [{ text: '' }] },
  'raw chunks': {
    call: () => ({ prompt, includeRawChunks: true }),
    on: ({ major, way }) => major > 4 && way === 'stream',
  },
};

/** Of a request that fails. */
const failing = (fault: FakeFault, on?: Case['on']): Case => ({
  ...simple(),
  fault,
  ...(on && { on }),
});

const isStream: Case['on'] = ({ way }) => way === 'stream';

const errors: Readonly<Record<string, Case>> = {
  '400': failing({ status: 400 }),
  '401': failing({ status: 401 }),
  '403': failing({ status: 403 }),
  '404': failing({ status: 404 }),
  '413': failing({ status: 413 }),
  '429': failing({ status: 429, retryAfterMs: 20_000 }),
  '429 without a hint': failing({ status: 429, retryAfterMs: null }),
  '500': failing({ status: 500 }),
  '503': failing({ status: 503 }),
  'a page of HTML': failing({ status: 502, body: '<html><body>Bad Gateway</body></html>' }),
  'an empty body': failing({ status: 500, body: '' }),
  'the prompt is too long': failing('context-length'),
  'the prompt is filtered': failing('content-filter'),
  'a connection that breaks': failing('reset'),
  'a page of HTML as the answer': failing('html-page'),
  'a body that is not what it says': failing('invalid-gzip'),
  'half a body': failing({ afterChunks: 1, ending: 'end' }, ({ way }) => way === 'generate'),
  'a body that breaks off': failing(
    { afterChunks: 1, ending: 'reset' },
    ({ way }) => way === 'generate',
  ),
  'an error in place of the answer': failing({ afterChunks: 0, ending: 'error' }),
  'an error before any output': failing(
    { afterChunks: 0, preamble: true, ending: 'error' },
    isStream,
  ),
  'an error after some output': failing({ afterChunks: 2, ending: 'error' }, isStream),
};

export const cases: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  prompts,
  tools,
  files,
  objects,
  settings,
  errors,
};
