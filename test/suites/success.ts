import { describe, expect, test } from 'vitest';
import type { ModelBase, Sdk } from './sdk.ts';
import { askModel, inWorld, modelIds, providerNames, ways } from './world.ts';

const usage = { inputTokens: 11, outputTokens: 7 };
const text = 'A pool is many that look like one.';

export function testSuccess<Model extends ModelBase>(sdk: Sdk<Model>): void {
  describe.each(ways)('success: %s', way => {
    test.each([...providerNames, 'anthropic'] as const)('%s', async name => {
      await inWorld(
        sdk,
        { [name]: {} },
        async ({ ask, trail, events }) => {
          const pieces: string[] = [];
          const answer = await ask(way, { onText: piece => pieces.push(piece) });

          const target = { provider: name, model: modelIds[name], key: `${name}-1` };
          expect(answer).toEqual({
            text,
            modelId: modelIds[name],
            finishReason: 'stop',
            ...usage,
            pool: {
              ...target,
              callId: expect.stringMatching(/./),
              attempts: [{ ...target, ms: expect.any(Number) }],
            },
          });
          // Streams arrive piece by piece.
          expect(pieces.join('')).toBe(way === 'stream' ? text : '');
          expect(pieces.length > 3).toBe(way === 'stream');
          expect(trail()).toEqual([`${name}/${name}-1/${modelIds[name]} 200`]);
          expect(events).toMatchObject([
            { type: 'attempt', ...target, callId: answer.pool.callId, attempt: 1 },
            { type: 'success', ...target, callId: answer.pool.callId, attempt: 1 },
          ]);
        },
        { reply: { text, usage } },
      );
    });

    test('the least recently used key comes first', async () => {
      const keys = { 'openai-1': {}, 'openai-2': {}, 'openai-3': {} };
      await inWorld(sdk, { openai: { keys } }, async ({ ask }) => {
        const used: string[] = [];
        for (let i = 0; i < 6; i += 1) used.push((await ask(way)).pool.key);
        expect(used).toEqual([...Object.keys(keys), ...Object.keys(keys)]);
      });
    });

    test('a call may name its providers, and no member sees that', async () => {
      const seen: unknown[] = [];
      const member = (modelId: string) =>
        sdk.fake({
          modelId,
          answer: ({ options }) => {
            seen.push(options.providerOptions, options.providerMetadata);
            return modelId;
          },
        });
      const model = sdk.pooled({
        providers: ['a', 'b', 'c'].map(name => ({
          name,
          create: () => member,
          keys: 'key-number-one',
          models: [`${name}-large`, `${name}-small`],
        })),
      });
      const ask = async (poolOptions: Record<string, string[]>): Promise<string> => {
        const answer = await askModel(sdk, model, way, { poolOptions });
        return answer.text;
      };
      expect(await ask({ only: ['b'] })).toBe('b-large');
      expect(await ask({ order: ['c/c-small'] })).toBe('c-small');
      expect(await ask({ only: ['c', 'a/a-small'] })).toBe('c-large');
      expect(await ask({ order: ['c', 'b'], only: ['a', 'b'] })).toBe('b-large');
      expect(JSON.stringify(seen)).not.toContain('pool');
    });

    test('the model id is what the member reports, else the configured one', async () => {
      const reported = new Map([['configured', 'reported-0314']]);
      const model = sdk.pooled({
        providers: ['configured', 'silent'].map(id => ({
          name: id,
          keys: 'key-number-one',
          models: [id],
          create: () => (modelId: string) =>
            sdk.fake({ modelId, answer: { text, modelId: reported.get(id) ?? modelId } }),
        })),
      });
      const [reporting, silent] = await Promise.all([
        askModel(sdk, model, way, { poolOptions: { only: ['configured'] } }),
        askModel(sdk, model, way, { poolOptions: { only: ['silent'] } }),
      ]);
      expect([reporting.modelId, reporting.pool.model]).toEqual(['reported-0314', 'configured']);
      expect([silent.modelId, silent.pool.model]).toEqual(['silent', 'silent']);
    });
  });
}
