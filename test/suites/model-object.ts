import { describe, expect, test } from 'vitest';
import type { ModelBase, ProviderName, Sdk } from './sdk.ts';
import { askModel, inWorld, secretOf, ways } from './world.ts';

const base = 'https://service.test';

/** A property that not every generation has. */
function read(model: object, name: string): unknown {
  return Reflect.get(model, name);
}

function real<Model extends ModelBase>(sdk: Sdk<Model>, name: ProviderName, id: string): Model {
  return sdk.factories[name]({ apiKey: secretOf(name, 'one'), baseURL: base })(id);
}

function testUrls<Model extends ModelBase>(sdk: Sdk<Model>): void {
  const patterns = (urls: Record<string, RegExp[]>) => sdk.fake({ supportedUrls: urls });

  test('supportedUrls of one kind of member are its own', async () => {
    const member = real(sdk, 'openai', 'gpt-4o');
    const pooled = sdk.pooledModels([member, real(sdk, 'openai', 'gpt-4o-mini')]);
    const urls = await read(pooled, 'supportedUrls');
    expect(urls).toEqual(await read(member, 'supportedUrls'));
    expect(urls).not.toEqual({});
  });

  test('supportedUrls are what all members can fetch', async () => {
    const pooled = sdk.pooledModels([
      patterns({
        'image/*': [/^https:/, /^http:/],
        'application/pdf': [/^https:/],
        'audio/*': [/./],
        '*': [/./],
      }),
      patterns({ 'image/*': [/^https:/i, /^https:/], 'application/pdf': [/^ftp:/], '*': [/./] }),
      patterns({ 'image/*': [/^https:/, /^http:/], 'audio/*': [/./], '*': [/./] }),
    ]);
    expect(await read(pooled, 'supportedUrls')).toEqual({ 'image/*': [/^https:/], '*': [/./] });
    const mixed = sdk.pooledModels([
      real(sdk, 'openai', 'gpt-4o'),
      real(sdk, 'google', 'gemini-2.5-flash'),
    ]);
    expect(await read(mixed, 'supportedUrls')).toEqual({});
  });

  test.each([
    ['a rejection', () => ({ value: Promise.reject(new Error('no list')) })],
    [
      'a throw',
      () => ({
        get: () => {
          throw new Error('no list');
        },
      }),
    ],
    ['nothing', () => ({ value: undefined })],
    ['a function', () => ({ value: () => ({}) })],
  ])('supportedUrls never reject: %s', async (_, broken) => {
    const urls = { '*': [/./] };
    const member = Object.defineProperty(patterns(urls), 'supportedUrls', broken());
    const pooled = sdk.pooledModels([patterns(urls), member]);
    expect(await read(pooled, 'supportedUrls')).toEqual({});
    expect((await askModel(sdk, pooled, 'generate')).text).not.toBe('');
  });

  test('supportedUrls may be promised', async () => {
    const urls = { 'image/*': [/^https:/] };
    const late = Object.defineProperty(patterns({}), 'supportedUrls', {
      value: Promise.resolve(urls),
    });
    expect(await read(sdk.pooledModels([patterns(urls), late]), 'supportedUrls')).toEqual(urls);
  });
}

