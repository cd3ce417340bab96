import {
  apiCallError,
  createVirtualClock,
  fakeModel,
  type FakeModelAnswer,
} from '@ai-pool/testing';
import { describe, expect, it } from 'vitest';
import {
  createPooledProvider,
  PoolConfigError,
  PoolExhaustedError,
  type PooledProviderSettings,
  type PoolMetadata,
} from './index.ts';

interface Settings {
  readonly apiKey?: string;
  readonly baseURL?: string;
  readonly name?: string;
}

type Answer = (key: string, way: string) => FakeModelAnswer<'v4'>;

const limited = (): Error =>
  apiCallError({ statusCode: 429, responseHeaders: { 'retry-after': '30' } });

/** A provider package: a factory and what it makes. */
function providerPackage(answer: Answer = key => `of ${key}`) {
  const trail: string[] = [];
  const made: Settings[] = [];
  const createFake = (settings: Settings = {}) => {
    made.push(settings);
    const { apiKey = 'none', name = 'fake' } = settings;
    const language = (way: string) => (modelId: string, options?: { effort: string }) =>
      fakeModel({
        specificationVersion: 'v4',
        provider: `${name}.${way}`,
        modelId,
        answer: () => {
          trail.push(`${apiKey} ${way} ${modelId} ${options?.effort ?? ''}`.trim());
          return answer(apiKey, way);
        },
      });
    const image = (modelId: string) => ({
      specificationVersion: 'v4' as const,
      provider: `${name}.image`,
      modelId,
      maxImagesPerCall: 4,
      config: { secret: apiKey },
      doGenerate: async () => {
        trail.push(`${apiKey} image ${modelId}`);
        return { images: ['one', 'two'], warnings: [], response: { modelId } };
      },
      doStart: () => `started by ${apiKey}`,
    });
    return Object.assign(language('responses'), {
      specificationVersion: 'v4' as const,
      languageModel: language('responses'),
      chat: language('chat'),
      image,
      live: Object.assign((modelId: string) => ({ modelId, of: apiKey }), { token: () => apiKey }),
      tools: { search: () => 'a tool' },
      files: () => ({ upload: () => apiKey }),
      rerankingModel: (): never => {
        throw new Error('it has no such models');
      },
    });
  };
  return { createFake, trail, made };
}

interface Result {
  readonly providerMetadata: { readonly pool: PoolMetadata };
}

/** What the SDK would call, with types that say less than the real ones. */
const ask = async (model: object, way = 'doGenerate'): Promise<Result> =>
  (Reflect.get(model, way) as (options: object) => Promise<Result>).call(model, { prompt: [] });

const still: PooledProviderSettings = { random: () => 0, maxWaitMs: 0 };
const keys = ['key-one-0123', 'key-two-0123'];

