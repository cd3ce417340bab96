import { fakeModel } from '@ai-pool/testing';
import { describe, expect, it } from 'vitest';
import { http, rejection, scene, type Part, type Scene } from '../__fixtures__/scene.ts';
import { createPooledModel } from '../index.ts';

type Json = Record<string, unknown>;
interface Message {
  readonly role: string;
  readonly content: readonly Json[];
}

const keys = ['secret-one', 'secret-two', 'secret-three'];
const call = { type: 'tool-call', toolCallId: 't', toolName: 'clock', input: '{}' };
const finishReason = { unified: 'tool-calls', raw: 'tool_calls' };
const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } };
const openai = { openai: { itemId: 'rs_1', reasoningEncryptedContent: 'abc' } };

/** A step whose reasoning and tool call only their maker's account knows. */
const stepParts: readonly Part[] = [
  { type: 'reasoning-start', id: 'r', providerMetadata: openai },
  { type: 'reasoning-delta', id: 'r', delta: 'hm' },
  { type: 'reasoning-end', id: 'r', providerMetadata: openai },
  { ...call, providerMetadata: { openai: { itemId: 'fc_1' } } },
  { type: 'finish', finishReason, usage },
];

/** What the SDK makes of the parts of a step: the next prompt, waiting for an answer. */
function afterStep(parts: readonly Part[], last: Message['role'] = 'tool'): Json {
  const content: Json[] = [];
  for (const { type, providerMetadata: providerOptions, ...part } of parts) {
    if (type === 'reasoning-end') content.push({ type: 'reasoning', text: 'hm', providerOptions });
    if (type === 'tool-call') {
      content.push({ ...part, type, input: {}, ...(providerOptions ? { providerOptions } : {}) });
    }
  }
  const result = { type: 'tool-result', toolCallId: 't', toolName: 'clock', output: {} };
  const rest: Message[] =
    last === 'tool'
      ? [{ role: 'tool', content: [result] }]
      : [{ role: 'user', content: [{ type: 'text', text: 'and now?' }] }];
  return { prompt: [{ role: 'assistant', content }, ...rest] };
}

const sentContent = ({ seen }: Scene): readonly Json[] =>
  (seen.at(-1)?.call.options.prompt as readonly Message[] | undefined)?.[0]?.content ?? [];
const lastKey = ({ seen }: Scene): string | undefined => seen.at(-1)?.key;

/** Steps first, text then. */
const stepThen =
  (...refusals: (() => Error | string)[]) =>
  (_: unknown, index: number) =>
    index === 0 ? { parts: stepParts } : (refusals[index - 1]?.() ?? 'fine');

/** V1 says nowhere who made a part. */
describe('reasoning of V1', () => {
  const prompt = [{ role: 'assistant', content: [{ type: 'reasoning', text: 'hm' }, call] }];

  it.each([
    ['goes back to the only provider there is', ['openrouter'], true],
    ['stays behind where another may have made it', ['openrouter', 'openai'], false],
    ['goes to whoever looks for its own signature', ['anthropic', 'openai'], true],
  ])('%s', async (_, names, isSent) => {
    const models = names.map(provider => fakeModel({ specificationVersion: 'v1', provider }));
    const options = { mode: { type: 'regular' }, inputFormat: 'messages', prompt };
    await createPooledModel(models).doGenerate(options);
    const sent = JSON.stringify(models[0]?.calls[0]?.options);
    expect(sent).toContain('tool-call');
    expect(sent.includes('reasoning')).toBe(isSent);
  });
});

