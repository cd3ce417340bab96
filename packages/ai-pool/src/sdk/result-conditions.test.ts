import { fakeModel } from '@ai-pool/testing';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  firstKey,
  http,
  kinds,
  poolOf,
  rejection,
  scene,
  textOf,
  untyped,
  type SceneProvider,
} from '../__fixtures__/scene.ts';
import {
  createPool,
  createPoolMiddleware,
  createPooledModel,
  createPooledProvider,
  PoolConfigError,
  PoolExhaustedError,
  schemaMismatch,
  type Pool,
  type PoolMetadata,
  type PoolSettings,
  type ResultCondition,
  type ResultContext,
  type ModelResult,
} from '../index.ts';

const filtered = { text: '', finishReason: 'content-filter' } as const;
const ways = ['generate', 'stream'] as const;
const all: ResultCondition[] = ['content-filter', 'empty', schemaMismatch];

/** What the caller gets, in either way. */
async function asked(
  way: (typeof ways)[number],
  providers: Record<string, SceneProvider>,
  settings: PoolSettings,
  options: object = {},
) {
  const world = scene(providers, settings);
  if (way === 'generate') return { ...world, ...(await world.generate(options)) };
  const parts = await world.stream(options);
  const finish = parts.filter(part => part.type === 'finish');
  expect(finish).toHaveLength(1);
  const { pool } = finish[0]!['providerMetadata'] as { pool: PoolMetadata };
  return { ...world, parts, text: textOf(parts), pool };
}

const usageOf = (pool: Pool) =>
  pool.status().providers.map(({ keys }) => {
    const { attempts, successes, failures } = keys[0]?.usage ?? {};
    return { attempts, successes, failures };
  });

const counted = () => ({ text: '', usage: { inputTokens: 300, outputTokens: 40 } });

type Answer = NonNullable<SceneProvider['answer']>;
const numberOf: (...seen: Parameters<Answer>) => number = ({ call }) =>
  (call.options as unknown as { seed: number }).seed;
/** Of every two calls one is empty; of every four one fails at the other provider. */
const half: Answer = (...seen) => (numberOf(...seen) % 2 === 0 ? '' : `a ${numberOf(...seen)}`);
const quarter: Answer = (...seen) =>
  numberOf(...seen) % 4 === 0 ? http(503) : `b ${numberOf(...seen)}`;

/** Whether a result goes on. */
const judged = async (result: object, retryOnResult: ResultCondition = 'empty') => {
  const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } };
  const answer = {
    content: [],
    finishReason: { unified: 'stop' },
    usage,
    warnings: [],
    ...result,
  };
  const { pool } = await asked(
    'generate',
    { a: { answer: () => ({ result: answer }) }, b: {} },
    { retryOnResult },
  );
  return pool.provider === 'b';
};
const content = (...parts: object[]) => ({ content: parts });

const modelOfV1 = (provider: string, answer: unknown) =>
  fakeModel({ specificationVersion: 'v1', provider, answer: answer as string });
const withModel = (retryOnResult: unknown) => ({
  providers: [
    {
      name: 'a',
      create: () => () => fakeModel({ specificationVersion: 'v4' }),
      models: ['m', { id: 'n', retryOnResult }],
    },
  ],
});
const empty = () => fakeModel({ specificationVersion: 'v4', answer: '' });

