import { expect, it } from 'vitest';
import { http, untyped } from '../__fixtures__/scene.ts';
import { createPooledModel } from '../index.ts';

it('a secret that cannot be fetched anew is every call’s error, and nobody’s unhandled one', async () => {
  let fetched = 0;
  const apiKey = async (): Promise<string> => {
    await Promise.resolve();
    if (fetched++ > 0) throw new Error('no vault');
    return 'an-old-secret';
  };
  const member = {
    specificationVersion: 'v4',
    provider: 'p.chat',
    modelId: 'm',
    supportedUrls: {},
    // At once, so that it is known before the other calls go on with the same secret.
    doGenerate: () => {
      throw http(401);
    },
  };
  const model = untyped(
    createPooledModel({
      providers: [
        { name: 'a', keys: [{ id: 'k', apiKey }], models: ['m'], create: () => () => member },
      ],
    }),
  );
  const calls = Array.from({ length: 4 }, () => model.doGenerate({ prompt: [] }));
  const reasons = (await Promise.allSettled(calls)).map(each => Reflect.get(each, 'reason'));
  expect(reasons.map(String)).toEqual(Array(4).fill('Error: no vault'));
  expect(fetched).toBe(2);
});
