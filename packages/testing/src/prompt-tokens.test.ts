import { expect, test } from 'vitest';
import { promptTokens } from './prompt-tokens.ts';

// Ten characters of system text and thirty of the user's: ten tokens.
const system = 's'.repeat(10);
const user = 'u'.repeat(30);

test.each<[string, object]>([
  [
    'chat completions',
    {
      model: 'gpt-4o',
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: [{ type: 'text', text: user }] },
      ],
      tools: [{ type: 'function', function: { name: 'go', description: 'not counted' } }],
    },
  ],
  [
    'responses',
    {
      model: 'gpt-4o',
      instructions: system,
      input: [{ role: 'user', content: [{ type: 'input_text', text: user }] }],
    },
  ],
  [
    'messages',
    {
      model: 'claude',
      system: [{ type: 'text', text: system }],
      messages: [{ role: 'user', content: [{ type: 'text', text: user }] }],
    },
  ],
  [
    'generateContent',
    {
      systemInstruction: { parts: [{ text: system }] },
      contents: [
        { role: 'user', parts: [{ text: user }, { inlineData: { data: 'not counted' } }] },
      ],
      generationConfig: { temperature: 0 },
    },
  ],
  ['embeddings', { model: 'e', input: [system, user], encoding_format: 'float' }],
  [
    'batchEmbedContents',
    {
      requests: [
        { content: { parts: [{ text: system }] } },
        { content: { parts: [{ text: user }] } },
      ],
    },
  ],
])('of %s', (_protocol, body) => {
  expect(promptTokens(body)).toBe(10);
});

test.each([
  [0, 1],
  [1, 1],
  [4, 1],
  [5, 2],
  [4_000, 1_000],
])('%i characters are %i tokens', (length, tokens) => {
  expect(promptTokens({ input: 'x'.repeat(length) })).toBe(tokens);
});

test.each([undefined, null, 'text', 7, {}, { messages: null }])('%o is one token', body => {
  expect(promptTokens(body)).toBe(1);
});