describe.each(ways)('%s: a refused answer', way => {
  it.each<[string, ResultCondition | ResultCondition[], SceneProvider['answer']]>([
    ['filtered', 'content-filter', () => filtered],
    ['empty', 'empty', () => ''],
    ['any of several', all, () => ({ text: '', finishReason: 'length' })],
    [
      'a function',
      (_, { finishReason }) => finishReason === 'length',
      () => ({ finishReason: 'length' }),
    ],
    ['a function among several', ['content-filter', () => true], () => ''],
  ])('%s: the next model is asked, and nothing is cooled', async (_, retryOnResult, answer) => {
    const a = { models: ['m', 'n'], keys: ['one', 'two'], answer: answer!, retryOnResult };
    const providers = { a, b: { answer: () => 'fine' } };
    const { text, pool, trail, events, clock } = await asked(way, providers, {});
    expect(text).toBe('fine');
    // Another key of the same model would say the same.
    expect(trail()).toEqual(['a/one/m', 'a/two/n', 'b/secret-one/m']);
    expect(kinds(pool.attempts)).toEqual(['bad-response', 'bad-response', undefined]);
    expect(events.filter(({ type }) => /cooled|disabled|exhausted/.test(type))).toEqual([]);
    expect(events.map(({ type }) => type).join(' ')).toBe(
      'attempt failure model-switched attempt failure provider-switched attempt success',
    );
    expect(events.find(({ type }) => type === 'failure')).toMatchObject({
      kind: 'bad-response',
      scope: 'request',
      action: 'next-model',
    });
    expect(clock.pending()).toBe(0);
  });

  it('is what the caller gets when nobody has a better one', async () => {
    const { text, pool, seen, events, clock } = await asked(
      way,
      { a: { answer: () => ({ ...filtered, modelId: 'first' }) }, b: { answer: () => '' } },
      { retryOnResult: all },
    );
    expect(text).toBe('');
    expect(pool).toMatchObject({ provider: 'b', model: 'm' });
    expect(kinds(pool.attempts)).toEqual(['bad-response', 'bad-response']);
    expect(seen).toHaveLength(2);
    expect(events.some(({ type }) => type === 'exhausted' || type === 'waiting')).toBe(false);
    expect(clock.pending()).toBe(0);
  });

  it.each<[string, SceneProvider]>([
    ['is overloaded', { answer: () => http(503) }],
    ['has a bad key', { answer: () => http(401) }],
    ['says that the caller is wrong', { answer: () => http(400) }],
    ['throws something', { answer: () => new Error('odd') }],
    [
      'filters with an error',
      {
        answer: () => http(400, { error: { code: 'content_filter', message: 'refused' } }),
      },
    ],
    [
      'cannot be made',
      {
        keys: [
          {
            apiKey: () => {
              throw new Error('vault');
            },
            id: 'vault',
          },
        ],
      },
    ],
  ])('is better than an error: the other one %s', async (_, b) => {
    const { text, pool, events } = await asked(
      way,
      { a: { answer: () => filtered }, b },
      { retryOnResult: all, maxWaitMs: 0 },
    );
    expect(text).toBe('');
    expect(pool).toMatchObject({ provider: 'a', model: 'm' });
    expect(pool.attempts[0]).toMatchObject({ provider: 'a', kind: 'bad-response' });
    expect(pool.attempts.slice(1).every(({ provider }) => provider === 'b')).toBe(true);
    expect(events.some(({ type }) => type === 'exhausted')).toBe(false);
  });

  it('the pool of one target gives it as the bare model does', async () => {
    const { pool, seen } = await asked(
      way,
      { a: { answer: () => '' } },
      { retryOnResult: 'empty' },
    );
    expect(seen).toHaveLength(1);
    expect(kinds(pool.attempts)).toEqual(['bad-response']);
  });

  it('is given also where no other target is tried at all', async () => {
    const { seen } = await asked(
      way,
      { a: { answer: () => '' }, b: {} },
      { retryOnResult: 'empty', bypass: true },
    );
    expect(seen).toHaveLength(1);
  });

  it('counts as a failure of its attempt, whoever answers then', async () => {
    const settings = { retryOnResult: 'empty' } as const;
    const world = scene({ a: { answer: () => '' }, b: {} }, settings);
    await (way === 'generate' ? world.generate() : world.stream());
    expect(usageOf(world.pool)).toEqual([
      { attempts: 1, successes: 0, failures: 1 },
      { attempts: 1, successes: 1, failures: 0 },
    ]);
  });

  it('has taken its tokens', async () => {
    const world = scene(
      { a: { answer: counted, limits: { tpm: 1_000 } } },
      { retryOnResult: 'empty' },
    );
    await (way === 'generate' ? world.generate() : world.stream());
    const [target] = world.pool.status().providers[0]?.targets ?? [];
    expect(target?.headroom).toEqual({ tokens: 660 });
  });

  it('shows that its target works: a guessed pause ends', async () => {
    let isBusy = true;
    const world = scene(
      { a: { answer: () => (isBusy ? http(503) : '') }, b: {} },
      { retryOnResult: 'empty' },
    );
    const ask = () => (way === 'generate' ? world.generate() : world.stream());
    await ask();
    isBusy = false;
    await world.clock.advance(10_000);
    await ask();
    expect(world.pool.status().providers[0]?.targets[0]?.state).toBe('ready');
  });

  it('waits for a better one as long as the call may, and no longer', async () => {
    const later = { a: { answer: () => '' }, b: { answer: () => 'fine' } };
    const world = scene(later, { retryOnResult: 'empty' });
    world.pool.coolDown({ provider: 'b' }, 2_000);
    const text = async () => {
      const answer = await (way === 'generate' ? world.generate() : world.stream());
      return Array.isArray(answer) ? textOf(answer) : answer.text;
    };
    const waiting = text();
    await world.clock.advance(2_500);
    expect(await waiting).toBe('fine');
    world.pool.coolDown({ provider: 'b' }, 20_000);
    expect(await text()).toBe('');
    expect(world.clock.pending()).toBe(0);
  });

  it('a caller that leaves meanwhile gets its own reason', async () => {
    const controller = new AbortController();
    const providers = {
      a: { answer: () => '' },
      b: {
        answer: () => {
          controller.abort(new Error('gone'));
          return http(503);
        },
      },
    };
    const world = scene(providers, { retryOnResult: 'empty' });
    const options = { abortSignal: controller.signal };
    const call = way === 'generate' ? world.generate(options) : world.stream(options);
    expect(await rejection(call)).toHaveProperty('message', 'gone');
  });

  it('a hundred calls at once do not mix', async () => {
    const world = scene(
      { a: { answer: half }, b: { answer: quarter } },
      { retryOnResult: 'empty', maxWaitMs: 0 },
    );
    const texts = await Promise.all(
      Array.from({ length: 100 }, async (_, seed) => {
        const answered = await (way === 'generate'
          ? world.generate({ seed })
          : world.stream({ seed }));
        return Array.isArray(answered) ? textOf(answered) : answered.text;
      }),
    );
    texts.forEach((text, i) => {
      // What b is asked while its pause lasts goes back to what a has said.
      expect(i % 2 === 1 ? [`a ${i}`] : i % 4 === 0 ? [''] : ['', `b ${i}`]).toContain(text);
    });
  });

  it.each(['model', 'provider'] as const)('is decided by the %s’s own conditions', async level => {
    const own = { retryOnResult: [] };
    const strict = { retryOnResult: ['empty'] as const };
    const entry = (conditions: object): SceneProvider => ({
      answer: () => '',
      ...(level === 'provider' ? conditions : { models: [{ id: 'm', ...conditions }] }),
    });
    const lenient = await asked(way, { a: entry(own), b: {} }, { retryOnResult: 'empty' });
    expect(lenient.pool.provider).toBe('a');
    expect(lenient.pool.attempts).toHaveLength(1);
    const other = await asked(way, { a: entry(strict), b: {} }, {});
    expect(other.pool.provider).toBe('b');
    const replaced = await asked(way, { a: entry(strict), b: {} }, { retryOnResult: () => true });
    expect(replaced.pool).toMatchObject({ provider: 'b', attempts: [{ provider: 'a' }, {}] });
  });

  it('contentFilterFallback goes on too, and gives what there is', async () => {
    const settings = { contentFilterFallback: true };
    const on = await asked(way, { a: { answer: () => filtered }, b: {} }, settings);
    expect(on.pool.provider).toBe('b');
    expect(kinds(on.pool.attempts)).toEqual(['content-filter', undefined]);
    const off = await asked(way, { a: { answer: () => filtered } }, settings);
    expect(off.pool).toMatchObject({ provider: 'a', attempts: [{ kind: 'content-filter' }] });
  });
});

