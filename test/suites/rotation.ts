import { describe, expect, test } from 'vitest';
import type { ModelBase, Sdk } from './sdk.ts';
import { inWorld, modelIds, providerNames, ways } from './world.ts';

export function testRotation<Model extends ModelBase>(sdk: Sdk<Model>): void {
  describe.each(ways)('rotation: %s', way => {
    test.each(providerNames)('%s: a limited key is left for the next one', async name => {
      const [limited, good] = [`${name}-1`, `${name}-2`];
      const keys = { [limited]: { rpm: 0 }, [good]: {} };
      await inWorld(sdk, { [name]: { keys } }, async ({ ask, trail, events, pool }) => {
        const answers = [await ask(way), await ask(way), await ask(way)];

        const id = modelIds[name];
        expect(trail()).toEqual([
          `${name}/${limited}/${id} 429`,
          `${name}/${good}/${id} 200`,
          `${name}/${good}/${id} 200`,
          `${name}/${good}/${id} 200`,
        ]);
        expect(answers.map(answer => answer.pool.key)).toEqual([good, good, good]);
        expect(answers[0]?.pool.attempts).toMatchObject([
          { key: limited, kind: 'rate-limit', status: 429 },
          { key: good },
        ]);
        expect(answers[1]?.pool.attempts).toHaveLength(1);
        expect(events.filter(({ type }) => type === 'key-rotated')).toMatchObject([
          { from: { key: limited }, to: { key: good }, kind: 'rate-limit' },
        ]);
        expect(pool.status().providers[0]?.targets).toMatchObject([
          { key: limited, state: 'cooling', reason: 'rate-limit', until: expect.any(Number) },
          { key: good, state: 'ready' },
        ]);
      });
    });

    test.each([
      ['openai', 401],
      ['google', 400],
      ['openrouter', 401],
    ] as const)('%s: an invalid key is disabled', async (name, status) => {
      const [invalid, good] = [`${name}-1`, `${name}-2`];
      const keys = { [invalid]: { invalid: true }, [good]: {} };
      await inWorld(sdk, { [name]: { keys } }, async ({ ask, trail, events, pool }) => {
        const answers = [await ask(way), await ask(way), await ask(way)];

        const id = modelIds[name];
        expect(trail()).toEqual([
          `${name}/${invalid}/${id} ${status}`,
          `${name}/${good}/${id} 200`,
          `${name}/${good}/${id} 200`,
          `${name}/${good}/${id} 200`,
        ]);
        expect(answers[0]?.pool.attempts).toMatchObject([{ kind: 'auth', status }, { key: good }]);
        expect(events.filter(({ type }) => type === 'disabled')).toMatchObject([
          { scope: 'key', provider: name, key: invalid, kind: 'auth' },
        ]);
        expect(pool.status().providers[0]?.keys).toMatchObject([
          { id: invalid, state: 'disabled' },
          { id: good, state: 'ready' },
        ]);
      });
    });
  });
}
