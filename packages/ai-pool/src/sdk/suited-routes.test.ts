import { describe, expect, it } from 'vitest';
import { http, kinds, rejection, scene } from '../__fixtures__/scene.ts';

const user = (text: string, ...more: object[]): object => ({
  prompt: [{ role: 'user', content: [{ type: 'text', text }, ...more] }],
});

const tooLong = http(400, {
  error: { code: 'context_length_exceeded', message: 'maximum context length', type: 'x' },
});

describe('a context window', () => {
  it('that the prompt exceeds by more than a fifth puts a model last', async () => {
    const { generate, trail } = scene({
      small: { models: [{ id: 'm', contextWindow: 1000 }] },
      unknown: {},
      large: { models: [{ id: 'm', contextWindow: 100_000 }] },
    });
    await generate(user('x'.repeat(4 * 1190)));
    await generate(user('x'.repeat(4 * 1210)));
    await generate({
      ...user('x'.repeat(4 * 1210)),
      providerOptions: { pool: { only: ['small'] } },
    });
    expect(trail().map(each => each.split('/')[0])).toEqual(['small', 'unknown', 'small']);
  });

  it('counts the texts of all messages, not the bytes of files', async () => {
    const { generate, trail } = scene({
      small: { models: [{ id: 'm', contextWindow: 100 }] },
      large: {},
    });
    const data = new Uint8Array(100_000);
    await generate(user('short', { type: 'file', mediaType: 'image/png', data }));
    const output = { type: 'json', value: { rows: Array.from({ length: 200 }, () => 'row') } };
    const result = { type: 'tool-result', toolCallId: '1', toolName: 't', output };
    await generate({ prompt: [{ role: 'tool', content: [result] }] });
    expect(trail().map(each => each.split('/')[0])).toEqual(['small', 'large']);
  });

  it('that was too small sends the call to larger ones first', async () => {
    const { generate, trail, pool } = scene({
      a: {
        models: [{ id: 'm', contextWindow: 8000 }],
        answer: () => tooLong,
      },
      same: { models: [{ id: 'm', contextWindow: 8000 }] },
      undeclared: {},
      larger: { models: [{ id: 'm', contextWindow: 32_000 }] },
    });
    const { pool: told } = await generate(user('hi'));
    expect(trail().map(each => each.split('/')[0])).toEqual(['a', 'larger']);
    expect(kinds(told.attempts)).toEqual(['context-length', undefined]);
    expect(pool.explain()).toEqual([]);
  });

  it('is a preference: where nothing larger is left, the others are tried', async () => {
    const { generate, trail } = scene({
      a: { models: [{ id: 'm', contextWindow: 8000 }], answer: () => tooLong },
      larger: { models: [{ id: 'm', contextWindow: 9000 }], answer: () => tooLong },
      smaller: { models: [{ id: 'm', contextWindow: 4000 }] },
    });
    await generate(user('hi'));
    expect(trail().map(each => each.split('/')[0])).toEqual(['a', 'larger', 'smaller']);
  });
});

const unsupported = (param: string): Error =>
  http(400, {
    error: {
      message: `Unsupported parameter: '${param}' is not supported with this model.`,
      type: 'invalid_request_error',
      param,
      code: 'unsupported_parameter',
    },
  });
const providers = (trail: string[]): string => trail.map(each => each.split('/')[0]).join('');

describe('what a model does not support', () => {
  it('is remembered for the route: the next such call does not pay for it', async () => {
    const { generate, stream, trail, pool } = scene({
      a: { answer: ({ call }) => ('topP' in call.options ? unsupported('top_p') : 'fine') },
      b: {},
    });
    await generate({ topP: 0.5, temperature: 1 });
    await generate({ topP: 0.5, temperature: 0 });
    await stream({ topP: 0.5 });
    expect(providers(trail())).toBe('abbb');
    await generate({ temperature: 1 });
    await generate({ topP: 0.9, temperature: 1 });
    expect(providers(trail())).toBe('abbbaab');
    expect(pool.explain()).toEqual([]);
  });

  it('may be anything of the call where the refusal does not say', async () => {
    const refusal = http(400, { error: { code: 'unsupported_value', message: 'not supported' } });
    const { generate, trail } = scene({
      a: { answer: ({ call }) => ('tools' in call.options ? refusal : 'fine') },
      b: {},
    });
    const tools = [{ type: 'function', name: 't', inputSchema: { type: 'object' } }];
    await generate({ tools, temperature: 0 });
    await generate({ tools, temperature: 0, maxOutputTokens: 5 });
    expect(providers(trail())).toBe('abb');
    await generate({ tools, temperature: 1 });
    await generate({ tools, temperature: 1 });
    expect(providers(trail())).toBe('abbabb');
  });

  it('is forgotten after a while, and never closes anything', async () => {
    const { generate, trail, clock } = scene({
      a: { answer: () => unsupported('image input') },
      b: {},
    });
    const image = user('see', { type: 'file', mediaType: 'image/png', data: new Uint8Array(1) });
    await generate(image);
    await generate(image);
    expect(providers(trail())).toBe('abb');
    await clock.advance(600_000);
    await generate(image);
    expect(providers(trail())).toBe('abbab');
  });

  it('is tried all the same where nothing else is left', async () => {
    const { generate, trail } = scene({ a: { answer: () => unsupported('top_p') } });
    for (let i = 0; i < 2; i++)
      expect(await rejection(generate({ topP: 1 }))).toBeInstanceOf(Error);
    expect(providers(trail())).toBe('aa');
  });
});
