import type { FakeModelCall, FakeModelContent } from '@ai-pool/testing';
import {
  PoolConfigError,
  schemaMismatch,
  type PoolMetadata,
  type PoolSettings,
  type ResultCondition,
} from 'ai-pool';
import { describe, expect, test } from 'vitest';
import { atMost, functionOf, oneOf, read, schemaOf, toolOf } from './sdk-calls.ts';
import { citySchema, type Answer, type ModelBase, type Sdk } from './sdk.ts';
import { askModel, rejection, ways, type Way } from './world.ts';

type Says =
  | string
  | Error
  | FakeModelContent
  | ((call: FakeModelCall) => string | FakeModelContent);

const filtered = { text: '', finishReason: 'content-filter' } as const;

/** The city, where it is one. */
function validate(value: unknown) {
  const city: unknown = Reflect.get(Object(value) as object, 'city');
  return typeof city === 'string'
    ? { success: true, value: { city } }
    : { success: false, error: new TypeError('There is no city.') };
}

/** What the object functions ask for: with what the SDK makes of what does not fit. */
const strictSchema = (ai: object): unknown => schemaOf(ai, citySchema, { validate });

/** How ai 4 has an object from a model that knows tools alone. */
const calling = (input: object): FakeModelContent => ({
  toolCalls: [{ toolName: 'json', input }],
});

const promising = (): Promise<boolean> => Promise.resolve(false);

const kindsOf = ({ attempts }: PoolMetadata): (string | undefined)[] =>
  attempts.map(({ kind }) => kind);

/** What the SDK makes of an answer, whoever gave it. */
const given = ({ text, modelId, finishReason, inputTokens, outputTokens }: Answer): unknown => ({
  text,
  modelId,
  finishReason,
  inputTokens,
  outputTokens,
});

const nameOf = (error: unknown): unknown => Reflect.get(Object(error) as object, 'name');

