import { describe, expect, test } from 'vitest';
import type { ModelBase, Sdk } from './sdk.ts';
import { ForwardClock } from './forward-clock.ts';
import { inWorld, providerNames, ways } from './world.ts';

const outages = [500, 503, 'reset'] as const;

export function testCascade<Model extends ModelBase>(sdk: Sdk<Model>): void {
  describe.each(ways)('provider cascade: %s', way => {
    test.each(outages)('down with %s: two attempts at most, then the next provider', async down => {
      const keys = { 'openai-1': {}, 'openai-2': {}, 'openai-3': {}, 'openai-4': {} };
      await inWorld(
        sdk,
        { openai: { down, keys, models: ['gpt-4o', 'gpt-4o-mini'] }, google: {} },
        async ({ ask, requestsOf, events }) => {
          const answer = await ask(way);
          expect(answer.pool.provider).toBe('google');
          expect(requestsOf('openai').length).toBeGreaterThanOrEqual(1);
          expect(requestsOf('openai').length).toBeLessThanOrEqual(2);
          expect(requestsOf('google')).toHaveLength(1);
          expect(events.filter(({ type }) => type === 'provider-switched')).toMatchObject([
            { from: { provider: 'openai' }, to: { provider: 'google' } },
          ]);

          // What was learned stays: calls that follow at once find the next provider directly.
          const before = requestsOf('openai').length;
          for (let i = 0; i < 5; i += 1) expect((await ask(way)).pool.provider).toBe('google');
          expect(requestsOf('openai').length - before).toBeLessThanOrEqual(2);
        },
      );
    });

    test.each(providerNames)('%s: down, and back after its pause', async name => {
      const next = name === 'google' ? 'openai' : 'google';
      const clock = new ForwardClock();
      await inWorld(
        sdk,
        { [name]: { down: 500 }, [next]: {} },
        async ({ ask, fakes }) => {
          expect((await ask(way)).pool.provider).toBe(next);
          fakes.provider(name).set({ down: false });
          clock.shift(61_000);
          expect((await ask(way)).pool.provider).toBe(name);
        },
        { clock },
      );
    });

    test('the cascade goes key, model, provider, provider', async () => {
      const limited = { rpm: 0, perModel: true };
      await inWorld(
        sdk,
        {
          openai: {
            keys: { 'openai-1': limited, 'openai-2': limited },
            models: ['gpt-4o', 'gpt-4o-mini'],
          },
          google: {
            models: ['gemini-gone', 'gemini-also-gone'],
            missing: ['gemini-gone', 'gemini-also-gone'],
          },
          openrouter: { keys: { 'openrouter-1': { invalid: true }, 'openrouter-2': {} } },
        },
        async ({ ask, trail }) => {
          const answer = await ask(way);
          expect(answer.pool).toMatchObject({ provider: 'openrouter', key: 'openrouter-2' });
          expect(trail()).toEqual([
            'openai/openai-1/gpt-4o 429',
            'openai/openai-2/gpt-4o 429',
            'openai/openai-1/gpt-4o-mini 429',
            'openai/openai-2/gpt-4o-mini 429',
            'google/google-1/gemini-gone 404',
            'google/google-1/gemini-also-gone 404',
            'openrouter/openrouter-1/openai/gpt-4o 401',
            'openrouter/openrouter-2/openai/gpt-4o 200',
          ]);
          expect(answer.pool.attempts).toHaveLength(8);
        },
      );
    });
  });
}
