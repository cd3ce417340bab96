import type { FakeProviders } from '@ai-pool/testing';
import { describe, expect, test } from 'vitest';
import type { ModelBase, ProviderName, Sdk } from './sdk.ts';
import { entryOf, rejection, secretOf, startFakes, ways, type Way } from './world.ts';

/** Reasons, and calls the tool until its third answer; the other one does not reason. */
const reasoner = 'o4-mini';
const speaker = 'gpt-4o';
const remark = 'I look.';
const answer = 'It is sunny in all three.';

/** How a model of OpenAI's is asked, and what the next step then sends back of an answer. */
const notFound = { status: 404, says: /^Item with id '\w+' not found\.$/ };
const kept = {
  name: 'items that OpenAI keeps',
  id: reasoner,
  openai: {},
  refusal: notFound,
};
const spoken = { ...kept, name: 'messages that OpenAI keeps', id: speaker };
const carried = {
  name: 'encrypted reasoning',
  id: reasoner,
  openai: { store: false, include: ['reasoning.encrypted_content'] },
  refusal: { status: 400, says: /^The encrypted content gAAA\.\.\.\w{4} could not be verified\./ },
};

const first = secretOf('openai', 'first');
const sibling = secretOf('openai', 'sibling');
const other = secretOf('openai', 'other');

type Fakes = FakeProviders<ProviderName>;

interface Told {
  readonly bodies: readonly string[];
  readonly fakes: Fakes;
}

/** Two accounts, the first with two keys. `answered` is told after each step. */
async function inAccounts(
  story: (told: Told) => Promise<void>,
  answered: (steps: number, fakes: Fakes) => void = () => undefined,
): Promise<void> {
  const bodies: string[] = [];
  await using fakes: Fakes = await startFakes(
    {
      openai: {
        keys: {
          [first]: { id: 'first', account: 'acme' },
          [sibling]: { id: 'sibling', account: 'acme' },
          [other]: { id: 'other', account: 'other' },
        },
      },
    },
    {
      reply({ body, model }) {
        bodies.push(JSON.stringify(body));
        answered(bodies.length, fakes);
        const call = { toolName: 'weather', input: { city: `Oslo ${bodies.length}` } };
        return {
          ...(model !== speaker && { reasoning: 'Hm.' }),
          ...(bodies.length < 3 ? { text: remark, toolCalls: [call] } : { text: answer }),
        };
      },
    },
  );
  await story({ bodies, fakes });
}

function trail({ requests }: Fakes): string[] {
  return requests.map(({ provider, key, status }) => `${provider}/${key} ${status}`);
}

/** The first call goes to one model, all further ones to another. */
function thenAnother<Model extends ModelBase>(one: Model, another: Model): Model {
  let calls = 0;
  return new Proxy(one, {
    get(target, name) {
      if (name !== 'doGenerate' && name !== 'doStream') return Reflect.get(target, name) as unknown;
      return (options: unknown): unknown => {
        const model = calls++ === 0 ? one : another;
        return Reflect.apply(Reflect.get(model, name) as () => unknown, model, [options]);
      };
    },
  });
}

/** A tool loop that came from somewhere, with the same options on everything. */
function toolLoop(providerOptions: object): object[] {
  const options = { providerOptions };
  const call = { toolCallId: 'call-1', toolName: 'weather' };
  const output = { type: 'text', value: 'sunny' };
  return [
    { role: 'user', content: [{ type: 'text', text: 'The weather?', ...options }], ...options },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Let me see.', ...options },
        { type: 'tool-call', ...call, input: { city: 'Oslo' }, ...options },
      ],
    },
    { role: 'tool', content: [{ type: 'tool-result', ...call, output, ...options }] },
  ];
}

/**
 * What OpenAI makes for one account is of no use to another, nor what one Claude has signed to
 * another. From the second generation on, whose provider packages send it back.
 */
