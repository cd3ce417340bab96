import { createVirtualClock } from '@ai-pool/testing';
import { describe, expect, test } from 'vitest';
import { AbortedStream, collect, type ModelBase, type Part, type Sdk } from './sdk.ts';
import { inFlyingTime, until } from './time.ts';
import { inWorld, rejection, ways, type Way, type World } from './world.ts';

const reasons: readonly (readonly [string, unknown])[] = [
  ['a DOMException', new DOMException('The user left.', 'AbortError')],
  ['a timeout', new DOMException('Too late.', 'TimeoutError')],
  ['an Error', new Error('The user left.')],
  ['a string', 'the user left'],
];

/** The model's own method: what it rejects with is not changed by the SDK. */
async function call<Model extends ModelBase>(
  sdk: Sdk<Model>,
  model: Model,
  way: Way,
  signal: AbortSignal,
): Promise<unknown> {
  if (way === 'generate') return sdk.doGenerate(model, signal);
  return collect(await sdk.doStream(model, signal));
}

/** Every key's share of attempts whose caller left. */
function aborted<Model>({ pool }: World<Model>): number {
  const keys = pool.status().providers.flatMap(provider => provider.keys);
  return keys.reduce((sum, { usage }) => sum + usage.aborted, 0);
}

/** An abort punishes nobody. */
function expectAllReady<Model>({ pool }: World<Model>): void {
  const { providers } = pool.status();
  const states = providers.flatMap(({ targets }) => targets.map(({ state }) => state));
  expect(new Set(states)).toEqual(new Set(['ready']));
}

export function testAbort<Model extends ModelBase>(sdk: Sdk<Model>): void {
  describe.each(ways)('abort: %s', way => {
    describe.each(reasons)('with %s', (_, reason) => {
      test('before the call: nothing is called', async () => {
        await inWorld(sdk, { openai: {}, google: {} }, async world => {
          const signal = AbortSignal.abort(reason);
          expect(await rejection(call(sdk, world.model, way, signal))).toBe(reason);
          await rejection(world.ask(way, { abortSignal: signal }));
          expect(world.trail()).toEqual([]);
          expect(aborted(world)).toBe(0);
        });
      });

      test('during an attempt: the reason comes out, nobody else is called', async () => {
        await inWorld(sdk, { openai: { down: 'hang' }, google: {} }, async world => {
          const controller = new AbortController();
          const failing = rejection(call(sdk, world.model, way, controller.signal));
          await until(() => world.fakes.requests.length === 1);
          controller.abort(reason);
          expect(await failing).toBe(reason);
          await world.fakes.idle();
          expect(world.fakes.requests).toMatchObject([{ provider: 'openai', aborted: true }]);
          expect(aborted(world)).toBe(1);
          expectAllReady(world);
        });
      });

      test('while waiting for a cooldown: nothing more is called, no timer is left', async () => {
        const clock = createVirtualClock(Date.now());
        await inWorld(
          sdk,
          { openai: { keys: { 'openai-1': { rpm: 0, retryAfterMs: 3_000 } } } },
          async world => {
            const controller = new AbortController();
            const failing = rejection(call(sdk, world.model, way, controller.signal));
            await until(() => world.events.some(({ type }) => type === 'waiting'));
            controller.abort(reason);
            expect(await failing).toBe(reason);
            expect(clock.pending()).toBe(0);
            await clock.advance(10_000);
            expect(world.trail()).toEqual(['openai/openai-1/gpt-4o 429']);
            expect(aborted(world)).toBe(0);
          },
          { clock },
        );
      });
    });
  });

  test.each(reasons)('abort in the middle of a stream: with %s', async (_, reason) => {
    await inWorld(sdk, { openai: {}, google: {} }, async world => {
      world.fakes.provider('openai').failNext({ afterChunks: 2, ending: 'hang' });
      const controller = new AbortController();
      const stream = await sdk.doStream(world.model, controller.signal);
      const reader = stream.getReader();
      let part: Part | undefined;
      while (part?.type !== 'text-delta') part = (await reader.read()).value;

      controller.abort(reason);
      const drain = async (): Promise<void> => {
        while (!(await reader.read()).done);
      };
      expect(await rejection(drain())).toBe(reason);
      await world.fakes.idle();
      expect(world.fakes.requests).toMatchObject([{ provider: 'openai', aborted: true }]);
      expect(aborted(world)).toBe(1);
      expectAllReady(world);
    });
  });

  describe('abort through the SDK', () => {
    test.each(reasons)('generateText rejects with %s', async (_, reason) => {
      await inWorld(sdk, { openai: { down: 'hang' }, google: {} }, async world => {
        const controller = new AbortController();
        const { signal: abortSignal } = controller;
        const failing = rejection(world.ask('generate', { abortSignal }));
        await until(() => world.fakes.requests.length === 1);
        controller.abort(reason);
        expect(await failing).toBe(reason);
        expect(world.fakes.requests).toHaveLength(1);
        expect(aborted(world)).toBe(1);
      });
    });

    test('streamText ends in the middle of its text', async () => {
      await inWorld(sdk, { openai: {}, google: {} }, async world => {
        world.fakes.provider('openai').failNext({ afterChunks: 2, ending: 'hang' });
        const controller = new AbortController();
        const failing = rejection(
          world.ask('stream', {
            abortSignal: controller.signal,
            onText: () => controller.abort(),
          }),
        );
        const error = await failing;
        // ai 4 throws the reason, later ones say so by a part.
        expect(error instanceof AbortedStream || error === controller.signal.reason).toBe(true);
        await world.fakes.idle();
        expect(world.fakes.requests).toMatchObject([{ provider: 'openai', aborted: true }]);
        expect(aborted(world)).toBe(1);
        expectAllReady(world);
      });
    });

    test.each(ways)('between two tries of the SDK nothing more is called: %s', way =>
      inFlyingTime(async () => {
        await inWorld(
          sdk,
          { openai: { keys: { 'openai-1': { rpm: 0, retryAfterMs: 1_000 } } } },
          async world => {
            const controller = new AbortController();
            const { signal: abortSignal } = controller;
            const failing = rejection(world.ask(way, { abortSignal }));
            setTimeout(() => controller.abort(), 500);
            await failing;
            expect(controller.signal.aborted).toBe(true);
            expect(world.trail()).toEqual(['openai/openai-1/gpt-4o 429']);
          },
          { maxWaitMs: 0 },
        );
      }),
    );

    test('a stream that is not read to its end is cancelled upstream', async () => {
      await inWorld(sdk, { openai: {} }, async world => {
        world.fakes.provider('openai').failNext({ afterChunks: 2, ending: 'hang' });
        const stream = await sdk.doStream(world.model, new AbortController().signal);
        await stream.cancel();
        await world.fakes.idle();
        expect(world.fakes.requests).toMatchObject([{ aborted: true }]);
        expect(aborted(world)).toBe(1);
        expectAllReady(world);
      });
    });
  });
}