describe.each(ways)('%s: a predicate', way => {
  const run = async (retryOnResult: ResultCondition, answer: SceneProvider['answer'] = () => '') =>
    asked(way, { a: { answer }, b: { answer: () => 'fine' } }, { retryOnResult });

  it('gets the answer, who gave it and what was asked', async () => {
    const judge = vi.fn<(result: ModelResult, context: ResultContext) => boolean>(() => false);
    const answer = {
      text: '',
      providerMetadata: { own: { id: 1 } },
      usage: { inputTokens: 3, outputTokens: 0 },
    };
    await asked(way, { a: { answer: () => answer } }, { retryOnResult: judge }, { seed: 7 });
    expect(judge.mock.calls).toHaveLength(1);
    const [result, context] = judge.mock.calls[0]!;
    expect(result.content).toEqual([]);
    expect(result).toMatchObject({
      finishReason: { unified: 'stop' },
      usage: { inputTokens: { total: 3 } },
      warnings: [],
      providerMetadata: { own: { id: 1 } },
    });
    expect(result).not.toHaveProperty('stream');
    expect(result).not.toHaveProperty('type');
    const { key, ...rest } = context;
    expect(key).toMatch(/^[0-9a-f]{8}$/);
    const who = { provider: 'a', model: 'm' };
    expect(rest).toMatchObject({ ...who, text: '', finishReason: 'stop', options: { seed: 7 } });
  });

  it('that throws ends the call with its own error, and blames nobody', async () => {
    const own = new Error('mine');
    const world = scene(
      { a: { answer: () => '' }, b: { answer: () => '' } },
      {
        retryOnResult: (_, { provider }) => {
          if (provider === 'b') throw own;
          return true;
        },
      },
    );
    expect(await rejection(way === 'generate' ? world.generate() : world.stream())).toBe(own);
    expect(firstKey(world.pool, 1).usage).toMatchObject({ attempts: 1, aborted: 1 });
  });

  it('that gives a promise ends the call with an error that says so', async () => {
    for (const promise of [() => Promise.resolve(false), () => Promise.reject(new Error('late'))]) {
      const error = await rejection(run(promise as never));
      expect(error).toBeInstanceOf(PoolConfigError);
      expect(error).toHaveProperty('message', expect.stringMatching(/^retryOnResult: .*promise/));
    }
  });
});

