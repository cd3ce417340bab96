import { apiCallError } from '@ai-pool/testing';
import { PoolExhaustedError } from 'ai-pool';
import { describe, expect, test } from 'vitest';
import type { ModelBase, Sdk } from './sdk.ts';
import { inWorld, rejection, ways } from './world.ts';

/** The error of an exhausted pool, as it came out of the SDK. */
async function exhaustion(promise: Promise<unknown>): Promise<PoolExhaustedError> {
  const error = await rejection(promise);
  if (!PoolExhaustedError.isInstance(error)) throw error;
  return error;
}

export function testExhaustion<Model extends ModelBase>(sdk: Sdk<Model>): void {
  describe.each(ways)('exhaustion: %s', way => {
    test('limits everywhere: a retryable error that says when to come back', async () => {
      await inWorld(
        sdk,
        {
          openai: { keys: { 'openai-1': { rpm: 0, retryAfterMs: 50_000 } } },
          google: { keys: { 'google-1': { rpm: 0, retryAfterMs: 40_000 } } },
        },
        async ({ ask, trail, events }) => {
          const error = await exhaustion(ask(way, { maxRetries: 0 }));

          expect(sdk.isAPICallError(error)).toBe(true);
          expect(error.attempts).toMatchObject([
            { provider: 'openai', model: 'gpt-4o', key: 'openai-1', kind: 'rate-limit' },
            { provider: 'google', model: 'gemini-2.5-flash', key: 'google-1', status: 429 },
          ]);
          expect(error.statusCode).toBe(429);
          expect(error.responseBody).toContain('RESOURCE_EXHAUSTED');
          expect(error.data).toMatchObject({ error: { status: 'RESOURCE_EXHAUSTED' } });
          expect(error.url).toContain('gemini-2.5-flash');
          expect(error.requestBodyValues).toEqual({});
          expect(sdk.isAPICallError(error.cause)).toBe(true);
          expect(error.cause).toMatchObject({
            statusCode: error.statusCode,
            responseBody: error.responseBody,
            data: error.data,
          });
          expect(error.isRetryable).toBe(true);
          expect(error.retryAfterMs).toBeGreaterThan(30_000);
          expect(error.retryAfterMs).toBeLessThanOrEqual(40_000);
          expect(error.responseHeaders?.['retry-after-ms']).toBe(String(error.retryAfterMs));
          expect(events.filter(({ type }) => type === 'exhausted')).toMatchObject([
            { attempts: 2, retryAt: error.retryAt },
          ]);

          // Nothing is called before that, and the error says the same without any attempt.
          const again = await exhaustion(ask(way, { maxRetries: 0 }));
          expect(trail()).toHaveLength(2);
          expect(again).toMatchObject({ attempts: [], statusCode: 429, cause: error.cause });
          expect(again.retryAt).toBe(error.retryAt);
        },
      );
    });

    test('a dead key makes the error one that no retry heals', async () => {
      await inWorld(
        sdk,
        {
          openai: { keys: { 'openai-1': { rpm: 0 } } },
          openrouter: { keys: { 'openrouter-1': { invalid: true } } },
        },
        async ({ ask, trail }) => {
          // With the SDK's default retries: they must not begin.
          const error = await exhaustion(ask(way));
          expect(error).toMatchObject({ isRetryable: false, statusCode: 401 });
          expect(error.attempts.map(({ kind }) => kind)).toEqual(['rate-limit', 'auth']);
          expect(sdk.isAPICallError(error)).toBe(true);
          expect(error.responseHeaders).not.toHaveProperty('retry-after-ms');
          expect(trail()).toHaveLength(2);
        },
      );
    });

    test('every provider down', async () => {
      await inWorld(
        sdk,
        { openai: { down: 500 }, google: { down: 503 }, openrouter: { down: 'reset' } },
        async ({ ask, requestsOf }) => {
          const error = await exhaustion(
            ask(way, { maxRetries: 0, poolOptions: { maxWaitMs: 0 } }),
          );
          expect(sdk.isAPICallError(error)).toBe(true);
          expect(error.isRetryable).toBe(true);
          expect(new Set(error.attempts.map(({ kind }) => kind))).toEqual(
            new Set(['server-error', 'overloaded', 'network']),
          );
          for (const name of ['openai', 'google', 'openrouter'] as const) {
            expect(requestsOf(name).length).toBeGreaterThanOrEqual(1);
            expect(requestsOf(name).length).toBeLessThanOrEqual(2);
          }
        },
      );
    });

    test('a mistake of the caller costs one request and comes out as it is', async () => {
      await inWorld(sdk, { openai: {}, google: {} }, async ({ ask, fakes, trail, pool }) => {
        fakes.provider('openai').failNext({ status: 400 });
        const error = await rejection(ask(way));
        expect(sdk.isAPICallError(error)).toBe(true);
        expect(PoolExhaustedError.isInstance(error)).toBe(false);
        expect(error).toMatchObject({
          statusCode: 400,
          isRetryable: false,
          message: 'Your request could not be served.',
        });
        expect(trail()).toEqual(['openai/openai-1/gpt-4o 400']);
        // Nothing was punished.
        expect(pool.status().providers.map(({ state }) => state)).toEqual(['ready', 'ready']);
        expect((await ask(way)).pool.provider).toBe('openai');
      });
    });

    test('and it is the very object that the member threw', async () => {
      const thrown = apiCallError({
        statusCode: 400,
        data: { error: { message: "Invalid 'temperature'.", type: 'invalid_request_error' } },
      });
      const first = sdk.fake({ provider: 'openai.chat', answer: thrown });
      const second = sdk.fake({ provider: 'google.generative-ai' });
      const model = sdk.pooledModels([first, second]);
      const error = await rejection(
        way === 'generate' ? sdk.generateText(model, {}) : sdk.streamText(model, {}),
      );
      expect(error).toBe(thrown);
      expect(first.calls).toHaveLength(1);
      expect(second.calls).toHaveLength(0);
    });

    test("the cause of an exhausted pool is the member's own object", async () => {
      const thrown = apiCallError({ statusCode: 401, message: 'no', responseBody: '{"error":1}' });
      const model = sdk.pooledModels([sdk.fake({ provider: 'openai.chat', answer: thrown })]);
      const error = await exhaustion(
        way === 'generate' ? sdk.generateText(model, {}) : sdk.streamText(model, {}),
      );
      expect(error.cause).toBe(thrown);
      expect(error).toMatchObject({ statusCode: 401, responseBody: '{"error":1}' });
    });
  });
}