/** Which answers are good enough, through the SDK of one generation. */
export function testResultConditions<Model extends ModelBase>(sdk: Sdk<Model>, ai: object): void {
  type Fake = NonNullable<Parameters<typeof sdk.fake>[0]>;

  /** A pool over some providers, each with one answer. */
  function poolOf(
    says: Readonly<Record<string, Says>>,
    settings: PoolSettings = {},
    fake: Fake = {},
  ) {
    const asked: string[] = [];
    const entries = Object.entries(says).map(([name, answer]) => ({
      name,
      keys: [`secret-of-${name}`],
      models: ['m'],
      create: () => (modelId: string) =>
        sdk.fake({
          ...fake,
          provider: name,
          modelId,
          answer: call => {
            asked.push(name);
            return typeof answer === 'function' ? answer(call) : answer;
          },
        }),
    }));
    const model = sdk.pooled({ providers: entries, ...settings });
    return { model, asked, pool: model.pool };
  }

  const generateObject = async (model: Model, more: object = {}): Promise<unknown> =>
    functionOf(
      ai,
      'generateObject',
    )({ model, schema: strictSchema(ai), prompt: 'Where?', ...more });

  /** The error of a call that a predicate ends. */
  async function failedBy(way: Way, retryOnResult: ResultCondition): Promise<unknown> {
    const { model } = poolOf({ a: '', b: '' }, { retryOnResult });
    const error = await rejection(askModel(sdk, model, way, { maxRetries: 0 }));
    return sdk.isRetryError(error) ? error.lastError : error;
  }

  describe.each(ways)('result conditions: %s', way => {
    test.each<[string, ResultCondition, Says]>([
      ['content-filter', 'content-filter', filtered],
      ['empty', 'empty', ''],
      [
        'a predicate',
        (_, { provider, finishReason }) => provider === 'a' && finishReason === 'length',
        { finishReason: 'length' },
      ],
    ])('%s: the next model answers, and nothing is cooled', async (_, retryOnResult, a) => {
      const { model, asked, pool } = poolOf({ a, b: 'Here it is.' }, { retryOnResult });
      const answer = await askModel(sdk, model, way);
      expect(answer).toMatchObject({ text: 'Here it is.', finishReason: 'stop', modelId: 'm' });
      expect(answer.pool.provider).toBe('b');
      expect(kindsOf(answer.pool)).toEqual(['bad-response', undefined]);
      expect(asked).toEqual(['a', 'b']);
      expect(pool.explain()).toEqual([]);
    });

    test('nobody has a better answer: the last one is given, as from the bare model', async () => {
      const says = { a: '', b: filtered };
      const { model } = poolOf(says, { retryOnResult: ['empty', 'content-filter'] });
      const answer = await askModel(sdk, model, way);
      expect(answer.pool.provider).toBe('b');
      expect(kindsOf(answer.pool)).toEqual(['bad-response', 'bad-response']);

      const bare = await askModel(sdk, sdk.fake({ modelId: 'm', answer: filtered }), way);
      expect(given(answer)).toEqual(given(bare));
    });

    test('an answer that is not wanted is better than an error', async () => {
      const { model } = poolOf({ a: '', b: new Error('odd') }, { retryOnResult: 'empty' });
      const answer = await askModel(sdk, model, way);
      expect([answer.text, answer.pool.provider]).toEqual(['', 'a']);
      expect(kindsOf(answer.pool)).toEqual(['bad-response', 'unknown']);
    });

    test('what a predicate throws is the call’s error, and a promise is a mistake', async () => {
      const own = new Error('mine');
      const throwing = (): boolean => {
        throw own;
      };
      expect(await failedBy(way, throwing)).toBe(own);
      expect(await failedBy(way, promising as never)).toBeInstanceOf(PoolConfigError);
    });

    test('many calls at once: each its own answer', async () => {
      let begun = 0;
      const { model } = poolOf(
        { a: () => (begun++ % 2 === 0 ? '' : 'a'), b: 'b' },
        { retryOnResult: 'empty' },
      );
      const answers = await Promise.all(
        Array.from({ length: 60 }, () => askModel(sdk, model, way)),
      );
      for (const { text, pool } of answers) expect(text).toBe(pool.provider);
      const fromA = answers.filter(({ pool }) => pool.provider === 'a');
      expect(fromA).toHaveLength(30);
      const [a, b] = model.pool.status().providers.map(({ keys }) => keys[0]?.usage);
      expect(a).toMatchObject({ attempts: 60, successes: 30, failures: 30, inFlight: 0 });
      expect(b).toMatchObject({ attempts: 30, successes: 30, inFlight: 0 });
    });
  });

  describe('result conditions: objects', () => {
    const rome = { city: 'Rome' };
    const retryOnResult = [schemaMismatch];

    test.each(['{"city":7}', '{"town":"Rome"}', 'Rome', '{"city":"Ro', ''])(
      'generateObject: %j goes on to what fits',
      async a => {
        const says = { a, b: JSON.stringify(rome) };
        const json: Fake = { defaultObjectGenerationMode: 'json' };
        const { model, asked } = poolOf(says, { retryOnResult }, json);
        const result = await generateObject(model);
        expect(await read(result, 'object')).toEqual(rome);
        expect(asked).toEqual(['a', 'b']);
      },
    );

    test('generateObject: nobody has what fits: the SDK’s own error, as with the bare model', async () => {
      const json: Fake = { defaultObjectGenerationMode: 'json' };
      const { model, asked } = poolOf({ a: '{}', b: '{"city":7}' }, { retryOnResult }, json);
      const error = await rejection(generateObject(model));
      const bare = await rejection(generateObject(sdk.fake({ ...json, answer: '{"city":7}' })));
      expect([nameOf(error), nameOf(bare)]).toEqual(Array(2).fill('AI_NoObjectGeneratedError'));
      expect(await read(error, 'text')).toBe('{"city":7}');
      // The SDK knows that there is no point in asking again.
      expect(asked).toEqual(['a', 'b']);
    });

    test('generateText with an output: a step that calls tools is none', async () => {
      const looks = { toolCalls: [{ toolName: 'look', input: {} }] };
      let steps = 0;
      const { model, asked } = poolOf(
        { a: () => (steps++ === 0 ? looks : '{"city":7}'), b: JSON.stringify(rome) },
        { retryOnResult },
        { supportsStructuredOutputs: true },
      );
      const by = { ai, major: sdk.major };
      const look = toolOf(by, {
        description: 'Looks.',
        schema: { type: 'object', properties: {} },
        execute: () => 'an old town',
      });
      const outputs = Object(Reflect.get(ai, 'Output')) as object;
      const call = {
        model,
        prompt: 'Where?',
        tools: { look },
        ...atMost(3, by),
        [sdk.major < 6 ? 'experimental_output' : 'output']: functionOf(
          outputs,
          'object',
        )({ schema: strictSchema(ai) }),
      };
      const result = await functionOf(ai, 'generateText')(call);
      expect(await oneOf(result, 'output', 'experimental_output')).toEqual(rome);
      expect(asked).toEqual(['a', 'a', 'b']);
    });

    test('streamObject: a stream without output goes on, one with output does not', async () => {
      const json: Fake = { defaultObjectGenerationMode: 'json' };
      const streamed = async (a: string) => {
        const says = { a, b: JSON.stringify(rome) };
        const { model, asked } = poolOf(says, { retryOnResult }, json);
        const result = sdk.opened(model, 'object', {});
        const object = (async () => read(result, 'object'))();
        // What is not read does not come.
        for await (const _ of Reflect.get(result, 'partialObjectStream') as AsyncIterable<unknown>);
        return { object: await object, asked };
      };
      expect(await streamed('')).toEqual({ object: rome, asked: ['a', 'b'] });
      expect((await streamed('{"city":7}')).asked).toEqual(['a']);
    });
  });

  if (sdk.major > 4) return;
  test('result conditions: objects from a tool', async () => {
    const says = { a: calling({ town: 'Rome' }), b: calling({ city: 'Rome' }) };
    const { model, asked } = poolOf(
      says,
      { retryOnResult: schemaMismatch },
      { defaultObjectGenerationMode: 'tool' },
    );
    expect(await read(await generateObject(model), 'object')).toEqual({ city: 'Rome' });
    expect(asked).toEqual(['a', 'b']);
  });
}