describe('generate', () => {
  it.each<[string, object, boolean]>([
    ['nothing', content(), true],
    ['white space', content({ type: 'text', text: ' \n' }), true],
    ['reasoning alone', content({ type: 'reasoning', text: 'hm' }), true],
    ['a source alone', content({ type: 'source', url: 'https://example.com' }), true],
    [
      'reasoning and text',
      content({ type: 'reasoning', text: 'hm' }, { type: 'text', text: 'a' }),
      false,
    ],
    ['a tool call', content({ type: 'tool-call', toolName: 'weather' }), false],
    ['a file', content({ type: 'file', mediaType: 'image/png' }), false],
    ['no parts at all', { content: undefined }, true],
    [
      'many parts',
      content(...Array.from({ length: 99 }, () => ({ type: 'text', text: '' })), {
        type: 'text',
        text: 'a',
      }),
      false,
    ],
  ])('empty: %s', async (_, result, isEmpty) => {
    expect(await judged(result)).toBe(isEmpty);
  });

  it.each<[string, object, boolean]>([
    ['nothing', { text: undefined }, true],
    ['reasoning alone', { text: '', reasoning: 'hm' }, true],
    ['text', { text: 'a' }, false],
    ['a tool call', { text: '', toolCalls: [{ toolName: 'weather', args: '{}' }] }, false],
    ['no tool call', { text: '', toolCalls: [], files: [] }, true],
    ['a file', { text: '', files: [{ data: 'aGk=', mimeType: 'image/png' }] }, false],
  ])('empty, in V1: %s', async (_, result, isEmpty) => {
    const usage = { promptTokens: 1, completionTokens: 1 };
    const rest = { finishReason: 'stop', usage, rawCall: { rawPrompt: null, rawSettings: {} } };
    const pooled = createPooledModel({
      retryOnResult: 'empty',
      providers: [
        { name: 'a', models: [modelOfV1('a', { result: { ...rest, ...result } })] },
        { name: 'b', models: [modelOfV1('b', 'fine')] },
      ],
    });
    const options = { inputFormat: 'prompt', mode: { type: 'regular' }, prompt: [] } as const;
    expect(poolOf(await pooled.doGenerate(options)).provider).toBe(isEmpty ? 'b' : 'a');
  });

  it('a part that is none is no mistake of the caller', async () => {
    expect(await judged(content(null as never))).toBe(true);
    expect(await judged(content(null as never), () => false)).toBe(true);
  });

  it('is given as it came, with all that it says', async () => {
    const says = { text: 'secret-one is no secret' };
    const response = { headers: { 'x-says': says.text }, body: says };
    const answer = {
      content: [{ type: 'text', ...says }],
      finishReason: { unified: 'stop' },
      usage: {},
      warnings: [],
      response,
    };
    const create = () => () =>
      fakeModel({ specificationVersion: 'v4', answer: { result: answer } as never });
    const provider = { name: 'a', create, keys: ['secret-one'], models: ['m'] };
    const pooled = createPooledModel({ providers: [provider], retryOnResult: () => true });
    const given = await untyped(pooled).doGenerate({ prompt: [] });
    expect(given).toMatchObject({ response: { headers: { 'x-says': says.text } } });
    expect(says.text).toBe('secret-one is no secret');
  });

  it('content-filter: also with a part of an answer', async () => {
    const partial = {
      ...content({ type: 'text', text: 'It is' }),
      finishReason: { unified: 'content-filter' },
    };
    expect(await judged(partial, 'content-filter')).toBe(true);
    expect(await judged(content({ type: 'text', text: 'It is' }), 'content-filter')).toBe(false);
  });

  it('content-filter: also a prompt that was blocked', async () => {
    const body = { promptFeedback: { blockReason: 'SAFETY' } };
    const blocked = { finishReason: { unified: 'other' }, response: { body } };
    expect(await judged(blocked, 'content-filter')).toBe(true);
    const { pool } = await asked(
      'generate',
      {
        google: {
          family: 'google',
          answer: () => ({ result: { content: [], warnings: [], usage: {}, ...blocked } }),
        },
      },
      { retryOnResult: 'content-filter' },
    );
    expect(pool.attempts).toHaveLength(1);
  });

  it('an answer that is none is no answer, whatever the conditions say', async () => {
    const broken = { content: [], finishReason: { unified: 'error' }, usage: {}, warnings: [] };
    const judge = vi.fn<() => boolean>(() => true);
    const { generate, clock } = scene(
      { a: { answer: () => ({ result: broken }) } },
      { retryOnResult: judge, maxWaitMs: 0 },
    );
    const failed = rejection(generate());
    // The second attempt at the same place.
    await clock.advance(1_000);
    expect(await failed).toBeInstanceOf(PoolExhaustedError);
    expect(judge).not.toHaveBeenCalled();
  });

  it('an object that does not fit goes on to one that does', async () => {
    const schema = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
    const options = { responseFormat: { type: 'json', schema } };
    const { text, pool } = await asked(
      'generate',
      { a: { answer: () => '{"n":"one"}' }, b: { answer: () => '{"n":1}' } },
      { retryOnResult: schemaMismatch },
      options,
    );
    expect(text).toBe('{"n":1}');
    expect(kinds(pool.attempts)).toEqual(['bad-response', undefined]);
  });
});

