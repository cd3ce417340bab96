import { expect, it } from 'vitest';
import { sharedCapabilities } from './kind-capabilities.ts';

const bytes = Symbol.for('vercel.ai.embeddingModel.maxInputBytesPerCall');
const transformer = Symbol.for('vercel.ai.embeddingModel.providerOptionsTransformer');

type Shared = Record<string | symbol, unknown>;
const shared = (...members: object[]): Shared =>
  Object.defineProperties(
    {},
    sharedCapabilities(() => members),
  ) as Shared;

it('a model has what one of its members has, and no more', () => {
  expect(Reflect.ownKeys(shared({ maxEmbeddingsPerCall: 1, config: {} }, { [bytes]: 2 }))).toEqual([
    'maxEmbeddingsPerCall',
    bytes,
  ]);
  expect(shared({ maxEmbeddingsPerCall: undefined })).toEqual({ maxEmbeddingsPerCall: undefined });
});

it('limits are the least of all; of embeddings none is no limit, of images it is one', async () => {
  const limits = [{ [bytes]: 300 }, { [bytes]: undefined }, { [bytes]: 200 }];
  expect(shared(...limits)[bytes]).toBe(200);
  expect(shared({ maxImagesPerCall: 4 }, { maxImagesPerCall: undefined })['maxImagesPerCall']).toBe(
    1,
  );
  const promised = { maxEmbeddingsPerCall: Promise.resolve(7) };
  expect(await shared({ maxEmbeddingsPerCall: 9 }, promised)['maxEmbeddingsPerCall']).toBe(7);
});

it('a limit that depends on the model is asked of each member with its own id', async () => {
  const asked: unknown[] = [];
  const depends = {
    modelId: 'own',
    most: 3,
    async maxImagesPerCall({ modelId }: { modelId: string }) {
      asked.push(modelId);
      return this.most;
    },
  };
  const limit = shared({ modelId: 'other', maxImagesPerCall: 5 }, depends)['maxImagesPerCall'];
  expect(await (limit as (options: object) => unknown)({ modelId: 'pool' })).toBe(3);
  expect(asked).toEqual(['own']);
});

it('what is supported is what all support', () => {
  const yes = { supportsFileInputs: true };
  expect(shared(yes, yes)['supportsFileInputs']).toBe(true);
  expect(shared(yes, { supportsFileInputs: false })['supportsFileInputs']).toBe(false);
  expect(shared(yes, {})['supportsFileInputs']).toBe(false);
});

it('functions that change options are called as the member’s own', () => {
  const member = {
    of: 'a member',
    [transformer](options: object) {
      return { ...options, by: this.of };
    },
  };
  const transform = shared(member)[transformer] as (options: object) => unknown;
  expect(transform({ start: 1 })).toEqual({ start: 1, by: 'a member' });
});
