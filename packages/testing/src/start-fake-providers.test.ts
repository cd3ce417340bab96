import { describe, expect, test, vi } from 'vitest';
import { ask, limitsOf, start, type Asked } from './__fixtures__/ask.ts';
import type { FakeProviderConfig } from './fake-providers-config.ts';
import { protocols } from './protocols/protocols.ts';
import { createVirtualClock } from './virtual-clock.ts';

const prompt = { messages: [{ role: 'user', content: 'Hello' }] };

async function post(url: string, body: object): Promise<unknown> {
  const headers = { authorization: 'Bearer sk-good', 'x-goog-api-key': 'sk-good' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return await response.json();
}

const all = ['openai', 'google', 'openrouter', 'anthropic'] as const;

describe('healthy answers', () => {
  test('are embeddings, too', async () => {
    const fakes = await start({ providers: { openai: {}, google: {} } });
    const openai = await post(`${fakes.baseURL('openai')}/embeddings`, {
      model: 'text-embedding-3-small',
      input: ['a', 'b'],
    });
    expect(openai).toMatchObject({ data: [{ index: 0 }, { index: 1 }] });
    const google = await post(`${fakes.baseURL('google')}/models/e:batchEmbedContents`, {
      requests: [{ content: { parts: [{ text: 'a' }] } }, { content: { parts: [{ text: 'b' }] } }],
    });
    expect(google).toMatchObject({
      embeddings: [{ values: { length: 768 } }, { values: { length: 768 } }],
    });
    expect(fakes.requests.map(({ status, model }) => [status, model])).toEqual([
      [200, 'text-embedding-3-small'],
      [200, 'e'],
    ]);
  });

  test('are images, speech and transcripts, too', async () => {
    const fakes = await start({ providers: { openai: {} } });
    const base = fakes.baseURL('openai');
    const image = await post(`${base}/images/generations`, { model: 'gpt-image-1', prompt: 'a' });
    expect(image).toMatchObject({ data: [{ b64_json: expect.any(String) }] });

    const headers = { authorization: 'Bearer sk-good' };
    const said = JSON.stringify({ model: 'tts-1', input: 'a', voice: 'alloy' });
    const speech = await fetch(`${base}/audio/speech`, { method: 'POST', headers, body: said });
    expect((await speech.arrayBuffer()).byteLength).toBeGreaterThan(0);

    const body = new FormData();
    body.append('model', 'whisper-1');
    body.append('file', new Blob(['a sound']), 'a.wav');
    const heard = await fetch(`${base}/audio/transcriptions`, { method: 'POST', headers, body });
    expect(await heard.json()).toMatchObject({
      text: expect.stringContaining('nobody had to wait'),
    });
    expect(fakes.requests.map(({ status, model }) => [status, model])).toEqual([
      [200, 'gpt-image-1'],
      [200, 'tts-1'],
      [200, 'whisper-1'],
    ]);
  });

  test.each(all)('of %s carry the reply and usage', async provider => {
    const fakes = await start({
      providers: { openai: {}, google: {}, openrouter: {}, anthropic: {} },
      reply: ({ provider: name, key, model }) => `${name} ${key} ${model}`,
    });
    const body = await (await ask(fakes, provider)).text();
    expect(body).toContain(`"${provider} key-1 some-model"`);
    expect(body).toMatch(
      /"(prompt_tokens|promptTokenCount|input_tokens)":[1-9]\d*,"(\w+)":[1-9]\d*/,
    );
    expect(fakes.requests).toMatchObject([
      { provider, key: 'key-1', model: 'some-model', stream: false, status: 200 },
    ]);
  });

  test.each(all)('of %s are streamed in chunks', async provider => {
    const fakes = await start({
      providers: { openai: {}, google: {}, openrouter: {}, anthropic: {} },
      reply: 'abcdefghij klmnopqrst',
      chunkSize: 10,
    });
    const response = await ask(fakes, provider, { stream: true });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const events = (await response.text()).split('\n\n');
    expect(events.filter(event => event.includes('"abcdefghij"'))).toHaveLength(1);
    expect(events.filter(event => event.includes('" klmnopqrs"'))).toHaveLength(1);
    expect(fakes.requests).toMatchObject([{ provider, stream: true, status: 200 }]);
  });

  test('of Google tell the usage so far with each chunk', async () => {
    const fakes = await start({
      providers: { google: {} },
      reply: { text: 'abcdefghij "quoted" end', usage: { inputTokens: 3, outputTokens: 5 } },
      chunkSize: 8,
    });
    const response = await ask(fakes, 'google', { stream: true });
    const counts = (await response.text()).matchAll(/"candidatesTokenCount":(\d+)/g);
    expect(Array.from(counts, ([, count]) => Number(count))).toEqual([2, 4, 5]);
  });

  test('may be tool calls', async () => {
    const fakes = await start({
      providers: { openai: {} },
      reply: { toolCalls: [{ toolName: 'go', input: { to: 1 } }] },
    });
    const response = await ask(fakes, 'openai');
    expect(await response.json()).toMatchObject({
      choices: [{ message: { tool_calls: [{ function: { name: 'go', arguments: '{"to":1}' } }] } }],
    });
  });

  test('say how much of the quota is left', async () => {
    const clock = createVirtualClock(1_700_000_000_000);
    const fakes = await start({
      clock,
      providers: {
        openai: { keys: { 'sk-good': { rpm: 5, account: 'acme' } } },
        anthropic: { keys: { 'sk-good': { rpm: 5 } } },
      },
    });
    const { headers } = await ask(fakes, 'openai');
    expect(headers.get('x-ratelimit-limit-requests')).toBe('5');
    expect(headers.get('x-ratelimit-remaining-requests')).toBe('4');
    expect(headers.get('x-ratelimit-reset-requests')).toBe('1m0s');
    expect(headers.get('openai-organization')).toMatch(/^org-\w{24}$/);
    const anthropic = (await ask(fakes, 'anthropic')).headers;
    expect(anthropic.get('anthropic-ratelimit-requests-remaining')).toBe('4');
    expect(anthropic.get('anthropic-ratelimit-requests-reset')).toBe('2023-11-14T22:14:20Z');
  });
});

describe('refusals', () => {
  const config: FakeProviderConfig = {
    keys: {
      'sk-good': {},
      'sk-limited': { rpm: 0, retryAfterMs: 1_500 },
      'sk-silent': { rpm: 0, retryAfterMs: null },
      'sk-dead-0123456789': { invalid: true },
      'sk-narrow': { noAccess: ['some-model'] },
    },
    models: { 'model-gone': { missing: true }, 'model-busy': { overloaded: true } },
  };
  const setUp = async () =>
    await start({
      clock: createVirtualClock(1_700_000_000_000),
      providers: { openai: config, google: config, openrouter: config, anthropic: config },
    });

  test.each(all)('of %s', async provider => {
    const fakes = await setUp();
    const answers = {
      limited: await limitsOf(await ask(fakes, provider, { key: 'sk-limited' })),
      limitedWithoutHint: await limitsOf(await ask(fakes, provider, { key: 'sk-silent' })),
      invalidKey: await limitsOf(await ask(fakes, provider, { key: 'sk-dead-0123456789' })),
      unlistedKey: await limitsOf(await ask(fakes, provider, { key: 'sk-nobody' })),
      noAccess: await limitsOf(await ask(fakes, provider, { key: 'sk-narrow' })),
      missingModel: await limitsOf(await ask(fakes, provider, { model: 'model-gone' })),
      overloaded: await limitsOf(await ask(fakes, provider, { model: 'model-busy' })),
    };
    fakes.provider(provider).set({ down: 500 });
    expect({ ...answers, down: await limitsOf(await ask(fakes, provider)) }).toMatchSnapshot();
    expect(
      fakes.requests.map(({ key, refusal: reason, retryAfterMs }) => [key, reason, retryAfterMs]),
    ).toEqual([
      ['key-2', 'rate-limit', 1_500],
      ['key-3', 'rate-limit', undefined],
      ['key-4', 'invalid-key', undefined],
      ['unlisted-1', 'invalid-key', undefined],
      ['key-5', 'no-access', undefined],
      ['key-1', 'missing-model', undefined],
      ['key-1', 'overloaded', undefined],
      ['key-1', 'down', undefined],
    ]);
    expect(JSON.stringify(fakes.requests)).not.toContain('sk-');
  });

  test('of a request without a key', async () => {
    const fakes = await setUp();
    for (const provider of all) {
      const response = await fetch(`${fakes.baseURL(provider)}/models/x:generateContent`, {
        method: 'POST',
        body: '{"model":"x"}',
      });
      expect([401, 403]).toContain(response.status);
      await response.text();
    }
    expect(fakes.requests.map(({ key }) => key)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('in free form', async () => {
    const fakes = await start({
      providers: {
        openai: {
          keys: {
            'sk-poor': {
              id: 'poor',
              refuse: { status: 402, headers: { 'x-why': 'money' }, body: { error: 'pay' } },
            },
            'sk-good': {},
          },
          models: { tea: { refuse: { status: 418, body: 'I am a teapot' } } },
        },
      },
    });
    const poor = await ask(fakes, 'openai', { key: 'sk-poor' });
    expect([poor.status, poor.headers.get('x-why'), await poor.json()]).toEqual([
      402,
      'money',
      { error: 'pay' },
    ]);
    const tea = await ask(fakes, 'openai', { model: 'tea' });
    expect([tea.status, await tea.text()]).toEqual([418, 'I am a teapot']);
    expect(fakes.requests).toMatchObject([
      { key: 'poor', refusal: 'scripted', status: 402 },
      { key: 'key-2', refusal: 'scripted', status: 418 },
    ]);
  });

  test('by status alone are in the own words of the provider', async () => {
    const fakes = await start({ providers: { openai: {}, openrouter: {} } });
    const message = async (provider: 'openai' | 'openrouter', status: number): Promise<string> => {
      fakes.provider(provider).failNext({ status });
      const response = await ask(fakes, provider);
      expect(response.status).toBe(status);
      return await response.text();
    };
    expect(await message('openrouter', 402)).toContain('Insufficient credits');
    expect(await message('openai', 402)).toContain('could not be served');
    expect(await message('openai', 404)).toContain('has been deprecated');
    expect(await message('openai', 429)).toContain('requests per min (RPM)');
  });
});

/** How often each status was answered. */
async function statuses(answers: Promise<Response>[]): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const answer of answers) {
    const response = await answer;
    await response.text();
    counts[response.status] = (counts[response.status] ?? 0) + 1;
  }
  return counts;
}

describe('quotas', () => {
  test('count by the given clock, per key', async () => {
    const clock = createVirtualClock();
    const fakes = await start({
      clock,
      providers: { openai: { keys: { 'sk-good': { rpm: 2 }, 'sk-other': { rpm: 1 } } } },
    });
    const three = () => [1, 2, 3].map(async () => await ask(fakes, 'openai'));
    const served = { 200: 2, 429: 1 };
    expect(await statuses(three())).toEqual(served);
    expect((await ask(fakes, 'openai', { key: 'sk-other' })).status).toBe(200);
    await clock.advance(59_000);
    const refused = await ask(fakes, 'openai');
    expect(refused.headers.get('retry-after-ms')).toBe('1000');
    await clock.advance(1_000);
    expect(await statuses(three())).toEqual(served);
  });

  test('are shared by the keys of an account', async () => {
    const fakes = await start({
      providers: {
        openai: {
          accounts: { acme: { rpm: 3 } },
          keys: { 'sk-good': { account: 'acme' }, 'sk-other': { account: 'acme', rpm: 1 } },
        },
      },
    });
    const asked = ['sk-other', 'sk-other', 'sk-good', 'sk-good', 'sk-good'];
    const seen = [];
    for (const key of asked) seen.push((await ask(fakes, 'openai', { key })).status);
    expect(seen).toEqual([200, 429, 200, 200, 429]);
    expect(fakes.requests[0]).toMatchObject({ account: 'acme' });
  });

  test('may be counted per model, and are full again after reset', async () => {
    const fakes = await start({
      providers: { openai: { keys: { 'sk-good': { rpm: 1, perModel: true } } } },
    });
    const both = async () => [
      (await ask(fakes, 'openai', { model: 'a' })).status,
      (await ask(fakes, 'openai', { model: 'b' })).status,
      (await ask(fakes, 'openai', { model: 'b' })).status,
    ];
    expect(await both()).toEqual([200, 200, 429]);
    fakes.reset();
    expect(fakes.requests).toEqual([]);
    expect(await both()).toEqual([200, 200, 429]);
    expect(fakes.requests).toHaveLength(3);
  });
});

describe('faults', () => {
  test('are met one by one, and then all is well', async () => {
    const fakes = await start({ providers: { openai: {} } });
    fakes
      .provider('openai')
      .failNext({ status: 500 }, 'reset', 'ok', { status: 503 })
      .failNext({ status: 429, retryAfterMs: null });
    const seen: (number | string)[] = [];
    for (let index = 0; index < 6; index += 1) {
      try {
        const response = await ask(fakes, 'openai');
        seen.push(response.headers.has('retry-after') ? 'hint' : response.status);
      } catch (error) {
        seen.push(error instanceof TypeError ? 'broken' : String(error));
      }
    }
    expect(seen).toEqual([500, 'broken', 200, 503, 429, 200]);
    expect(fakes.requests.map(({ status }) => status)).toEqual([500, 0, 200, 503, 429, 200]);
    expect(fakes.requests[1]).toMatchObject({ refusal: 'scripted' });
    expect(fakes.requests[1]?.aborted).toBeUndefined();
  });

  test('may be meant for one key, one model, or one key on one model', async () => {
    const fakes = await start({ providers: { openai: { keys: { one: {}, two: {} } } } });
    const openai = fakes.provider('openai');
    openai.key('one').failNext({ status: 500 });
    openai.model('big').failNext({ status: 503 }, 'ok', { status: 429 });
    openai.target('two', 'big').failNext({ status: 502 });
    const status = async (key: string, model: string): Promise<number> =>
      (await ask(fakes, 'openai', { key, model })).status;
    expect(await status('two', 'small')).toBe(200);
    expect(await status('one', 'small')).toBe(500);
    expect(await status('one', 'small')).toBe(200);
    // What was said first comes first.
    for (const expected of [503, 200, 429, 502, 200]) {
      expect(await status('two', 'big')).toBe(expected);
    }
    openai.target('two', 'big').failNext({ status: 500 });
    fakes.reset();
    expect(await status('two', 'big')).toBe(200);
  });

  test.each(all)('break streams of %s where they are told to', async provider => {
    const fakes = await start({
      providers: { openai: {}, google: {}, openrouter: {}, anthropic: {} },
      reply: 'onetwothreefour',
      chunkSize: 3,
    });
    const isOutput = (event: string): boolean => protocols[provider].isOutput(event);
    const read = async (): Promise<[string[], string | undefined]> => {
      const response = await ask(fakes, provider, { stream: true });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/event-stream');
      let text = '';
      let ended;
      try {
        for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
      } catch (error) {
        ended = error instanceof Error ? error.message : String(error);
      }
      return [text.split('\n\n').filter(event => event !== ''), ended];
    };
    fakes.provider(provider).failNext({ afterChunks: 2, ending: 'end' });
    const [events, ended] = await read();
    expect(events.filter(isOutput)).toHaveLength(2);
    expect(isOutput(events.at(-1) ?? '')).toBe(true);
    expect(ended).toBeUndefined();

    fakes.provider(provider).failNext({ afterChunks: 2, ending: 'reset' });
    expect(await read()).toEqual([
      expect.objectContaining({ length: events.length }),
      'terminated',
    ]);

    fakes.provider(provider).failNext({ afterChunks: 0, ending: 'error' });
    const [failure] = await read();
    expect(failure).toHaveLength(1);
    expect(failure[0]).toMatch(/^(event: error\n)?data: \{.*"error":\{/);

    fakes.provider(provider).failNext({ afterChunks: 0, preamble: true, ending: 'end' });
    const [preamble] = await read();
    expect(preamble.some(isOutput)).toBe(false);

    await fakes.idle();
    expect(fakes.requests.every(({ status, aborted }) => status === 200 && !aborted)).toBe(true);
  });

  test('change at run time', async () => {
    const fakes = await start({ providers: { openai: { keys: { 'sk-good': {} } } } });
    const openai = fakes.provider('openai');
    const status = async (asked?: Asked) => (await ask(fakes, 'openai', asked)).status;
    expect(await status({ key: 'sk-new' })).toBe(401);
    openai.key('sk-new').set({});
    expect(await status({ key: 'sk-new' })).toBe(200);
    openai.key('sk-good').set({ rpm: 0 });
    expect(await status()).toBe(429);
    openai.key('sk-good').set({ rpm: undefined });
    expect(await status()).toBe(200);
    openai.model('some-model').set({ missing: true });
    expect(await status()).toBe(404);
    openai.model('some-model').set({ missing: undefined, overloaded: true });
    expect(await status()).toBe(503);
    openai.model('some-model').set({ overloaded: false });
    openai.set({ down: 502 });
    expect(await status()).toBe(502);
    openai.set({ down: 'reset' });
    await expect(status()).rejects.toThrow(TypeError);
    openai.set({ down: undefined });
    expect(await status()).toBe(200);
  });
});

test.each([false, true])('records aborted requests (streamed: %s)', async stream => {
  const fakes = await start({ providers: { openai: {} }, chunkLatencyMs: 20 });
  if (!stream) fakes.provider('openai').failNext('hang');
  const controller = new AbortController();
  const answer = ask(fakes, 'openai', { stream, signal: controller.signal });
  await vi.waitFor(() => expect(fakes.requests).toHaveLength(1));
  if (stream) await (await answer).body?.getReader().read();
  controller.abort();
  await answer.catch(() => {});
  await fakes.idle();
  expect(fakes.requests).toMatchObject([{ aborted: true, status: stream ? 200 : 0 }]);
  expect((await ask(fakes, 'openai')).status).toBe(200);
});

test('waits before an answer, and no longer when the client is gone', async () => {
  const fakes = await start({ providers: { openai: { latencyMs: 60 } } });
  const began = performance.now();
  await ask(fakes, 'openai');
  expect(performance.now() - began).toBeGreaterThan(55);
  fakes.provider('openai').set({ latencyMs: 60_000 });
  const controller = new AbortController();
  const answer = ask(fakes, 'openai', { signal: controller.signal });
  await vi.waitFor(() => expect(fakes.requests).toHaveLength(2));
  controller.abort();
  await expect(answer).rejects.toThrow('aborted');
  await fakes.idle();
  expect(fakes.requests.at(-1)).toMatchObject({ status: 0, aborted: true });
});

test('serves 1,000 requests in parallel', async () => {
  const fakes = await start({ providers: { openai: { keys: { 'sk-good': { rpm: 400 } } } } });
  const seen = await Promise.all(
    Array.from({ length: 1_000 }, async (_, index) => {
      const response = await ask(fakes, 'openai', { stream: index % 2 === 0 });
      await response.text();
      return response.status;
    }),
  );
  expect(seen.filter(status => status === 200)).toHaveLength(400);
  expect(seen.filter(status => status === 429)).toHaveLength(600);
  expect(fakes.requests).toHaveLength(1_000);
});

test('names: ids of keys, providers of any name', async () => {
  const fakes = await start({
    providers: {
      groq: { protocol: 'openai', keys: { 'sk-a': { id: 'main' }, 'sk-b': {} } },
      openai: { keys: { 'sk-c': {} } },
    },
  });
  expect(['sk-a', 'sk-b', 'sk-c'].map(secret => fakes.keyId(secret))).toEqual([
    'main',
    'key-2',
    'key-1',
  ]);
  expect(() => fakes.keyId('sk-secret')).toThrow(/^(?!.*sk-secret)/);
  const response = await fetch(`${fakes.baseURL('groq')}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-a' },
    body: JSON.stringify({ model: 'llama', ...prompt }),
  });
  expect(response.status).toBe(200);
  expect(fakes.provider('groq').requests).toMatchObject([{ provider: 'groq', key: 'main' }]);
  expect(fakes.provider('openai').requests).toEqual([]);
});

test('takes the Gemini key from the query, too', async () => {
  const fakes = await start({ providers: { google: { keys: { 'AIza-good': {} } } } });
  const response = await fetch(
    `${fakes.baseURL('google')}/models/gemini-2.5-flash:generateContent?key=AIza-good`,
    { method: 'POST', body: '{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}' },
  );
  expect(response.status).toBe(200);
  expect(fakes.requests).toMatchObject([{ key: 'key-1', model: 'gemini-2.5-flash' }]);
});