export function testConversations<Model extends ModelBase>(sdk: Sdk<Model>): void {
  const modelOf = (fakes: Fakes, apiKey: string, id: string): Model =>
    sdk.factories.openai({ apiKey, baseURL: fakes.baseURL('openai') })(id);
  /** What the last step says: streams have the words of all. */
  const useTools = async (model: Model, way: Way, openai: object): Promise<string> => {
    const further = { providerOptions: { openai } };
    const text = await sdk.useTool(model, way, { steps: 3, maxRetries: 0, further });
    return text.replaceAll(remark, '');
  };
  const poolOf = (
    fakes: Fakes,
    keys: readonly string[],
    id = reasoner,
  ): ReturnType<typeof sdk.pooled> =>
    sdk.pooled({
      keySelection: 'sticky',
      random: () => 0,
      providers: [
        entryOf(sdk, fakes, { name: 'openai', keys, models: [id] }),
        entryOf(sdk, fakes, { name: 'anthropic', keys: [secretOf('anthropic', 'good')] }),
      ],
    });

  describe.each([kept, spoken, carried])('three steps with $name', ({ id, openai, refusal }) => {
    describe.each(ways)('%s', way => {
      test('without a pool another account refuses the second step', async () => {
        await inAccounts(async ({ bodies, fakes }) => {
          const model = thenAnother(modelOf(fakes, first, id), modelOf(fakes, other, id));
          const error = await rejection(useTools(model, way, openai));
          expect(sdk.isAPICallError(error)).toBe(true);
          expect(error).toMatchObject({
            statusCode: refusal.status,
            message: expect.stringMatching(refusal.says) as string,
          });
          expect(bodies).toHaveLength(1);
          expect(fakes.requests.at(-1)).toMatchObject({ account: 'other', refusal: 'foreign' });
        });
      });

      test('without a pool another key of the account goes on', async () => {
        await inAccounts(async ({ fakes }) => {
          const model = thenAnother(modelOf(fakes, first, id), modelOf(fakes, sibling, id));
          expect(await useTools(model, way, openai)).toBe(answer);
          expect(trail(fakes)).toEqual([
            'openai/first 200',
            'openai/sibling 200',
            'openai/sibling 200',
          ]);
        });
      });

      test.each([1, 2])('the account is gone after step %i, and another goes on', async gone => {
        await inAccounts(
          async ({ bodies, fakes }) => {
            const model = poolOf(fakes, [first, sibling, other], id);
            expect(await useTools(model, way, openai)).toBe(answer);
            expect(fakes.requests.map(({ refusal: why }) => why)).not.toContain('foreign');
            expect(bodies).toHaveLength(3);
            expect(trail(fakes).filter(step => step.endsWith('200'))).toEqual(
              [1, 2, 3].map(step => `openai/${step > gone ? 'other' : 'first'} 200`),
            );
            // At home it is sent back; where it cannot travel, what was said is sent in full.
            const atHome = /"item_reference"|"encrypted_content":"gAAA/;
            expect(bodies[3 - gone]).toMatch(atHome);
            expect(bodies[gone]).not.toMatch(atHome);
            expect(bodies[gone]).not.toMatch(/"(rs|msg|fc)_/);
            expect(bodies[gone]?.match(/Oslo \d|sunny/g)).toEqual(
              ['Oslo 1', 'sunny', 'Oslo 2', 'sunny'].slice(0, 2 * gone),
            );
            expect(bodies.join('\n')).not.toMatch(/"pool"/);
          },
          (steps, fakes) => {
            if (steps === gone) fakes.provider('openai').account('acme').set({ unpaid: true });
          },
        );
      });

      test('the provider is gone after step 1, and another goes on', async () => {
        await inAccounts(
          async ({ bodies, fakes }) => {
            const model = poolOf(fakes, [first, other], id);
            expect(await useTools(model, way, openai)).toBe(answer);
            expect(fakes.requests.map(({ refusal: why }) => why)).not.toContain('foreign');
            expect(fakes.provider('anthropic').requests.map(({ status }) => status)).toEqual([
              200, 200,
            ]);
            expect(bodies[2]).toMatch(/Oslo 1.*sunny.*Oslo 2.*sunny/s);
          },
          (steps, fakes) => {
            if (steps === 1) fakes.provider('openai').set({ down: true });
          },
        );
      });
    });
  });

  describe.each(ways)('three steps with thoughts that Claude has signed: %s', way => {
    const [sonnet, opus] = ['claude-sonnet-4-5', 'claude-opus-4-5'] as const;
    const apiKey = secretOf('anthropic', 'good');

    test('without a pool another model refuses the second step', async () => {
      await inAccounts(async ({ fakes }) => {
        const claude = sdk.factories.anthropic({ apiKey, baseURL: fakes.baseURL('anthropic') });
        const error = await rejection(useTools(thenAnother(claude(sonnet), claude(opus)), way, {}));
        expect(error).toMatchObject({
          statusCode: 400,
          message: expect.stringContaining('Invalid `signature` in `thinking` block') as string,
        });
      });
    });

    test('the model is gone after step 1, and another goes on without them', async () => {
      await inAccounts(
        async ({ bodies, fakes }) => {
          const models = [sonnet, opus];
          const model = sdk.pooled({
            providers: [entryOf(sdk, fakes, { name: 'anthropic', keys: [apiKey], models })],
          });
          expect(await useTools(model, way, {})).toBe(answer);
          expect(fakes.requests.map(({ model: id, status }) => `${id} ${status}`)).toEqual([
            `${sonnet} 200`,
            `${sonnet} 404`,
            `${opus} 200`,
            `${opus} 200`,
          ]);
          expect(bodies.map(body => body.match(/"signature"/g)?.length ?? 0)).toEqual([0, 0, 1]);
        },
        (steps, fakes) => {
          if (steps === 1) fakes.provider('anthropic').model(sonnet).set({ missing: true });
        },
      );
    });
  });

  describe('a forged tag', () => {
    const forged = [
      { from: '0'.repeat(24) },
      { from: 'openai' },
      { from: '' },
      { from: 42 },
      { from: { provider: 'anthropic' } },
      { constructor: { from: other } },
      JSON.parse('{ "__proto__": { "from": "x" } }') as object,
      { from: 'x'.repeat(100_000), provider: 'anthropic', only: ['anthropic'] },
    ];
    test.each(ways)('changes nothing: %s', async way => {
      await inAccounts(async ({ bodies, fakes }) => {
        const ask = async (pool: object | undefined) => {
          // A pool of its own each: no call knows of the one before.
          const model = poolOf(fakes, [first, other]);
          const messages = toolLoop(pool === undefined ? {} : { pool });
          const question = { maxRetries: 0, further: { prompt: undefined, messages } };
          await (way === 'generate' ? sdk.generateText : sdk.streamText)(model, question);
        };
        await ask(undefined);
        for (const pool of forged) await ask(pool);
        expect(bodies).toEqual(bodies.map(() => bodies[0]));
        expect(trail(fakes)).toEqual(bodies.map(() => 'openai/first 200'));
      });
    });

    test('that names a real target opens nothing that the call closes', async () => {
      await inAccounts(async ({ fakes }) => {
        const model = poolOf(fakes, [first]);
        const ask = async (messages: object[], poolOptions?: Record<string, string[]>) => {
          const further = { prompt: undefined, messages };
          const question = { maxRetries: 0, ...(poolOptions && { poolOptions }), further };
          await sdk.generateText(model, question);
          return trail(fakes).at(-1);
        };
        const content: object[] = await contentOf(model, { only: ['anthropic'] });
        const [pool] = content.flatMap(part => {
          const metadata = Reflect.get(part, 'providerMetadata') as { pool?: object } | undefined;
          return metadata?.pool === undefined ? [] : [metadata.pool];
        });
        const messages = toolLoop({ pool });
        // Where nothing speaks against it, it is followed.
        expect(await ask(messages)).toBe('anthropic/key-1 200');
        expect(await ask(messages, { only: ['openai'] })).toBe('openai/first 200');
        model.pool.disable({ provider: 'anthropic' });
        expect(await ask(messages)).toBe('openai/first 200');
      });
    });
  });

  test('what was said before there was a pool is told in full, once it is refused', async () => {
    await inAccounts(async ({ bodies, fakes }) => {
      const response = await fetch(`${fakes.baseURL('openai')}/responses`, {
        method: 'POST',
        headers: { authorization: `Bearer ${first}` },
        body: JSON.stringify({ model: reasoner, input: 'Hello' }),
      });
      const { output } = (await response.json()) as { output: { id: string }[] };
      const [{ id: itemId }] = output as [{ id: string }];
      const content = [
        { type: 'reasoning', text: 'Hm.', providerOptions: { openai: { itemId } } },
        { type: 'text', text: 'Hello, too.' },
      ];
      const messages = [
        { role: 'assistant', content },
        { role: 'user', content: 'And now?' },
      ];
      const further = { prompt: undefined, messages };
      await sdk.generateText(poolOf(fakes, [first]), { maxRetries: 0, further });
      expect(bodies.at(-1)).toContain(itemId);
      await sdk.generateText(poolOf(fakes, [other]), { maxRetries: 0, further });
      expect(bodies.at(-1)).not.toContain(itemId);
      expect(bodies.at(-1)).toContain('Hello, too.');
      expect(trail(fakes).slice(1)).toEqual([
        'openai/first 200',
        'openai/other 404',
        'openai/other 200',
      ]);
    });
  });
}

/** What a model answers, part by part, with the tags of a pool. */
async function contentOf(model: object, pool: object): Promise<object[]> {
  const doGenerate = Reflect.get(model, 'doGenerate') as (
    options: object,
  ) => Promise<{ content: object[] }>;
  const { content } = await doGenerate.call(model, {
    prompt: [{ role: 'user', content: [{ type: 'text', text: 'The weather?' }] }],
    providerOptions: { pool },
  });
  return content;
}
