import { describe, expect, it } from 'vitest';
import type { ModelResult } from '../config/types.ts';
import { schemaMismatch } from './schema-mismatch.ts';

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const responseFormat = { type: 'json', schema };

const judged = (
  options: object,
  text: string,
  result: ModelResult = {},
  finishReason = 'stop',
): boolean => schemaMismatch(result, { options: { ...options }, text, finishReason });

const calling = (args: string) => ({ toolCalls: [{ toolName: 'json', args }] });

describe('schemaMismatch', () => {
  it.each<[string, boolean, object, string]>([
    ['what fits', false, { responseFormat }, '{"city":"Rome"}'],
    ['what does not fit', true, { responseFormat }, '{"city":7}'],
    ['prose', true, { responseFormat }, 'Rome'],
    ['a fence', true, { responseFormat }, '```json\n{"city":"Rome"}\n```'],
    ['what broke off', true, { responseFormat }, '{"city":"Ro'],
    ['nothing', true, { responseFormat }, ''],
    ['any JSON where no schema was given', false, { responseFormat: { type: 'json' } }, '7'],
    ['no JSON where no schema was given', true, { responseFormat: { type: 'json' } }, 'Rome'],
    ['text where text was asked', false, { responseFormat: { type: 'text' } }, 'Rome'],
    ['text where nothing was asked', false, {}, 'Rome'],
    ['V1: what fits', false, { mode: { type: 'object-json', schema } }, '{"city":"Rome"}'],
    ['V1: what does not fit', true, { mode: { type: 'object-json', schema } }, '{}'],
    ['V1: any JSON', false, { mode: { type: 'object-json' } }, '{}'],
    ['V1: text', false, { mode: { type: 'regular' } }, 'Rome'],
    ['V1: an output', true, { mode: { type: 'regular' }, responseFormat }, 'Rome'],
  ])('%s: %s', (_, mismatch, options, text) => {
    expect(judged(options, text)).toBe(mismatch);
  });

  it('reads what the model marked as its object', () => {
    const [drafts, own] = ['{}{"city":"Rome"}', '{"city":"Rome"}'];
    expect(judged({ responseFormat }, drafts)).toBe(true);
    expect(judged({ responseFormat }, drafts, { structuredOutputText: own })).toBe(false);
    expect(judged({ responseFormat }, own, { structuredOutputText: '' })).toBe(true);
  });

  it('reads the arguments of ai 4’s object tool', () => {
    const mode = {
      type: 'object-tool',
      tool: { type: 'function', name: 'json', parameters: schema },
    };
    expect(judged({ mode }, '', calling('{"city":"Rome"}'), 'tool-calls')).toBe(false);
    expect(judged({ mode }, '', calling('{"town":"Rome"}'), 'tool-calls')).toBe(true);
    expect(judged({ mode }, '{"city":"Rome"}')).toBe(true);
    expect(judged({ mode }, 'Rome', { toolCalls: [] })).toBe(true);
  });

  it('a step that calls tools is no object yet; what the provider called itself is none', () => {
    const call = { type: 'tool-call', toolName: 'weather' };
    const text = { type: 'text', text: 'I will look.' };
    const options = { responseFormat };
    expect(judged(options, 'I will look.', { content: [text, call] }, 'tool-calls')).toBe(false);
    expect(judged(options, 'I will look.', { content: [text, call] })).toBe(false);
    expect(judged(options, '', {}, 'tool-calls')).toBe(false);
    expect(judged(options, 'Rome', { content: [{ ...call, providerExecuted: true }] })).toBe(true);
    expect(judged(options, 'I will look.', { toolCalls: [{ toolName: 'weather' }] })).toBe(false);
    expect(judged(options, 'Rome', { toolCalls: [] })).toBe(true);
  });

  it('says nothing of what cannot be read', () => {
    const thrower = new Proxy(
      {},
      {
        get() {
          throw new Error('no');
        },
      },
    );
    expect(judged({ responseFormat: thrower, mode: thrower }, 'Rome')).toBe(false);
    expect(judged({ responseFormat: { type: 'json', schema: thrower } }, '{}')).toBe(false);
  });
});