describe('stream', () => {
  it('that ended without output is one clean stream, where nobody has a better one', async () => {
    const providers = { a: { answer: () => filtered }, b: { answer: () => '' } };
    const parts = await scene(providers, { retryOnResult: all }).stream();
    expect(parts.map(part => part.type)).toEqual(['stream-start', 'response-metadata', 'finish']);
    expect(parts.at(-1)).toMatchObject({ finishReason: { unified: 'stop' } });
  });

  it('is never judged once its output began', async () => {
    const judge = vi.fn<() => boolean>(() => true);
    const { text } = await asked(
      'stream',
      { a: { answer: () => ({ text: 'It is', finishReason: 'content-filter' }) }, b: {} },
      { retryOnResult: ['content-filter', judge] },
    );
    expect(text).toBe('It is');
    expect(judge).not.toHaveBeenCalled();
  });

  it('an answer that began again is not ended by one that was refused', async () => {
    const start = { type: 'stream-start', warnings: [] };
    const text = [
      { type: 'text-start', id: '1' },
      { type: 'text-delta', id: '1', delta: 'It' },
    ];
    const { stream, trail } = scene(
      {
        a: { answer: () => ({ parts: [start, ...text], error: http(503) }) },
        b: { answer: () => '' },
      },
      { retryOnResult: 'empty', onMidStreamFailure: 'restart', maxWaitMs: 0 },
    );
    const parts = await stream();
    expect(trail().slice(0, 2)).toEqual(['a/secret-one/m', 'b/secret-one/m']);
    expect(parts.some(part => part.type === 'error')).toBe(true);
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'error' } });
  });

  it('a refused stream is cancelled upstream', async () => {
    const { stream, seen } = scene(
      { a: { answer: () => filtered }, b: {} },
      { retryOnResult: 'content-filter' },
    );
    await stream();
    expect(seen[0]!.call.cancelled).toBeDefined();
  });
});

