import type { FakeModelAnswer } from '@ai-pool/testing';
import type { Pool, PoolSettings } from 'ai-pool';
import { describe, expect, test } from 'vitest';
import { partsOf, type RawPart } from './raw-parts.ts';
import { poolOver, rawStream, scripted, type Script } from './scripted.ts';
import { collect, type ModelBase, type Sdk } from './sdk.ts';
import { rejection } from './world.ts';

/** So soon that nothing waits for it, and so late that nothing lives to see it. */
const soonMs = 20;
const neverMs = 3_600_000;

const hang: Script = () => new Promise(() => undefined);

const usages = ({ pool }: { readonly pool: Pool }) =>
  pool.status().providers.map(({ keys }) => keys[0]?.usage);

/** The SDK's own time limits and retries of streams, together with the pool's. */
export function testSdkLimits<Model extends ModelBase>(sdk: Sdk<Model>): void {
  const say = partsOf(sdk.specificationVersion);
  const answer = (...parts: (RawPart | readonly RawPart[])[]): FakeModelAnswer =>
    rawStream([...say.opening, ...parts.flat()]);
  const begun = [...say.opening, ...say.block('text', ['and then '], false)];
  const stalling: Script = () => rawStream(begun, { ending: 'hang' });
  const pooled = (scripts: readonly Script[], settings?: PoolSettings) =>
    poolOver(
      sdk,
      scripts.map(script => scripted(sdk, script)),
      settings,
    );

  describe.skipIf(sdk.major < 6)('time limits of the SDK', () => {
    test.each([{ totalMs: soonMs }, { stepMs: soonMs }])(
      'generateText: %o ends the call, and no target is to blame',
      async timeout => {
        const model = pooled([hang, () => 'never asked'], { timeouts: { attemptMs: neverMs } });
        const error = await rejection(sdk.generateText(model, { further: { timeout } }));
        expect(error).toMatchObject({ name: 'TimeoutError' });
        expect(usages(model)).toMatchObject([{ aborted: 1, inFlight: 0 }, { attempts: 0 }]);
        expect(model.pool.hasAvailable('p0')).toBe(true);
      },
    );

    test('streamText: a chunk that does not come ends the stream, and no target is to blame', async () => {
      const model = pooled([stalling, () => 'never asked']);
      const further = { timeout: { chunkMs: soonMs } };
      const call = sdk.streamText(model, { further });
      expect(await rejection(call)).toMatchObject({ name: 'AbortedStream' });
      expect(usages(model)).toMatchObject([{ aborted: 1, inFlight: 0 }, { attempts: 0 }]);
    });

    test('the pool’s own limits end attempts long before', async () => {
      const timeout = { totalMs: neverMs, stepMs: neverMs, chunkMs: neverMs };
      const model = pooled([hang, () => 'well'], { timeouts: { attemptMs: soonMs } });
      expect((await sdk.generateText(model, { further: { timeout } })).text).toBe('well');
      const stream = pooled([stalling, () => 'well'], { timeouts: { idleMs: soonMs } });
      const call = sdk.streamText(stream, { further: { timeout } });
      expect(await rejection(call)).toMatchObject({ name: 'TimeoutError', message: /idleMs/ });
      expect(usages(stream)).toMatchObject([{ failures: 1, inFlight: 0 }, { attempts: 0 }]);
    });

    test.skipIf(sdk.major < 7)('the first chunk is timed from the answer on', async () => {
      const late: Script = async () => {
        await new Promise(resolve => void setTimeout(resolve, 10 * soonMs));
        return new Error('late');
      };
      const model = pooled([late, () => 'well']);
      const further = { timeout: { firstChunkMs: soonMs } };
      expect((await sdk.streamText(model, { further })).text).toBe('well');
    });
  });

  test.skipIf(sdk.major < 7)(
    'the SDK tries a broken stream again: somebody else answers',
    async () => {
      const broken = answer(
        say.block('text', ['half of it'], false),
        { type: 'error', error: { type: 'overloaded_error', message: 'busy' } },
        say.finish('error'),
      );
      const model = pooled([() => broken, () => 'well']);
      const result = sdk.opened(model, 'text', { further: { streamRetries: 1 } });
      expect(await (result as { text: PromiseLike<string> }).text).toBe('well');
      expect(usages(model)).toMatchObject([{ failures: 1 }, { successes: 1 }]);
    },
  );

  test('an error in a stream stays the same object, with what is hidden on it', async () => {
    const marker = Symbol.for('vercel.ai.providerStreamError');
    const error = { type: 'overloaded_error', message: 'busy, with one' };
    Object.defineProperty(error, marker, { value: { statusCode: 529 } });
    const broken = answer(say.block('text', ['half'], false), { type: 'error', error });
    const model = pooled([() => broken]);
    const parts = await collect(await sdk.doStream(model, new AbortController().signal));
    expect(parts.find(({ type }) => type === 'error')?.error).toBe(error);
    expect(Reflect.get(error, marker)).toEqual({ statusCode: 529 });
    expect(parts.map(({ type }) => type).slice(-2)).toEqual(['error', 'finish']);
  });
}
