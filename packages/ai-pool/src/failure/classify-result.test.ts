import { describe, expect, it } from 'vitest';
import { noon } from './__fixtures__/cases.ts';
import { classifyResult } from './classify-result.ts';

const now = noon;
const kindOf = (result: unknown, provider = 'openrouter'): string | undefined =>
  classifyResult(result, { provider, now })?.kind;

const brokenChoice = {
  id: 'gen-test',
  choices: [
    {
      message: { role: 'assistant', content: 'rate limit reached' },
      finish_reason: 'error',
      error: { code: 502, message: 'gone', metadata: { error_type: 'provider_unavailable' } },
    },
  ],
};

describe('a result', () => {
  it.each(['stop', 'length', 'tool-calls', 'content-filter'])(
    'that ended by %s is an answer',
    reason => {
      expect(kindOf({ finishReason: reason, text: '' })).toBeUndefined();
      expect(kindOf({ finishReason: reason, content: [] })).toBeUndefined();
      expect(
        kindOf({ finishReason: { unified: reason, raw: reason }, content: [] }),
      ).toBeUndefined();
    },
  );

  it.each<[string, unknown]>([
    ['of the first generation', { finishReason: 'unknown', text: '' }],
    ['of the second', { finishReason: 'unknown', content: [] }],
    ['of the third', { finishReason: { unified: 'other', raw: undefined }, content: [] }],
    [
      'of the fourth',
      { finishReason: { unified: 'interrupted' }, content: [{ type: 'text', text: '' }] },
    ],
    ['without a reason', { content: [] }],
    ['that is nothing', undefined],
    ['with an error finish and output', { finishReason: 'error', text: 'half' }],
    [
      'with a raw error',
      {
        finishReason: { unified: 'other', raw: 'error' },
        content: [{ type: 'text', text: 'half' }],
      },
    ],
  ])('%s is a bad response', (_, result) => {
    expect(classifyResult(result, { now })).toMatchObject({
      kind: 'bad-response',
      scope: 'provider',
      action: 'same-key',
    });
  });

  it.each<[string, unknown]>([
    ['text', { finishReason: 'unknown', text: 'a' }],
    ['reasoning', { finishReason: 'unknown', reasoning: 'a' }],
    ['files', { finishReason: 'unknown', files: [{}] }],
    ['tool calls', { finishReason: 'unknown', toolCalls: [{}] }],
    ['content', { finishReason: 'other', content: [{ type: 'text', text: 'a' }] }],
    ['a tool call', { finishReason: { unified: 'other' }, content: [{ type: 'tool-call' }] }],
  ])('that ended oddly with %s is an answer', (_, result) => {
    expect(kindOf(result)).toBeUndefined();
  });

  it('is classified from the error that its body carries', () => {
    const finishReason = { unified: 'other', raw: 'error' };
    for (const body of [brokenChoice, JSON.stringify(brokenChoice)]) {
      const expected = { kind: 'server-error', scope: 'model', action: 'next-model', status: 502 };
      expect(
        classifyResult(
          { finishReason, content: [], response: { body } },
          { provider: 'openrouter' },
        ),
      ).toMatchObject(expected);
      expect(
        classifyResult(
          { finishReason: 'error', text: '', rawResponse: { body } },
          { provider: 'openrouter' },
        ),
      ).toMatchObject(expected);
    }
    const body = { error: { code: 429, message: 'x', status: 'RESOURCE_EXHAUSTED' } };
    const response = { body, headers: { 'retry-after': '3' } };
    expect(
      classifyResult(
        { finishReason: 'unknown', content: [], response },
        { provider: 'google', now },
      ),
    ).toMatchObject({ kind: 'rate-limit', retryAfterMs: 3000, source: 'stated' });
  });

  it('is never classified from what the model said', () => {
    const body = { choices: [{ message: { content: '{"error":{"code":"insufficient_quota"}}' } }] };
    expect(kindOf({ finishReason: 'unknown', content: [], response: { body } })).toBe(
      'bad-response',
    );
  });

  it('knows a refused prompt and a malformed call of Gemini', () => {
    const body = { promptFeedback: { blockReason: 'SAFETY' } };
    expect(kindOf({ finishReason: 'unknown', content: [], response: { body } }, 'google')).toBe(
      'content-filter',
    );
    expect(
      kindOf(
        { finishReason: { unified: 'error', raw: 'MALFORMED_FUNCTION_CALL' }, content: [] },
        'google',
      ),
    ).toBe('server-error');
  });
});

const part = (finishReason: unknown): unknown => ({ type: 'finish', finishReason, usage: {} });

describe('a finish part', () => {
  it('is a failure when it says error', () => {
    expect(kindOf(part('error'))).toBe('bad-response');
    expect(kindOf(part({ unified: 'error' }))).toBe('bad-response');
    expect(kindOf(part({ unified: 'other', raw: 'error' }), 'openai')).toBe('bad-response');
  });

  it('is about one model when OpenRouter says that its upstream broke off', () => {
    const finish = part({ unified: 'other', raw: 'error' });
    expect(classifyResult(finish, { provider: 'openrouter.chat', now })).toMatchObject({
      kind: 'server-error',
      scope: 'model',
      action: 'next-model',
    });
  });

  it('that is odd is a failure only after no output', () => {
    for (const odd of ['unknown', 'other', { unified: 'interrupted' }, undefined]) {
      expect(classifyResult(part(odd))).toBeUndefined();
      expect(classifyResult(part(odd), { hasOutput: true })).toBeUndefined();
      expect(classifyResult(part(odd), { hasOutput: false })?.kind).toBe('bad-response');
    }
    expect(classifyResult(part('stop'), { hasOutput: false })).toBeUndefined();
  });
});

it('never throws', () => {
  const nasty = new Proxy(
    {},
    {
      get: () => {
        throw new Error('no');
      },
    },
  );
  for (const value of [nasty, null, 7, '', [], { finishReason: 'error', response: nasty }]) {
    expect(classifyResult(value)?.kind).toBe('bad-response');
  }
});
