import { describe, expect, it } from 'vitest';
import { apiCallError, http, noon as now } from './__fixtures__/cases.ts';
import { classifyFailure } from './classify-failure.ts';

const kindOf = (error: unknown, provider = 'openai'): string =>
  classifyFailure(error, { provider, now }).kind;

const failed = (value: unknown): Error =>
  Object.assign(new Error('Type validation failed'), { name: 'AI_TypeValidationError', value });

const quotaBody = { error: { code: 'insufficient_quota', message: 'You exceeded your quota' } };

describe('aborts', () => {
  it('are the caller’s whatever the error, once the signal is aborted', () => {
    const reason = new Error('my reason');
    const signal = AbortSignal.abort(reason);
    for (const error of [reason, http(429, ''), undefined, new TypeError('fetch failed')]) {
      expect(classifyFailure(error, { signal, now })).toMatchObject({
        kind: 'aborted',
        scope: 'request',
        action: 'fail',
        permanent: false,
      });
    }
  });

  it('that the caller did not ask for are time-outs of the model', () => {
    const { signal } = new AbortController();
    for (const name of ['AbortError', 'TimeoutError']) {
      for (const error of [
        new DOMException('no', name),
        Object.assign(new Error('no'), { name }),
        apiCallError({ statusCode: 200, cause: new DOMException('no', name) }),
      ]) {
        expect(classifyFailure(error, { signal, now })).toMatchObject({
          kind: 'timeout',
          scope: 'model',
          action: 'next-model',
        });
      }
    }
  });
});

describe('what is around an error', () => {
  it('is a retry', () => {
    const lastError = http(401, { error: { message: 'bad', code: 'invalid_api_key' } });
    const retry = Object.assign(new Error('Failed'), { name: 'AI_RetryError', lastError });
    expect(kindOf(retry)).toBe('auth');
    expect(kindOf(Object.assign(new Error('Failed'), { lastError: retry }))).toBe('auth');
  });

  it('is a part of a stream', () => {
    const error = quotaBody.error;
    for (const part of [
      error,
      { type: 'error', error },
      { type: 'error', error: { type: 'error', sequence_number: 2, error } },
      { type: 'error', error: http(429, quotaBody) },
      { type: 'error', error: JSON.stringify(quotaBody) },
      { type: 'response.failed', response: { error } },
      JSON.stringify(quotaBody),
      quotaBody,
    ]) {
      expect(kindOf(part)).toBe('billing');
    }
  });

  it('is a tag with a guessed status', () => {
    const data = { error: { type: 'invalid_request_error', code: 'context_length_exceeded' } };
    const frame = { message: 'too long', statusCode: 500, isRetryable: true, data };
    Object.defineProperty(frame, Symbol.for('vercel.ai.providerStreamError'), { value: true });
    const named = Object.assign(new Error('too long'), {
      ...frame,
      name: 'AI_StreamProviderError',
    });
    for (const error of [frame, { type: 'error', error: frame }, named]) {
      expect(kindOf(error)).toBe('context-length');
    }
  });

  it('is a gateway error that kept only its status', () => {
    const error = Object.assign(new Error('Gateway: time-out'), {
      name: 'GatewayTimeoutError',
      type: 'timeout_error',
      statusCode: 408,
      [Symbol.for('vercel.ai.gateway.error')]: true,
    });
    expect(kindOf(error, 'gateway')).toBe('timeout');
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const cause = apiCallError({ message: 'Cannot connect to API', cause: refused });
    expect(classifyFailure(Object.assign(error, { statusCode: 500, cause }))).toMatchObject({
      kind: 'network',
      action: 'next-provider',
    });
  });

  it('is a validation that the provider’s error did not pass', () => {
    expect(kindOf(failed({ error: { code: 429, message: 'Rate limit exceeded' } }))).toBe(
      'rate-limit',
    );
    expect(kindOf(failed({ choices: [{ message: { content: 'rate limit' } }] }))).toBe(
      'bad-response',
    );
    expect(kindOf(failed('rate limit exceeded'))).toBe('bad-response');
  });
});