describe('a pooled provider', () => {
  it('rotates the models of each of its functions over the keys', async () => {
    const { createFake, trail } = providerPackage();
    const fake = createPooledProvider(createFake, { keys });
    for (const model of [fake('m'), fake('m'), fake.languageModel('n'), fake.chat('n')]) {
      await ask(model);
    }
    await ask(fake.image('i'));
    expect(trail).toEqual([
      'key-one-0123 responses m',
      'key-two-0123 responses m',
      'key-one-0123 responses n',
      'key-two-0123 chat n',
      'key-one-0123 image i',
    ]);
  });

  it('remembers of a model what any of its functions learned', async () => {
    const { createFake, trail } = providerPackage(key => (key === keys[0] ? limited() : 'fine'));
    const fake = createPooledProvider(createFake, { keys }, still);
    await ask(fake('m'));
    const { providerMetadata } = await ask(fake.chat('m'));
    expect(trail).toEqual([
      'key-one-0123 responses m',
      'key-two-0123 responses m',
      'key-two-0123 chat m',
    ]);
    expect(providerMetadata.pool).toMatchObject({ provider: 'fake', model: 'm' });
    expect(fake.pool.status().providers[0]?.targets).toMatchObject([
      { model: 'm', state: 'cooling' },
      { model: 'm', state: 'ready' },
    ]);
  });

  it('tells when it is exhausted, and streams over the keys', async () => {
    const { createFake, trail } = providerPackage((_, way) =>
      way === 'chat' ? limited() : 'fine',
    );
    const told: string[] = [];
    const fake = createPooledProvider(
      createFake,
      { keys },
      { ...still, on: { 'provider-exhausted': ({ provider }) => void told.push(provider) } },
    );
    expect(fake.pool.hasAvailable()).toBe(true);
    await expect(ask(fake.chat('m'), 'doStream')).rejects.toThrow(PoolExhaustedError);
    expect(fake.pool.hasAvailable()).toBe(false);
    expect(told).toEqual(['fake']);
    await ask(fake('n'), 'doStream');
    expect(trail).toHaveLength(3);
  });

  it('hands on further arguments, and keeps what was asked for by name alone', async () => {
    const { createFake, trail } = providerPackage();
    const fake = createPooledProvider(createFake, { keys });
    await ask(fake('m', { effort: 'high' }));
    await ask(fake('m', { effort: 'low' }));
    await ask(fake('m'));
    expect(trail).toEqual([
      'key-one-0123 responses m high',
      'key-two-0123 responses m low',
      'key-one-0123 responses m',
    ]);
    expect(fake('m')).toBe(fake('m'));
  });

  it('is what the factory makes in all else', async () => {
    const { createFake, made } = providerPackage();
    const bare = createFake();
    const fake = createPooledProvider(createFake, { keys, baseURL: 'https://proxy.test' });
    expect(Object.keys(fake)).toEqual([...Object.keys(bare), 'pool']);
    expect(fake.specificationVersion).toBe('v4');
    expect(fake.tools.search()).toBe('a tool');
    expect(fake.files().upload()).toBe(keys[0]);
    expect(fake.live('m')).toEqual({ modelId: 'm', of: keys[0] });
    expect(fake.live.token()).toBe(keys[0]);
    expect(() => fake.rerankingModel()).toThrow('it has no such models');
    expect(fake('m')).toMatchObject({ provider: 'fake.responses', modelId: 'm' });
    const image = fake.image('i');
    expect(image).toMatchObject({ provider: 'fake.image', modelId: 'i', maxImagesPerCall: 4 });
    expect(image.doStart()).toBe(`started by ${keys[0]}`);
    expect(Object.keys(image)).not.toContain('config');
    expect(made.at(-1)).toEqual({ apiKey: keys[0], baseURL: 'https://proxy.test' });
  });

  it('says of each image who made it', async () => {
    const { createFake } = providerPackage();
    const { providerMetadata } = await ask(createPooledProvider(createFake, { keys }).image('i'));
    const one = { provider: 'fake', model: 'i', attempts: [{}] };
    expect(providerMetadata.pool).toMatchObject({ ...one, images: [one, one] });
  });

  it('takes the settings of its pool and of its entry', async () => {
    const { createFake, trail } = providerPackage();
    const fake = createPooledProvider(
      createFake,
      { keys: [{ apiKey: keys[0] ?? '', id: 'first', account: 'acme' }, keys[1] ?? ''] },
      { name: 'mine', keySelection: 'sticky', accounts: { acme: { limits: { rpm: 1 } } } },
    );
    for (let i = 0; i < 3; i++) await ask(fake('m'));
    expect(trail.map(each => each.slice(0, 7))).toEqual(['key-one', 'key-two', 'key-two']);
    expect(fake.pool.status()).toMatchObject({
      providers: [{ name: 'mine', keys: [{ id: 'first', account: 'acme' }, {}] }],
    });
  });

  it('is named as its models call it', () => {
    const { createFake } = providerPackage();
    const names = (settings: Settings): string[] =>
      createPooledProvider(createFake, { keys, ...settings }).pool.providers();
    expect(names({})).toEqual(['fake']);
    expect(names({ name: 'my/proxy' })).toEqual(['my-proxy']);
    expect(createPooledProvider(() => ({}), { keys }).pool.providers()).toEqual(['provider']);
  });

  it('never calls anything with a secret that it does not know', async () => {
    const { createFake, trail } = providerPackage();
    const fake = createPooledProvider(createFake, {
      keys: [{ apiKey: async () => 'fetched-0123' }],
    });
    expect(() => fake.files()).toThrow(/^files: /);
    expect(Object.keys(fake.image('i'))).not.toContain('doStart');
    await ask(fake.image('i'));
    await ask(fake('m'));
    expect(trail).toEqual(['fetched-0123 image i', 'fetched-0123 responses m']);
  });

  it('goes on without a key that was removed', () => {
    const { createFake } = providerPackage();
    const fake = createPooledProvider(createFake, { keys });
    fake.pool.removeKey('fake', keys[0] ?? '');
    expect(fake.files().upload()).toBe(keys[1]);
  });

  it('names what is wrong', () => {
    const { createFake } = providerPackage();
    const wrong =
      (settings: object, pool: object = {}): (() => unknown) =>
      () =>
        createPooledProvider(createFake, settings as { keys: string }, pool);
    expect(wrong({ keys: undefined })).toThrow(/^provider\.keys: is undefined/);
    expect(wrong({ keys: ['x', ''] })).toThrow(/^provider\.keys\[1\]: must not be empty/);
    expect(wrong({ keys }, { maxWait: 1 })).toThrow(/^maxWait: unknown option/);
    expect(wrong({ keys }, { limits: { rps: 1 } })).toThrow(/^provider\.limits\.rps: /);
    const throws = (): never => {
      throw new Error(`no ${keys[0]}`);
    };
    expect(() => createPooledProvider(throws, { keys })).toThrow(PoolConfigError);
    expect(() => createPooledProvider(throws, { keys })).toThrow(/^provider\.create: threw: no /);
    expect(() => createPooledProvider(throws, { keys })).not.toThrow(keys[0]);
  });
});