describe('a conversation', () => {
  it('carries an opaque tag on its parts, which no member ever sees', async () => {
    const world = scene({ a: { keys, answer: stepThen() } });
    const parts = await world.stream();
    const tags = parts.flatMap(part => {
      const { pool } = (part['providerMetadata'] ?? {}) as { pool?: { from?: string } };
      return part.type === 'finish' || pool === undefined ? [] : [pool];
    });
    expect(tags.length).toBeGreaterThanOrEqual(3);
    expect(new Set(tags.map(({ from }) => from)).size).toBe(1);
    expect(tags[0]?.from).toMatch(/^[\da-f]{24}$/);
    await world.generate(afterStep(parts));
    expect(JSON.stringify(sentContent(world))).not.toContain('"pool"');
    expect(JSON.stringify(sentContent(world))).toContain('rs_1');
  });

  it('stays with its key inside a tool loop, and with its provider at a new turn', async () => {
    const world = scene(
      { a: { keys, answer: stepThen() }, b: { keys } },
      { routing: 'round-robin' },
    );
    const parts = await world.stream();
    const key = lastKey(world);
    for (let i = 0; i < 3; i++) {
      await world.generate(afterStep(parts));
      expect(world.trail().at(-1)).toBe(`a/${key}/m`);
    }
    const turns: (string | undefined)[] = [];
    for (let i = 0; i < 4; i++) {
      await world.generate(afterStep(parts, 'user'));
      turns.push(world.trail().at(-1));
    }
    expect(turns.filter(turn => turn?.startsWith('b/'))).toHaveLength(2);
    expect(turns.filter(turn => turn === `a/${key}/m`)).toHaveLength(2);
  });

  it('never opens what is closed, and leaves behind what only its account knows', async () => {
    const world = scene({ a: { keys, answer: stepThen(() => http(429)) } });
    const parts = await world.stream();
    await world.generate(afterStep(parts));
    expect(world.trail()).toHaveLength(3);
    expect(sentContent(world)).toEqual([
      { ...call, input: {}, type: 'tool-call', providerOptions: { openai: {} } },
    ]);
  });

  it('is as good with another key of the same account', async () => {
    const world = scene({
      a: {
        keys: keys.map(apiKey => ({ apiKey, account: 'acme' })),
        answer: stepThen(() => http(401)),
      },
    });
    const parts = await world.stream();
    await world.generate(afterStep(parts));
    expect(JSON.stringify(sentContent(world))).toContain('rs_1');
  });

  it('loses signatures where another model goes on, and what a provider did by itself', async () => {
    const world = scene({ a: { answer: stepThen(() => http(429)) }, b: {} });
    const made = (await world.stream()).find(({ type }) => type === 'tool-call');
    const pool = (made?.['providerMetadata'] as Record<string, Json> | undefined)?.['pool'] ?? {};
    expect(pool).toHaveProperty('from');
    const own = (options: Json): Json => ({ providerOptions: { ...options, pool } });
    const content = [
      { type: 'reasoning', text: 'x', ...own({ anthropic: { signature: 's' } }) },
      { ...call, ...own({ google: { thoughtSignature: 't', kept: 1 } }) },
      { ...call, providerExecuted: true, ...own({}) },
    ];
    await world.generate({ prompt: [{ role: 'assistant', content }] });
    expect(sentContent(world)).toEqual([{ ...call, providerOptions: { google: { kept: 1 } } }]);
  });

  it('that nobody tagged is sent as it is, and once more without references when refused', async () => {
    const refusal = http(404, { error: { message: "Item with id 'rs_1' not found.", code: null } });
    const world = scene({ a: { answer: (_, index) => (index === 0 ? refusal : 'fine') }, b: {} });
    const prompt = [
      {
        role: 'assistant',
        content: [{ type: 'reasoning', text: 'x', providerOptions: openai }, call],
      },
    ];
    await world.generate({ prompt });
    expect(world.trail()).toEqual(['a/secret-one/m', 'a/secret-one/m']);
    expect(JSON.stringify(world.seen[0]?.call.options)).toContain('rs_1');
    expect(sentContent(world)).toEqual([{ ...call, providerOptions: {} }]);
    expect(world.pool.explain()).toEqual([]);
  });

  it('is not sent once more where there is nothing to leave out', async () => {
    const refusal = http(404, { error: { message: "Item with id 'rs_1' not found." } });
    const world = scene({ a: { answer: () => refusal } });
    expect(await rejection(world.generate())).toBe(refusal);
    expect(world.seen).toHaveLength(1);
  });

  it('with an unknown or hostile tag is a conversation like any other', async () => {
    const world = scene({ a: {}, b: {} });
    const signed = { ...openai, anthropic: { signature: 's' }, google: { thoughtSignature: 't' } };
    for (const from of ['', 'x', 'f'.repeat(24), 7, {}]) {
      const content = ['reasoning', 'tool-call'].map(type => ({
        ...call,
        type,
        providerOptions: { ...signed, pool: { from } },
      }));
      await world.generate({ prompt: [{ role: 'assistant', content }] });
      expect(sentContent(world).map(part => part['providerOptions'])).toMatchObject([
        signed,
        signed,
      ]);
    }
    expect(new Set(world.trail())).toEqual(new Set(['a/secret-one/m']));
  });
});