/** How a provider is, and what its only model says. */
const HEALTH = {
  good: () => 'fine',
  empty: () => '',
  filtered: () => filtered,
  limited: () => http(429),
  closed: () => http(401),
  busy: () => http(503),
  strict: () => http(400),
} satisfies Record<string, Answer>;
type Health = keyof typeof HEALTH;

/** What becomes of a call on a new pool: who answers, if anybody does. */
function expected(healths: readonly Health[]): number {
  let spare = -1;
  for (const [i, health] of healths.entries()) {
    if (health === 'good') return i;
    // Nobody else would take such a request: there the call ends.
    if (health === 'strict') break;
    if (health === 'empty' || health === 'filtered') spare = i;
  }
  return spare;
}

it.each(ways)('%s: whatever there is, nobody gets an error in place of an answer', async way => {
  const health = fc.constantFrom(...(Object.keys(HEALTH) as Health[]));
  await fc.assert(
    fc.asyncProperty(fc.array(health, { minLength: 1, maxLength: 5 }), async healths => {
      const providers = Object.fromEntries(
        healths.map((each, i) => [`p${i}`, { answer: HEALTH[each] }]),
      );
      const settings = { retryOnResult: all, maxWaitMs: 0 };
      const by = expected(healths);
      const outcome = await asked(way, providers, settings).then(
        ({ text, pool, clock }) => ({
          by: pool.provider,
          text,
          isTried: pool.attempts.length > by,
          timers: clock.pending(),
        }),
        (error: unknown) =>
          Object.hasOwn(Object(error) as object, 'statusCode') ? 'error' : error,
      );
      const text = healths[by] === 'good' ? 'fine' : '';
      const answer = { by: `p${by}`, text, isTried: true, timers: 0 };
      expect(outcome).toEqual(by < 0 ? 'error' : answer);
    }),
    { numRuns: 300 },
  );
});

describe('the setting', () => {
  const entry = { name: 'a', models: [fakeModel({ specificationVersion: 'v4' })] };
  it.each<[string, object]>([
    ['retryOnResult', { providers: [entry], retryOnResult: 'schema-mismatch' }],
    ['retryOnResult', { providers: [entry], retryOnResult: true }],
    ['retryOnResult', { providers: [entry], retryOnResult: null }],
    ['retryOnResult', { providers: [entry], retryOnResult: async () => Promise.resolve(true) }],
    ['retryOnResult[1]', { providers: [entry], retryOnResult: ['empty', 'emtpy'] }],
    ['retryOnResult[0]', { providers: [entry], retryOnResult: [['empty']] }],
    ['providers[0].retryOnResult', { providers: [{ ...entry, retryOnResult: 7 }] }],
    ['providers[0].models[1].retryOnResult', withModel({})],
    ['providers[0].models[1].retryOnResult[0]', withModel([async () => Promise.resolve(true)])],
  ])('%s is checked', (path, config) => {
    const make = () => createPooledModel(config as never);
    expect(make).toThrow(PoolConfigError);
    expect(make).toThrow(`${path}: `);
  });

  it('names the predicate that gave a promise', async () => {
    const conditions = [() => false, () => Promise.resolve(true)];
    const pooled = untyped(createPooledModel(withModel(conditions) as never));
    const options = { prompt: [], providerOptions: { pool: { only: ['a/n'] } } };
    expect(await rejection(pooled.doGenerate(options))).toHaveProperty(
      'message',
      expect.stringContaining('providers[0].models[1].retryOnResult[1]: '),
    );
  });

  it('counts for the model that a middleware wraps', async () => {
    const middleware = createPoolMiddleware({ providers: [entry], retryOnResult: 'empty' });
    const wrapped = await middleware.wrapGenerate({
      model: empty(),
      params: { prompt: [] },
    });
    expect(kinds(poolOf(wrapped).attempts)).toEqual(['bad-response', undefined]);
  });

  it('counts for providers that come later, and for pooled providers', async () => {
    const pool = createPool({ providers: [entry], retryOnResult: 'empty' });
    pool.addProvider({ name: 'b', models: [empty()] });
    const provider = createPooledProvider(
      () => empty,
      { keys: ['one', 'two'] },
      { retryOnResult: 'empty' },
    );
    for (const model of [pool.languageModel().with({ only: ['b'] }), provider()]) {
      const { attempts } = poolOf(await untyped(model).doGenerate({ prompt: [] }));
      expect(kinds(attempts)).toEqual(['bad-response']);
    }
  });
});