/** Answers by model id, `fine` by default; trail: `key model`. */
function anyModel(
  answers: Record<string, (key: string) => FakeModelAnswer<'v4'> | Promise<string>>,
) {
  const trail: string[] = [];
  const create =
    ({ apiKey }: { apiKey: string }) =>
    (modelId: string) =>
      fakeModel({
        specificationVersion: 'v4',
        provider: 'fake',
        modelId,
        answer: () => {
          trail.push(`${apiKey.slice(4, 7)} ${modelId}`);
          return (answers[modelId] ?? answers['others'])?.(apiKey) ?? 'fine';
        },
      });
  const fake = createPooledProvider(
    create,
    { keys },
    { ...still, clock: createVirtualClock(1_800_000_000_000) },
  );
  const many = async (count: number, name = 'other'): Promise<void> => {
    for (let i = 0; i < count; i++) await ask(fake(`${name}-${i}`)).catch(() => undefined);
  };
  const states = (): Map<string, string> =>
    new Map(fake.pool.status().providers[0]?.models.map(({ id, state }) => [id, state]));
  return { fake, trail, many, states };
}

const missing = (): Error =>
  apiCallError({
    statusCode: 404,
    responseBody: '{"error":{"message":"No such model.","code":"model_not_found"}}',
  });

describe('a pooled provider that is asked for any model id', () => {
  it('remembers the 1,000 that were used last', async () => {
    const { fake, many, states } = anyModel({});
    for (let i = 0; i < 5; i++) {
      await ask(fake('often'));
      await many(500, `round-${i}`);
    }
    const known = states();
    expect(known.size).toBe(1_000);
    expect(known.has('often')).toBe(true);
    expect(known.has('round-4-499')).toBe(true);
    expect(known.has('round-3-499')).toBe(true);
    expect(known.has('round-2-499')).toBe(false);
  });

  it('keeps what is paused, closed by hand or in flight, but not what never was', async () => {
    const answers: ((text: string) => void)[] = [];
    const { fake, trail, many, states } = anyModel({
      paused: () => apiCallError({ statusCode: 429, responseHeaders: { 'retry-after': '3600' } }),
      slow: () => new Promise<string>(resolve => answers.push(resolve)),
      others: missing,
      closed: () => 'fine',
    });
    await expect(ask(fake('paused'))).rejects.toThrow(PoolExhaustedError);
    await ask(fake('closed'));
    fake.pool.disable({ provider: 'fake', model: 'closed' });
    const answered = ask(fake('slow'));
    await many(2_500);

    const known = states();
    expect(known.size).toBe(1_000);
    expect(known.get('closed')).toBe('disabled');
    expect(known.get('other-2499')).toBe('disabled');
    expect(known.has('other-0')).toBe(false);
    expect(known.has('slow')).toBe(true);
    const before = trail.length;
    await expect(ask(fake('paused'))).rejects.toThrow(PoolExhaustedError);
    await expect(ask(fake('closed'))).rejects.toThrow(PoolExhaustedError);
    expect(trail).toHaveLength(before);

    for (const answer of answers) answer('at last');
    await answered;
    const used = fake.pool.status().providers[0]?.keys.map(({ usage }) => usage) ?? [];
    const sum = (of: 'attempts' | 'successes' | 'failures' | 'inFlight'): number =>
      used.reduce((all, usage) => all + usage[of], 0);
    expect([sum('attempts'), sum('successes'), sum('inFlight')]).toEqual([trail.length, 2, 0]);
    // Nothing keeps them any more.
    fake.pool.reset({ include: ['disabled'] });
    await many(1_000, 'later');
    expect([...states().keys()].filter(id => !id.startsWith('later'))).toEqual([]);
  });

  it('serves a call that waits for a model, though it is forgotten meanwhile', async () => {
    const clock = createVirtualClock(1_800_000_000_000);
    const answers: ((text: string) => void)[] = [];
    const create = () => (modelId: string) =>
      fakeModel({
        specificationVersion: 'v4',
        modelId,
        answer: () =>
          modelId === 'slow' ? new Promise<string>(done => answers.push(done)) : 'fine',
      });
    const one = [{ apiKey: 'key-one-0123', limits: { maxConcurrency: 1 } }];
    const fake = createPooledProvider(create, { keys: one }, { clock });
    const slow = ask(fake('slow'));
    await clock.advance(1);
    let isServed = false;
    const waiting = ask(fake('wanted')).then(() => (isServed = true));
    await clock.advance(1);
    for (let i = 0; i < 1_500; i++) fake(`other-${i}`);
    expect(fake.pool.status().providers[0]?.models.some(({ id }) => id === 'wanted')).toBe(false);
    for (const answer of answers) answer('at last');
    await slow;
    await clock.advance(1);
    expect(isServed).toBe(true);
    await waiting;
    expect(clock.pending()).toBe(0);
  });

  it('goes on with a model that it has forgotten', async () => {
    let refuses = false;
    const { fake, trail, many, states } = anyModel({
      held: () => (refuses ? limited() : 'fine'),
    });
    const held = fake('held');
    await ask(held);
    await many(1_500);
    expect(states().has('held')).toBe(false);
    fake.pool.addKey('fake', 'key-new-0123');
    for (let i = 0; i < 3; i++) await ask(held);
    expect(new Set(trail.slice(-3))).toEqual(new Set(['one held', 'two held', 'new held']));
    expect(states().has('held')).toBe(true);

    refuses = true;
    await expect(ask(held)).rejects.toThrow(PoolExhaustedError);
    const before = trail.length;
    const again = fake('held');
    expect(again).not.toBe(held);
    await expect(ask(again)).rejects.toThrow(PoolExhaustedError);
    expect(trail).toHaveLength(before);
  });
});