function testV1Capabilities<Model extends ModelBase>(sdk: Sdk<Model>): void {
  const fetching = (allowed: RegExp) =>
    Object.assign(sdk.fake(), { supportsUrl: (url: URL) => allowed.test(url.href) });

  function supportsUrl(model: Model, url: string): unknown {
    const method = read(model, 'supportsUrl');
    if (typeof method !== 'function') throw new TypeError('supportsUrl is missing.');
    return method.call(model, new URL(url));
  }

  test('defaultObjectGenerationMode is the first member’s', () => {
    const json = sdk.fake({ defaultObjectGenerationMode: 'json' });
    const tool = sdk.fake({ defaultObjectGenerationMode: 'tool' });
    const modes = [
      [json, json],
      [tool, tool],
      [tool, json],
    ].map(members => read(sdk.pooledModels(members), 'defaultObjectGenerationMode'));
    expect(modes).toEqual(['json', 'tool', 'tool']);
  });

  test.each(['supportsImageUrls', 'supportsStructuredOutputs'])('%s of all members', name => {
    const of = (...all: boolean[]) =>
      read(sdk.pooledModels(all.map(each => sdk.fake({ [name]: each }))), name);
    expect([of(true, true), of(true, false), of(false, true), of(false)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test('real members: google takes no image URLs', () => {
    const openai = real(sdk, 'openai', 'gpt-4o');
    const google = real(sdk, 'google', 'gemini-2.5-flash');
    expect(read(sdk.pooledModels([openai]), 'supportsImageUrls')).toBe(true);
    expect(read(sdk.pooledModels([openai, google]), 'supportsImageUrls')).toBe(false);
  });

  test('supportsUrl is what every member says', () => {
    const both = sdk.pooledModels([fetching(/^https:/), fetching(/\.png$/)]);
    const urls = ['https://x.test/a.png', 'https://x.test/a.gif', 'http://x.test/a.png'];
    expect(urls.map(url => supportsUrl(both, url))).toEqual([true, false, false]);
    const silent = sdk.pooledModels([fetching(/./), sdk.fake()]);
    expect(supportsUrl(silent, 'https://x.test/a.png')).toBe(false);
  });
}

export function testModelObject<Model extends ModelBase>(sdk: Sdk<Model>): void {
  describe('the model object', () => {
    test('is of its members’ generation, with stable names, and not frozen', async () => {
      await inWorld(
        sdk,
        { openai: { keys: { 'openai-1': { rpm: 0 } } }, google: {} },
        async world => {
          const { model, ask } = world;
          const names = [model.specificationVersion, model.provider, model.modelId];
          expect(model.specificationVersion).toBe(sdk.specificationVersion);
          expect(real(sdk, 'google', 'gemini-2.5-flash').specificationVersion).toBe(
            sdk.specificationVersion,
          );
          await ask('generate');
          expect([model.specificationVersion, model.provider, model.modelId]).toEqual(names);
          expect(names).not.toContain('');
          expect(Object.isFrozen(model)).toBe(false);
          // What newer SDKs do to older models.
          const proxy = new Proxy(model, {
            get: (target, key) =>
              key === 'specificationVersion' ? 'v9' : read(target, String(key)),
          });
          expect(read(proxy, 'specificationVersion')).toBe('v9');
        },
      );
    });

    const isV1 = sdk.specificationVersion === 'v1';
    describe.skipIf(isV1)('from V2 on', () => {
      testUrls(sdk);
    });
    describe.runIf(isV1)('V1', () => {
      testV1Capabilities(sdk);
    });

    test.each(ways)('works behind a middleware: %s', async way => {
      await inWorld(sdk, { openai: { down: 503 }, google: {} }, async ({ model }) => {
        const { text, pool } = await askModel(sdk, sdk.wrapped(model), way);
        expect(text).not.toBe('');
        expect(pool.attempts.at(-1)).toMatchObject({ provider: 'google' });
      });
    });

    test.each(ways)('works in a custom provider and a registry: %s', async way => {
      await inWorld(sdk, { openai: { down: 503 }, google: {} }, async ({ model }) => {
        const { text, pool } = await askModel(sdk, sdk.registered(model), way);
        expect(text).not.toBe('');
        expect(pool.provider).toBe('google');
      });
    });

    test('a pool stands in a registry as a provider', async () => {
      const config = {
        providers: ['one', 'two'].map(name => ({
          name,
          keys: 'key-number-one',
          models: ['shared', `only-${name}`],
          create: () => (modelId: string) => sdk.fake({ modelId, answer: `${name} ${modelId}` }),
        })),
      };
      const text = async (id: string): Promise<string> =>
        (await askModel(sdk, sdk.fromRegistry(config, id), 'generate')).text;
      expect(await text('shared')).toBe('one shared');
      expect(await text('only-two')).toBe('two only-two');
      await expect(async () => text('unknown')).rejects.toThrow('unknown');
    });
  });
}
