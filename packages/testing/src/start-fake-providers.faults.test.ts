import { describe, expect, test } from 'vitest';
import { ask, start, type Asked } from './__fixtures__/ask.ts';
import type { FakeFault } from './fake-fault.ts';
import { protocols } from './protocols/protocols.ts';
import type { FakeProviders } from './start-fake-providers.ts';
import { createVirtualClock } from './virtual-clock.ts';

const reply = 'onetwothreefour';
const chunks = 5;

/** Every way in which answers are written: protocol, and whether it is OpenAI's other API. */
const wires = [
  ['openai chat', 'openai', false],
  ['openai responses', 'openai', true],
  ['google', 'google', false],
  ['openrouter', 'openrouter', false],
  ['anthropic', 'anthropic', false],
] as const;

async function setUp(): Promise<FakeProviders> {
  return await start({
    clock: createVirtualClock(1_700_000_000_000),
    providers: { openai: {}, google: {}, openrouter: {}, anthropic: {} },
    reply,
    chunkSize: 3,
  });
}

/** What an answer brings, until it ends or breaks off. */
async function read(response: Response): Promise<{ text: string; broken: boolean }> {
  let text = '';
  try {
    for await (const part of response.body ?? []) text += Buffer.from(part).toString();
  } catch {
    return { text, broken: true };
  }
  return { text, broken: false };
}

function eventsOf(text: string): string[] {
  return text.split('\n\n').filter(event => event !== '');
}

/** Whether each event of a stream can be read. */
function canBeRead(event: string): boolean {
  const data = /^data: (.*)$/m.exec(event)?.[1];
  if (data === undefined || data === '[DONE]') return true;
  try {
    JSON.parse(data);
    return true;
  } catch {
    return false;
  }
}

