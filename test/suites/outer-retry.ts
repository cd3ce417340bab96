import type { FakeFault } from '@ai-pool/testing';
import { describe, expect, test } from 'vitest';
import type { ModelBase, Sdk } from './sdk.ts';
import { inFlyingTime } from './time.ts';
import {
  askModel,
  inWorld,
  modelIds,
  providerNames,
  rejection,
  secretOf,
  ways,
  type World,
} from './world.ts';

/** The shortest pause after a refusal that does not say how long: 1 s, less 20 %. */
const shortestGuessMs = 800;

/** Nobody is called before the pause has ended that its refusal stated, or that the pool guessed. */
function expectPausesKept<Model>({ fakes, events }: World<Model>): void {
  const { requests } = fakes;
  const early = requests.flatMap((request, index) => {
    const before = requests
      .slice(0, index)
      .findLast(({ key, model }) => key === request.key && model === request.model);
    if (before?.status !== 429) return [];
    const pause = before.retryAfterMs ?? shortestGuessMs;
    return request.at - before.at < pause ? [{ ...request, after: request.at - before.at }] : [];
  });
  expect(early).toEqual([]);

  const broken = events.flatMap(event => {
    if (event.type !== 'cooled' || event.kind !== 'rate-limit') return [];
    return requests.filter(
      ({ provider, key, at }) =>
        provider === event.provider && key === event.key && at > event.at && at < event.until,
    );
  });
  expect(broken).toEqual([]);
}

const faults: readonly (readonly [string, FakeFault])[] = [
  ['500', { status: 500 }],
  ['503', { status: 503 }],
  ['reset', 'reset'],
  ['429 without a hint', { status: 429, retryAfterMs: null }],
];

export function testOuterRetry<Model extends ModelBase>(sdk: Sdk<Model>): void {
  describe.each(ways)("the SDK's own retry: %s", way => {
    describe.each(providerNames)('%s', name => {
      test.each(faults)('a pool of one key survives what the bare model does: one %s', (_, fault) =>
        inFlyingTime(async () => {
          await inWorld(sdk, { [name]: {} }, async world => {
            const { fakes, ask, trail } = world;
            fakes.provider(name).failNext(fault);
            const bare = sdk.factories[name]({
              apiKey: secretOf(name, `${name}-1`),
              baseURL: fakes.baseURL(name),
            })(modelIds[name]);
            const { text } = await askModel(sdk, bare, way);
            expect(trail()).toHaveLength(2);

            fakes.reset();
            fakes.provider(name).failNext(fault);
            expect((await ask(way)).text).toBe(text);
            expect(trail()).toHaveLength(2);
            expectPausesKept(world);
          });
        }),
      );

      test.each(faults)('and so it does when the SDK does all the waiting: one %s', (_, fault) =>
        inFlyingTime(async () => {
          await inWorld(
            sdk,
            { [name]: {} },
            async world => {
              world.fakes.provider(name).failNext(fault);
              const { pool } = await world.ask(way);
              expect(pool.key).toBe(`${name}-1`);
              expect(world.trail()).toHaveLength(2);
              expectPausesKept(world);
            },
            { maxWaitMs: 0 },
          );
        }),
      );

      describe.each([
        ['the pool waits', 5_000],
        ['the SDK waits', 0],
      ])('%s', (__, maxWaitMs) => {
        test.each([
          ['150 ms', 150],
          ['3 s', 3_000],
          ['nothing', null],
        ])('two refusals that state %s: both pauses are kept', (_, retryAfterMs) =>
          inFlyingTime(async () => {
            await inWorld(
              sdk,
              { [name]: {} },
              async world => {
                const refusal = { status: 429, retryAfterMs };
                world.fakes.provider(name).failNext(refusal, refusal);
                const [{ status }] = await Promise.allSettled([world.ask(way)]);
                // An SDK that comes back after 2 s and 4 s finds the pool closed at first.
                const tooLate = !sdk.waitsAsTold && maxWaitMs === 0 && retryAfterMs === 3_000;
                expect(status).toBe(tooLate ? 'rejected' : 'fulfilled');
                expect(world.fakes.requests.map(request => request.status)).toEqual(
                  tooLate ? [429, 429] : [429, 429, 200],
                );
                expectPausesKept(world);
              },
              { maxWaitMs },
            );
          }),
        );
      });
    });

    test.each([
      ['the pool waits', 5_000],
      ['the SDK waits', 0],
    ])('%s: many targets, always refused, none before its time', (_, maxWaitMs) =>
      inFlyingTime(async () => {
        await inWorld(
          sdk,
          {
            openai: {
              keys: {
                'openai-1': { rpm: 0, retryAfterMs: 150 },
                'openai-2': { rpm: 0, retryAfterMs: 900 },
                'openai-3': { rpm: 0, retryAfterMs: null },
              },
            },
            google: {
              keys: {
                'google-1': { rpm: 0, retryAfterMs: 200 },
                'google-2': { rpm: 0, retryAfterMs: 20_000 },
              },
            },
            openrouter: { keys: { 'openrouter-1': { rpm: 0, retryAfterMs: 1_000 } } },
          },
          async world => {
            const error = await rejection(world.ask(way));
            expect(sdk.isRetryError(error)).toBe(true);
            const used = new Set(world.fakes.requests.map(({ key }) => key));
            expect(used.size).toBe(6);
            expectPausesKept(world);
          },
          { maxWaitMs },
        );
      }),
    );

    test('a minute, the usual pause, is as long as the SDK waits', () =>
      inFlyingTime(async () => {
        await inWorld(sdk, { openai: {} }, async world => {
          world.fakes.provider('openai').failNext({ status: 429, retryAfterMs: 60_000 });
          await Promise.allSettled([world.ask(way)]);
          expect(world.fakes.requests.map(({ status }) => status)).toEqual(
            sdk.waitsAsTold ? [429, 200] : [429],
          );
          expectPausesKept(world);
        });
      }));

    test('a pause longer than all retries costs one request', () =>
      inFlyingTime(async () => {
        await inWorld(
          sdk,
          { openai: { keys: { 'openai-1': { rpm: 0, retryAfterMs: 120_000 } } } },
          async world => {
            await rejection(world.ask(way));
            expect(world.trail()).toHaveLength(1);
          },
        );
      }));

    test('many callers at once: nobody comes early', () =>
      inFlyingTime(async () => {
        const pauses = { 'openai-1': 400, 'google-1': 700 };
        await inWorld(
          sdk,
          {
            openai: { keys: { 'openai-1': { rpm: 0, retryAfterMs: pauses['openai-1'] } } },
            google: { keys: { 'google-1': { rpm: 0, retryAfterMs: pauses['google-1'] } } },
          },
          async ({ ask, fakes }) => {
            const calls = Array.from({ length: 10 }, () => rejection(ask(way)));
            await Promise.all(calls);
            for (const [id, pauseMs] of Object.entries(pauses)) {
              const times = fakes.requests.filter(({ key }) => key === id).map(({ at }) => at);
              // Those who come together count as one wave: what is between waves is the pause.
              const waves = times.filter((at, i) => at - (times[i - 1] ?? 0) > 200);
              expect(waves.length).toBeGreaterThan(1);
              waves.slice(1).forEach((at, i) => {
                const before = times.findLast(time => time < at) ?? 0;
                expect([id, i, at - before >= pauseMs]).toEqual([id, i, true]);
              });
            }
          },
        );
      }));
  });
}
