import { readdir } from 'node:fs/promises';
import { startFakeProviders, type FakeProviders, type FakeReply } from '@ai-pool/testing';
import { expect, test } from 'vitest';
import { runOn } from './readme-services.ts';

const folder = new URL('../examples/recipes/src/', import.meta.url);

type Fakes = FakeProviders<'google' | 'openai' | 'openrouter'>;

const keys = {
  google: ['AIza-one-0123456789', 'AIza-two-0123456789'],
  openai: ['sk-one-0123456789', 'sk-two-0123456789'],
} as const;

const tested = new Set<string>();

/** Runs an example against fake services, and says what they saw: `openai/2 200`. */
async function runExample(
  name: string,
  {
    reply = 'Because of the Moon.',
    trouble,
  }: { reply?: FakeReply | ((body: string) => FakeReply); trouble?: (fakes: Fakes) => void } = {},
): Promise<{ lines: string[]; trail: string[] }> {
  tested.add(name);
  const keyConfig = (name_: 'google' | 'openai') => ({
    keys: Object.fromEntries(keys[name_].map((secret, i) => [secret, { id: String(i + 1) }])),
  });
  await using fakes = await startFakeProviders({
    providers: { google: keyConfig('google'), openai: keyConfig('openai'), openrouter: {} },
    reply: ({ body }) => (typeof reply === 'function' ? reply(JSON.stringify(body)) : reply),
  });
  trouble?.(fakes);
  const { code, output } = await runOn(fakes, new URL(`${name}.ts`, folder), {
    GEMINI_API_KEY: keys.google[0],
    GEMINI_API_KEYS: keys.google.join(','),
    OPENAI_API_KEYS: keys.openai.join(','),
  });
  expect(output).not.toMatch(/AIza-|sk-/);
  expect({ code, output }).toEqual({ code: 0, output });
  return {
    lines: output.trimEnd().split('\n'),
    trail: fakes.requests.map(({ provider, key, status }) => `${provider}/${key} ${status}`),
  };
}

test('drop-in provider: both calls are answered, by another key where one is limited', async () => {
  const healthy = await runExample('drop-in-provider');
  expect(healthy.trail).toEqual(['openai/1 200', 'openai/2 200']);
  expect(healthy.lines).toEqual([
    'Because of the Moon.',
    'Because of the Moon.',
    expect.stringMatching(/^key [\da-f]{8}: 1 answers, 0 failures$/),
    expect.stringMatching(/^key [\da-f]{8}: 1 answers, 0 failures$/),
  ]);

  const limited = await runExample('drop-in-provider', {
    trouble: fakes => fakes.provider('openai').key(keys.openai[0]).set({ rpm: 0 }),
  });
  expect(limited.trail).toEqual(['openai/1 429', 'openai/2 200', 'openai/2 200']);
  expect(limited.lines.slice(2)).toEqual([
    expect.stringMatching(/: 0 answers, 1 failures$/),
    expect.stringMatching(/: 2 answers, 0 failures$/),
  ]);
}, 30_000);

test('middleware: the pool is asked where the model fails', async () => {
  const healthy = await runExample('middleware');
  expect(healthy.trail).toEqual(['google/1 200']);
  expect(healthy.lines).toEqual(['Because of the Moon.', 'answered by gemini-2.5-flash']);

  const limited = await runExample('middleware', {
    trouble: fakes => fakes.provider('google').key(keys.google[0]).set({ rpm: 0 }),
  });
  expect(limited.trail).toEqual(['google/1 429', 'openai/1 200']);
  expect(limited.lines).toEqual(['Because of the Moon.', 'answered by gpt-4o']);
}, 30_000);

/** Looks up one place after the other. */
const walk =
  (then?: () => void) =>
  (body: string): FakeReply => {
    then?.();
    if (body.includes('14:10')) return 'Walk in Cuxhaven, at 09:40.';
    const place = body.includes('09:40') ? 'Husum' : 'Cuxhaven';
    return { toolCalls: [{ toolName: 'tide', input: { place } }] };
  };

test('agent: it looks up both places, also where the provider is gone after the first', async () => {
  const healthy = await runExample('agent', { reply: walk() });
  expect(healthy.trail).toEqual(['openai/1 200', 'openai/1 200', 'openai/1 200']);
  expect(healthy.lines).toEqual([
    'Walk in Cuxhaven, at 09:40.',
    'step 1: openai/gpt-4o-mini',
    'step 2: openai/gpt-4o-mini',
    'step 3: openai/gpt-4o-mini',
  ]);

  let fakes: Fakes | undefined;
  const moved = await runExample('agent', {
    reply: walk(() => fakes?.provider('openai').set({ down: true })),
    trouble: started => {
      fakes = started;
    },
  });
  expect(moved.trail.filter(step => step.endsWith('200'))).toEqual([
    'openai/1 200',
    expect.stringMatching(/^google/),
    expect.stringMatching(/^google/),
  ]);
  expect(moved.lines).toEqual([
    'Walk in Cuxhaven, at 09:40.',
    'step 1: openai/gpt-4o-mini',
    'step 2: google/gemini-2.5-flash',
    'step 3: google/gemini-2.5-flash',
  ]);
}, 30_000);

test('embeddings: the calls spread over the keys', async () => {
  const { lines, trail } = await runExample('embeddings');
  expect(trail).toEqual(['openai/1 200', 'openai/2 200']);
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(line).toMatch(/^-?[01]\.\d{3} (The Moon|Spring|Bread)/);
}, 30_000);

test('structured output: the object is of its shape, whoever gives it', async () => {
  const reply = '{"place":"Bay of Fundy","metres":16}';
  const healthy = await runExample('structured-output', { reply });
  expect(healthy).toEqual({ lines: ['Bay of Fundy: 16 m'], trail: ['google/1 200'] });

  const down = await runExample('structured-output', {
    reply,
    trouble: fakes => fakes.provider('google').set({ down: true }),
  });
  expect(down.lines).toEqual(['Bay of Fundy: 16 m']);
  expect(down.trail.at(-1)).toBe('openai/1 200');

  let answers = 0;
  const unfit = await runExample('structured-output', {
    reply: () => (answers++ === 0 ? '{"place":"Bay of Fundy"}' : reply),
  });
  expect(unfit).toEqual({
    lines: ['Bay of Fundy: 16 m'],
    trail: ['google/1 200', 'openai/1 200'],
  });
}, 30_000);

test('paid fallback: a notice when a call moves to what is metered, and only then', async () => {
  const healthy = await runExample('paid-fallback');
  expect(healthy.trail).toEqual(['google/1 200', 'google/2 200']);
  expect(healthy.lines).toEqual(['Because of the Moon.', 'Because of the Moon.']);

  const usedUp = await runExample('paid-fallback', {
    trouble: fakes => {
      for (const secret of keys.google) fakes.provider('google').key(secret).set({ rpd: 0 });
    },
  });
  expect(usedUp.trail).toEqual(['google/1 429', 'google/2 429', 'openai/1 200', 'openai/2 200']);
  expect(usedUp.lines.toSorted()).toEqual([
    'Because of the Moon.',
    'Because of the Moon.',
    'Notice: google (quota), openai is metered.',
  ]);
}, 30_000);

test('every example is run here', async () => {
  const files = await readdir(folder);
  expect(files.map(file => file.replace(/\.ts$/, '')).toSorted()).toEqual([...tested].toSorted());
});