describe.each(wires)('%s', (_, protocol, responses) => {
  const isOutput = (event: string): boolean => protocols[protocol].isOutput(event);

  async function meet(
    fault: FakeFault,
    asked: Asked = {},
  ): Promise<{ response: Response; text: string; broken: boolean; fakes: FakeProviders }> {
    const fakes = await setUp();
    fakes.provider(protocol).failNext(fault);
    const response = await ask(fakes, protocol, { responses, ...asked });
    return { response, fakes, ...(await read(response)) };
  }

  test.each(['context-length', 'content-filter', 'no-prefill'] as const)(
    'refuses: %s',
    async fault => {
      const { response, text, fakes } = await meet(fault, { prefill: 'one' });
      expect({ status: response.status, body: JSON.parse(text) }).toMatchSnapshot();
      expect(fakes.requests).toMatchObject([{ refusal: 'scripted', status: response.status }]);
    },
  );

  test('a filtered prompt is refused in the form that was asked for', async () => {
    const { response, text } = await meet('content-filter', { stream: true });
    const streamed = protocol === 'google';
    expect(response.headers.get('content-type')).toBe(
      streamed ? 'text/event-stream' : 'application/json',
    );
    expect(text).toMatch(
      streamed ? /^data: \{"promptFeedback":\{"blockReason":.*\n\n$/ : /^\{.*"error":\{/,
    );
  });

  test('a prompt that ends with the user is no prefill', async () => {
    expect((await meet('no-prefill')).text).toContain(reply);
  });

  test.each([false, true])('a page in HTML, stream %s', async stream => {
    const { response, text } = await meet('html-page', { stream });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    expect(text).toMatch(/^<!doctype html>/);
  });

  test.each([false, true])('a body that is not gzip, stream %s', async stream => {
    const { response, text, broken } = await meet('invalid-gzip', { stream });
    expect([response.status, text, broken]).toEqual([200, '', true]);
  });

  test('nothing but headers of an answer that is no stream', async () => {
    const { response, text, broken } = await meet({ afterChunks: 0, ending: 'reset' });
    expect([response.status, text, broken]).toEqual([200, '', true]);
  });

  test.each(['end', 'reset', 'malformed'] as const)('half an answer, then %s', async ending => {
    const { text, broken } = await meet({ afterChunks: 1, ending });
    expect(text).toMatch(/^\{/);
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
    expect(broken).toBe(ending === 'reset');
  });

  test('an error in place of an answer', async () => {
    const { response, text } = await meet({ afterChunks: 0, ending: 'error' });
    expect(response.status).toBe(200);
    expect(JSON.parse(text)).toMatchSnapshot();
  });

  test.each([0, 2])('after %s chunks a malformed one, and the rest', async afterChunks => {
    const { text, broken } = await meet({ afterChunks, ending: 'malformed' }, { stream: true });
    const events = eventsOf(text);
    expect(events.map(canBeRead).filter(good => !good)).toHaveLength(1);
    const spoilt = events.findIndex(event => !canBeRead(event));
    expect(events.slice(0, spoilt).filter(isOutput)).toHaveLength(afterChunks);
    expect(protocols[protocol].isEnd(events.at(-1) ?? '')).toBe(true);
    expect(broken).toBe(false);
  });

  test('with its preamble, the first chunk of output is malformed', async () => {
    const fault = { afterChunks: 0, preamble: true, ending: 'malformed' } as const;
    const events = eventsOf((await meet(fault, { stream: true })).text);
    const whole = eventsOf((await meet('ok', { stream: true })).text);
    expect(events.findIndex(event => !canBeRead(event))).toBe(whole.findIndex(isOutput));
  });

  test('no end marker', async () => {
    const whole = eventsOf((await meet('ok', { stream: true })).text);
    const events = eventsOf((await meet({ endMarker: false }, { stream: true })).text);
    expect(events).toHaveLength(whole.length - 1);
    expect(events.some(event => protocols[protocol].isEnd(event))).toBe(false);
    expect(events.filter(isOutput)).toHaveLength(protocol === 'google' ? chunks - 1 : chunks);
  });

  test.each([false, true])('chunks of 100 kB, stream %s', async stream => {
    const { text, broken } = await meet({ chunkBytes: 100_000 }, { stream });
    expect(broken).toBe(false);
    const large = stream ? eventsOf(text).filter(isOutput) : [text];
    expect(large).toHaveLength(stream ? chunks : 1);
    expect(large.every(event => event.length >= 99_998)).toBe(true);
    expect(eventsOf(text).every(canBeRead)).toBe(true);
  });

  test('a slow drip is a whole answer', async () => {
    const drip = { firstChunkMs: 2, chunkMs: 2 };
    expect(eventsOf((await meet(drip, { stream: true })).text).filter(isOutput)).toHaveLength(
      chunks,
    );
    expect(JSON.stringify(JSON.parse((await meet(drip)).text))).toContain(reply);
  });

  test('keep-alives while the first chunk takes its time', async () => {
    const { text } = await meet({ firstChunkMs: 60, keepAliveMs: 5 }, { stream: true });
    const events = eventsOf(text);
    const keepAlive = protocols[protocol].keepAlive(responses ? '/responses' : '').trimEnd();
    const first = events.findIndex(isOutput);
    expect(events.slice(0, first)).toContain(keepAlive);
    expect(events.slice(first)).not.toContain(keepAlive);
    expect(events.filter(isOutput)).toHaveLength(chunks);
    const whole = await meet({ firstChunkMs: 60, keepAliveMs: 5 });
    expect(whole.text).toMatch(/^\n+\{/);
    expect(whole.text).toContain(reply);
  });

  test.each([
    ['keep-alives without end', { firstChunkMs: Number.POSITIVE_INFINITY, keepAliveMs: 2 }],
    ['a stall with keep-alives', { afterChunks: 2, ending: 'hang', keepAliveMs: 2 }],
  ] as const)('%s, until the client leaves', async (__, fault) => {
    const fakes = await setUp();
    fakes.provider(protocol).failNext(fault);
    const controller = new AbortController();
    const { signal } = controller;
    const response = await ask(fakes, protocol, { responses, stream: true, signal });
    const keepAlive = protocols[protocol].keepAlive(responses ? '/responses' : '');
    let text = '';
    await expect(async () => {
      for await (const part of response.body ?? []) {
        text += Buffer.from(part).toString();
        if (text.split(keepAlive).length > 5) controller.abort();
      }
    }).rejects.toThrow('aborted');
    expect(eventsOf(text).filter(isOutput)).toHaveLength('ending' in fault ? 2 : 0);
    await fakes.idle();
    expect(fakes.requests).toMatchObject([{ status: 200, aborted: true }]);
  });
});

test('faults that last: in turn, by the clock, after those that come next', async () => {
  const clock = createVirtualClock();
  const fakes = await start({ clock, providers: { openai: {} } });
  const openai = fakes.provider('openai');
  const statuses = async (count: number): Promise<number[]> => {
    const seen: number[] = [];
    for (let asked = 0; asked < count; asked += 1) {
      const response = await ask(fakes, 'openai');
      await response.text();
      seen.push(response.status);
    }
    return seen;
  };
  openai.failFor(60_000, { status: 503 }, 'ok', { status: 500 }).failNext({ status: 502 });
  expect(await statuses(5)).toEqual([502, 503, 200, 500, 503]);
  await clock.advance(59_999);
  expect(await statuses(2)).toEqual([200, 500]);
  await clock.advance(1);
  expect(await statuses(2)).toEqual([200, 200]);

  openai.failFor(Number.POSITIVE_INFINITY, { status: 503 });
  expect(await statuses(2)).toEqual([503, 503]);
  fakes.reset();
  expect(await statuses(1)).toEqual([200]);
});

test('a model may refuse a prefill, and nothing else', async () => {
  const fakes = await start({
    providers: { anthropic: { models: { new: { refuse: 'no-prefill' } } } },
  });
  const status = async (asked: Asked): Promise<number> =>
    (await ask(fakes, 'anthropic', asked)).status;
  expect(await status({ model: 'new', prefill: 'So' })).toBe(400);
  expect(await status({ model: 'new' })).toBe(200);
  expect(await status({ model: 'old', prefill: 'So' })).toBe(200);
});
