import { inspect } from 'node:util';
import { PoolExhaustedError } from 'ai-pool';
import { describe, expect, test } from 'vitest';
import type { ModelBase, ProviderName, Sdk } from './sdk.ts';
import {
  askModel,
  inWorld,
  prefixes,
  providerNames,
  rejection,
  secretOf,
  ways,
  type World,
} from './world.ts';

/** Every way in which a value may be printed. */
function prints(value: unknown): string {
  const printed = [
    inspect(value, { depth: Infinity, showHidden: true, maxStringLength: Infinity }),
    inspect(value),
    JSON.stringify(value),
    String(value),
  ];
  for (let each = value; each instanceof Error; each = each.cause) {
    printed.push(each.message, each.stack ?? '', JSON.stringify(each));
  }
  return printed.join('\n');
}

/** Neither a whole secret, nor 8 characters of one beyond its public prefix. */
function expectNoSecret(value: unknown, provider: ProviderName, ids: readonly string[]): void {
  const text = prints(value);
  for (const id of ids) {
    const secret = secretOf(provider, id);
    const own = secret.slice(prefixes[provider].length);
    const runs = Array.from({ length: own.length - 7 }, (_, at) => own.slice(at, at + 8));
    expect(runs.filter(run => text.includes(run))).toEqual([]);
    expect(text).not.toContain(secret);
  }
}

/** Whatever a user may print of a pool. */
function everything<Model extends ModelBase>({ model, pool, events }: World<Model>): unknown[] {
  return [model, pool, events, pool.status()];
}

export function testSecrets<Model extends ModelBase>(sdk: Sdk<Model>): void {
  describe.each(ways)('secrets: %s', way => {
    test.each(providerNames)('%s: invalid keys', async name => {
      const ids = [`${name}-1`, `${name}-2`];
      const keys = Object.fromEntries(ids.map(id => [id, { invalid: true }]));
      await inWorld(sdk, { [name]: { keys } }, async world => {
        const error = await rejection(world.ask(way));
        expect(PoolExhaustedError.isInstance(error)).toBe(true);
        for (const value of [error, ...everything(world)]) expectNoSecret(value, name, ids);
        // Nothing is open any more: the remembered failure is shown.
        expectNoSecret(await rejection(world.ask(way)), name, ids);
      });
    });

    test.each(providerNames)('%s: a service that repeats the key everywhere', async name => {
      const ids = [`${name}-1`, `${name}-2`];
      const echo = (status: number) => {
        const said = ids.map(id => secretOf(name, id)).join(' ');
        return {
          status,
          headers: { 'x-echo': said },
          body: { error: { message: `Refused: ${said}`, code: status, status: said, type: said } },
        };
      };
      for (const status of [400, 401, 403, 429, 500]) {
        const keys = Object.fromEntries(ids.map(id => [id, { refuse: echo(status) }]));
        await inWorld(
          sdk,
          { [name]: { keys } },
          async world => {
            const error = await rejection(world.ask(way, { maxRetries: 0 }));
            expect(prints(error)).toContain('Refused: [redacted] [redacted]');
            for (const value of [error, ...everything(world)]) expectNoSecret(value, name, ids);
          },
          { maxWaitMs: 0 },
        );
      }
    });

    test('a connection that breaks', async () => {
      await inWorld(
        sdk,
        { google: { down: 'reset' } },
        async world => {
          const error = await rejection(world.ask(way, { maxRetries: 0 }));
          expect(PoolExhaustedError.isInstance(error)).toBe(true);
          for (const value of [error, ...everything(world)]) {
            expectNoSecret(value, 'google', ['google-1']);
          }
        },
        { maxWaitMs: 0 },
      );
    });

    test('an answer', async () => {
      const secret = secretOf('openai', 'openai-1');
      await inWorld(
        sdk,
        { openai: {} },
        async world => {
          const { text, ...rest } = await world.ask(way);
          expectNoSecret([rest, ...everything(world)], 'openai', ['openai-1']);
          // What the model says is the caller's, whatever it is.
          expect(text).toBe(`You said ${secret}.`);
        },
        { reply: `You said ${secret}.` },
      );
    });

    test('an error of any shape', async () => {
      const secret = secretOf('openai', 'openai-1');
      const shapes = [
        new Error(`refused ${secret}`, { cause: { headers: { authorization: secret } } }),
        Object.assign(new Error('refused'), { deep: { list: [{ url: `/?key=${secret}` }] } }),
        new AggregateError([new Error(secret)], secret),
        `refused ${secret}`,
        { message: `refused ${secret}`, statusCode: 418 },
      ];
      for (const reject of shapes) {
        const model = sdk.pooled({
          maxWaitMs: 0,
          providers: [
            {
              name: 'openai',
              create: () => modelId => sdk.fake({ modelId, answer: { reject } }),
              keys: secret,
              models: ['gpt-4o'],
            },
          ],
        });
        const error = await rejection(askModel(sdk, model, way, { maxRetries: 0 }));
        expect(prints(error)).toContain('[redacted]');
        expectNoSecret([error, model], 'openai', ['openai-1']);
      }
    });
  });
}
