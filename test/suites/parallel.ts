import { apiCallError } from '@ai-pool/testing';
import type { PoolEvent } from 'ai-pool';
import { describe, expect, test } from 'vitest';
import type { Answer, ModelBase, Sdk } from './sdk.ts';
import { askModel, atOnce, inWorld, ways, type World, type WorldProviders } from './world.ts';

/** The first target is always limited, and takes a moment to say so. */
const forms: readonly { form: string; providers: WorldProviders; good: string }[] = [
  {
    form: 'two providers',
    providers: { openai: { latencyMs: 20, keys: { 'openai-1': { rpm: 0 } } }, google: {} },
    good: 'google-1',
  },
  {
    form: 'two keys of one provider',
    providers: { openai: { latencyMs: 20, keys: { 'openai-1': { rpm: 0 }, 'openai-2': {} } } },
    good: 'openai-2',
  },
];
const bad = 'openai-1';
const text = 'Well.';

/** Every answer is the second target's, and all accounts of what happened agree. */
function expectAgreement(
  answers: readonly Answer[],
  {
    good,
    refused,
    answered,
    events,
  }: { good: string; refused: number; answered: number; events: readonly PoolEvent[] },
): void {
  expect(new Set(answers.map(({ pool }) => pool.key))).toEqual(new Set([good]));
  expect(new Set(answers.map(({ pool }) => pool.callId)).size).toBe(answers.length);
  expect(answered).toBe(answers.length);
  expect(new Set(answers.map(answer => answer.text))).toEqual(new Set([text]));

  // Each call knows its own attempts: at most one at the first target, then the answer.
  const trails = answers.map(({ pool }) =>
    pool.attempts.map(({ key, kind = 'answered' }) => `${key} ${kind}`).join(', '),
  );
  const turned = `${bad} rate-limit, ${good} answered`;
  expect(trails.filter(trail => trail === turned)).toHaveLength(refused);
  expect(trails.filter(trail => trail === `${good} answered`)).toHaveLength(
    answers.length - refused,
  );

  const told = (type: PoolEvent['type'], key: string) =>
    events.filter(event => event.type === type && 'key' in event && event.key === key).length;
  expect([told('attempt', bad), told('failure', bad), told('success', bad)]).toEqual([
    refused,
    refused,
    0,
  ]);
  expect([told('attempt', good), told('failure', good), told('success', good)]).toEqual([
    answered,
    0,
    answered,
  ]);
  const switches = events.filter(({ type }) => /-(rotated|switched)$/.test(type));
  expect(switches).toHaveLength(refused);
  expect(events.filter(({ type }) => type === 'exhausted' || type === 'waiting')).toEqual([]);
}

export function testParallelCalls<Model extends ModelBase>(sdk: Sdk<Model>): void {
  describe.each(ways)('parallel calls: %s', way => {
    describe.each(forms)('$form', ({ providers, good }) => {
      test.each([1, 2, 10, 100])('%i over HTTP', async count => {
        const story = async ({ ask, fakes, events }: World<Model>): Promise<void> => {
          const served = (key: string, status: number) =>
            fakes.requests.filter(request => request.key === key && request.status === status);
          const waves: Answer[] = await atOnce(count, () => ask(way));
          await fakes.idle();
          const refused = served(bad, 429).length;
          expect(refused).toBeGreaterThanOrEqual(1);
          expect(refused).toBeLessThanOrEqual(count);

          // Later waves know.
          waves.push(...(await atOnce(count, () => ask(way))));
          waves.push(...(await atOnce(10, () => ask(way))));
          await fakes.idle();
          expect(served(bad, 429)).toHaveLength(refused);
          const answered = served(good, 200).length;
          expect(fakes.requests).toHaveLength(refused + answered);
          expectAgreement(waves, { good, refused, answered, events });
        };
        await inWorld(sdk, providers, story, { reply: text });
      });

      test('1,000 without HTTP', async () => {
        const limited = sdk.fake({
          latencyMs: 5,
          answer: () => apiCallError({ statusCode: 429, responseHeaders: { 'retry-after': '60' } }),
        });
        const serving = sdk.fake({ latencyMs: 1, answer: text });
        const events: PoolEvent[] = [];
        const model = sdk.pooled({
          providers: Object.entries(providers).map(([name, { keys = { [good]: {} } }]) => ({
            name,
            keys: Object.keys(keys).map(id => ({ id, apiKey: `secret-of-${id}` })),
            models: ['m'],
            create:
              ({ apiKey }) =>
              () =>
                apiKey === `secret-of-${bad}` ? limited : serving,
          })),
          onEvent: event => events.push(event),
        });
        const ask = () => askModel(sdk, model, way);
        const waves = await atOnce(1_000, ask);
        const refused = limited.calls.length;
        expect(refused).toBeGreaterThanOrEqual(1);
        waves.push(...(await atOnce(100, ask)));
        expect(limited.calls).toHaveLength(refused);
        expectAgreement(waves, { good, refused, answered: serving.calls.length, events });

        const usage = model.pool.status().providers.flatMap(({ keys }) => keys);
        expect(usage.map(({ id, usage: { attempts } }) => [id, attempts])).toEqual([
          [bad, refused],
          [good, 1_100],
        ]);
        expect(usage.map(key => key.usage.inFlight)).toEqual([0, 0]);
      });
    });
  });
}
