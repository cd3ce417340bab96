import { describe, expect, test } from 'vitest';
import type { ModelBase, Sdk } from './sdk.ts';
import { inWorld, providerNames, ways } from './world.ts';

export function testModelSwitch<Model extends ModelBase>(sdk: Sdk<Model>): void {
  describe.each(ways)('model switch: %s', way => {
    test.each(providerNames)('%s: a missing model costs one request', async name => {
      const provider = {
        keys: { [`${name}-1`]: {}, [`${name}-2`]: {} },
        models: ['model-retired', 'model-current'],
        missing: ['model-retired'],
      };
      await inWorld(sdk, { [name]: provider }, async ({ ask, fakes, events, pool }) => {
        const answers = [await ask(way), await ask(way), await ask(way)];

        expect(fakes.requests.map(({ model }) => model)).toEqual([
          'model-retired',
          'model-current',
          'model-current',
          'model-current',
        ]);
        expect(answers.map(answer => answer.pool.model)).toEqual(
          Array.from({ length: 3 }, () => 'model-current'),
        );
        expect(answers.map(answer => answer.modelId)).toEqual(
          Array.from({ length: 3 }, () => 'model-current'),
        );
        expect(answers[0]?.pool.attempts).toMatchObject([
          { model: 'model-retired', kind: 'model-not-found' },
          { model: 'model-current' },
        ]);
        expect(events.filter(({ type }) => type === 'model-switched')).toMatchObject([
          {
            from: { provider: name, model: 'model-retired' },
            to: { provider: name, model: 'model-current' },
            kind: 'model-not-found',
          },
        ]);
        expect(pool.status().providers[0]).toMatchObject({
          keys: [{ state: 'ready' }, { state: 'ready' }],
          models: [{ state: 'disabled' }, { state: 'ready' }],
        });
      });
    });
  });
}
