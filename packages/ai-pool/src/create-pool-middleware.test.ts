import { apiCallError, fakeModel, type FakeModelAnswer } from '@ai-pool/testing';
import { describe, expect, it } from 'vitest';
import {
  createPoolMiddleware,
  PoolConfigError,
  PoolExhaustedError,
  type PoolMetadata,
  type PoolSettings,
} from './index.ts';

interface Result {
  readonly content: readonly { readonly text?: string }[];
  readonly stream: ReadableStream<unknown>;
  readonly providerMetadata: { readonly pool: PoolMetadata };
}

/** What comes out, whatever the middleware knows of the model. */
const resultOf = (given: unknown): Result => given as Result;

const limited = (): Error =>
  apiCallError({ statusCode: 429, responseHeaders: { 'retry-after': '30' } });

const wrapped = (answer: FakeModelAnswer<'v4'> | (() => FakeModelAnswer<'v4'>), modelId = 'w') =>
  fakeModel({
    specificationVersion: 'v4',
    provider: 'fake.chat',
    modelId,
    answer,
    supportedUrls: { 'image/*': [/^https:/], '*': [/./] },
  });

function scene(settings: PoolSettings = {}) {
  const trail: string[] = [];
  const middleware = createPoolMiddleware({
    providers: ['a', 'b'].map(name => ({
      name,
      keys: 'key-one-0123',
      models: ['m'],
      create: () => (modelId: string) =>
        fakeModel({
          specificationVersion: 'v4',
          modelId,
          supportedUrls: { 'image/*': [/^https:/] },
          answer: () => {
            trail.push(name);
            return `of ${name}`;
          },
        }),
    })),
    random: () => 0,
    maxWaitMs: 0,
    ...settings,
  });
  // What the SDK does with it.
  const ask = async (model: object, options: object = {}): Promise<Result> =>
    resultOf(await middleware.wrapGenerate({ model, params: { prompt: [], ...options } }));
  const text = async (model: object): Promise<string> =>
    (await ask(model)).content.map(part => part.text).join('');
  return { middleware, trail, ask, text };
}

const poolOptions = (pool: object) => ({ providerOptions: { pool } });

describe('a pool as middleware', () => {
  it('calls the wrapped model first, and the pool where it fails', async () => {
    const { middleware, trail, ask } = scene();
    let isFine = true;
    const model = wrapped(() => (isFine ? 'of its own' : limited()));
    expect((await ask(model)).content).toMatchObject([{ text: 'of its own' }]);
    isFine = false;
    const { content, providerMetadata } = await ask(model);
    expect(content).toMatchObject([{ text: 'of a' }]);
    expect(providerMetadata.pool.attempts).toMatchObject([
      { provider: 'fake.chat', model: 'w', kind: 'rate-limit' },
      { provider: 'a', model: 'm' },
    ]);
    // It is known now to be limited.
    await ask(model);
    expect(model.calls).toHaveLength(2);
    expect(trail).toEqual(['a', 'a']);
    expect(middleware.pool.status().providers).toMatchObject([
      { name: 'a' },
      { name: 'b' },
      { name: 'fake.chat', keys: [{ usage: { attempts: 2 } }], targets: [{ state: 'cooling' }] },
    ]);
    middleware.pool.reset();
    isFine = true;
    expect((await ask(model)).content).toMatchObject([{ text: 'of its own' }]);
  });

  it('streams', async () => {
    const { middleware } = scene();
    const options = { model: wrapped(limited), params: { prompt: [] } };
    const { stream } = resultOf(await middleware.wrapStream(options));
    const parts = [];
    for await (const part of stream) parts.push(part);
    expect(parts.at(-1)).toMatchObject({
      type: 'finish',
      providerMetadata: { pool: { provider: 'a', attempts: [{ kind: 'rate-limit' }, {}] } },
    });
  });

  it('keeps the pool’s own order behind the wrapped model, under any routing', async () => {
    const { text, trail } = scene({ routing: 'round-robin' });
    const model = wrapped(limited);
    for (let i = 0; i < 4; i++) await text(model);
    expect(model.calls).toHaveLength(1);
    expect(trail).toEqual(['a', 'b', 'a', 'b']);
  });

  it('goes by order and only, in which the wrapped model has its provider id', async () => {
    const { ask, trail } = scene();
    const model = wrapped('of its own');
    await ask(model, poolOptions({ order: ['b', 'fake.chat'] }));
    await ask(model, poolOptions({ only: ['a'] }));
    await ask(model, poolOptions({ only: ['fake.chat/w'] }));
    expect(trail).toEqual(['b', 'a']);
    expect(model.calls).toHaveLength(1);
  });

  it('tells wrapped models apart, and shows the first of a name', async () => {
    const { middleware, text } = scene();
    const [bad, good, other] = [wrapped(limited), wrapped('good'), wrapped('other', 'x')];
    expect([await text(bad), await text(good), await text(other)]).toEqual([
      'of a',
      'good',
      'other',
    ]);
    expect(middleware.pool.providers()).toEqual(['a', 'b', 'fake.chat', 'fake.chat#2']);
    for (let i = 0; i < 5; i++) expect(await text(wrapped('new'))).toBe('new');
    expect(middleware.pool.providers()).toHaveLength(4);
  });

  it('says what all of them can fetch', async () => {
    const { middleware } = scene();
    expect(await middleware.overrideSupportedUrls({ model: wrapped('x') })).toEqual({
      'image/*': [/^https:/],
    });
  });

  it('ends with the failures of all', async () => {
    const { middleware, ask } = scene({ maxWaitMs: 0 });
    for (const name of ['a', 'b']) middleware.pool.disable({ provider: name });
    await expect(ask(wrapped(limited))).rejects.toThrow(PoolExhaustedError);
  });

  it('takes ready-made models, of one generation', async () => {
    const middleware = createPoolMiddleware([wrapped('of the pool', 'p')]);
    const options = { model: wrapped(limited), params: { prompt: [] } };
    const result = resultOf(await middleware.wrapGenerate(options));
    expect(result.content).toMatchObject([{ text: 'of the pool' }]);
    expect(middleware.specificationVersion).toBe('v4');
    const older = fakeModel({ specificationVersion: 'v2' });
    expect(() => middleware.overrideSupportedUrls({ model: older })).toThrow(PoolConfigError);
    await expect(middleware.wrapGenerate({ model: older, params: {} })).rejects.toThrow(
      /is of generation v2, the others of v4/,
    );
  });
});