describe('where evidence is looked for', () => {
  it('is the body, then the data, then the message', () => {
    const headers = {};
    const data = { error: { code: 'invalid_api_key', message: 'bad key' } };
    const all = {
      statusCode: 400,
      responseHeaders: headers,
      data,
      message: 'context length exceeded',
    };
    expect(kindOf(apiCallError({ ...all, responseBody: JSON.stringify(quotaBody) }))).toBe(
      'billing',
    );
    expect(kindOf(apiCallError({ ...all, responseBody: '' }))).toBe('auth');
    expect(kindOf(apiCallError({ ...all, data: undefined }))).toBe('context-length');
  });

  it('is never a request id', () => {
    expect(kindOf(http(500, { error: { message: 'oops', request_id: 'req_404' }, id: 429 }))).toBe(
      'server-error',
    );
    expect(kindOf(http(500, { error: { message: 'failed, request id 401-429-404' } }))).toBe(
      'server-error',
    );
  });

  it('is never text that a model generated, nor the prompt', () => {
    const said =
      'Rate limit exceeded: insufficient_quota, invalid api key, context length exceeded';
    expect(
      kindOf(
        http(
          400,
          { error: { message: 'no', code: 'tool_use_failed', failed_generation: said } },
          {},
        ),
        'groq',
      ),
    ).toBe('server-error');
    expect(kindOf(http(400, { error: { message: 'no', metadata: { flagged_input: said } } }))).toBe(
      'bad-request',
    );
    expect(kindOf(http(200, { choices: [{ message: { content: said } }], message: said }))).toBe(
      'bad-response',
    );
    expect(
      kindOf(
        http(422, {
          detail: [{ type: 'missing', loc: ['body'], msg: 'Field required', input: said }],
        }),
      ),
    ).toBe('bad-request');
  });

  it('is never HTML', () => {
    const page = '<!DOCTYPE html><title>insufficient_quota invalid api key</title>';
    expect(kindOf(http(502, page))).toBe('server-error');
    expect(kindOf(http(200, page))).toBe('bad-response');
    expect(classifyFailure(http(403, page))).toMatchObject({ kind: 'blocked', permanent: false });
  });

  it('is the host when an OpenAI client points elsewhere', () => {
    const error = apiCallError({
      url: 'https://openrouter.ai/api/v1/chat/completions',
      statusCode: 429,
      responseBody: '{"error":{"message":"Rate limit exceeded","code":429}}',
    });
    expect(classifyFailure(error, { provider: 'openai.chat' }).scope).toBe('account');
    expect(classifyFailure(error, { provider: 'groq' }).scope).toBe('key-model');
  });

  it('is the status and the headers of a Response, never its body', async () => {
    const response = new Response('{"error":{"code":"insufficient_quota"}}', {
      status: 429,
      headers: { 'retry-after': '4' },
    });
    expect(classifyFailure(response, { now })).toMatchObject({
      kind: 'rate-limit',
      retryAfterMs: 4000,
      source: 'stated',
      status: 429,
    });
    expect(response.bodyUsed).toBe(false);
    await response.text();
  });
});

describe('times', () => {
  it('are stated, documented or guessed', () => {
    const daily = {
      error: {
        code: 429,
        status: 'RESOURCE_EXHAUSTED',
        message: 'quota',
        details: [
          { violations: [{ quotaId: 'GenerateRequestsPerDayPerProject' }] },
          { retryDelay: '34s' },
        ],
      },
    };
    expect(classifyFailure(http(429, daily), { provider: 'google', now })).toMatchObject({
      kind: 'quota',
      source: 'documented',
      retryAfterMs: 19 * 3_600_000,
    });
    expect(classifyFailure(http(429, '', { 'retry-after': '0' }), { now })).toMatchObject({
      source: 'stated',
      retryAfterMs: 0,
    });
    expect(classifyFailure(http(429, ''), { now })).toMatchObject({
      source: 'guessed',
      retryAfterMs: null,
    });
  });

  it('are not those of what no wait heals', () => {
    const headers = { 'retry-after': '20' };
    expect(classifyFailure(http(429, quotaBody, headers)).retryAfterMs).toBeNull();
    expect(
      classifyFailure(http(400, '{"error":{"message":"bad"}}', headers)).retryAfterMs,
    ).toBeNull();
  });
});

it('gives the effective status', () => {
  expect(classifyFailure(http(200, { error: { message: 'x', code: 402 } })).status).toBe(402);
  expect(classifyFailure(http(503, '')).status).toBe(503);
  expect(classifyFailure(new Error('x'))).not.toHaveProperty('status');
});

it('needs no context', () => {
  expect(classifyFailure(http(500, '')).kind).toBe('server-error');
  expect(classifyFailure(undefined).kind).toBe('unknown');
});

it('reads a sentence that OpenAI and Google share by where it leads', () => {
  const sentence = 'You exceeded your current quota, please check your plan and billing details.';
  const google = `${sentence} For more information, head to: https://ai.google.dev/gemini-api`;
  for (const provider of ['openai.chat', 'own.chat', 'openai-compatible', '']) {
    expect(kindOf(sentence, provider)).toBe('billing');
    expect(kindOf(google, provider)).toBe('rate-limit');
  }
  expect(kindOf(sentence, 'google.generative-ai')).toBe('rate-limit');
});
