import type { FakeFault } from '@ai-pool/testing';
import { describe, expect, test } from 'vitest';
import type { ModelBase, Part, ProviderName, Sdk } from './sdk.ts';
import { askModel, inWorld, modelIds, providerNames, rejection, secretOf, ways } from './world.ts';

const providers = [...providerNames, 'anthropic'] as const;
const { signal } = new AbortController();

/** What differs from one answer to the next, whoever asks. */
const passing =
  /^(id|itemId|item_id|responseId|response_id|timestamp|created|created_at|date|body|x-request-id)$/;

/** A value without what differs from answer to answer. */
function lasting(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lasting);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const kept = Object.entries(value).filter(([key]) => !passing.test(key));
  return Object.fromEntries(
    kept.flatMap(([key, each]) => (each === undefined ? [] : [[key, lasting(each)]])),
  );
}

/** What the SDK's users read from a failed call. */
function fieldsOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return error;
  const read = (name: string): unknown => Reflect.get(error, name);
  const { 'retry-after-ms': _told, ...headers } = Object(read('responseHeaders'));
  const fields = {
    status: read('statusCode'),
    headers: lasting(headers),
    text: read('responseBody'),
    data: read('data'),
    url: read('url'),
  };
  // Times and ids of requests.
  return JSON.parse(JSON.stringify(fields).replaceAll(/\b\d{13}\b|\breq_\w+/g, '*'));
}

const refusals: readonly (readonly [string, FakeFault])[] = [
  ['400', { status: 400 }],
  ['401', { status: 401 }],
  ['403', { status: 403 }],
  ['404', { status: 404 }],
  ['413', { status: 413 }],
  ['429', { status: 429, retryAfterMs: 20_000 }],
  ['429 without a hint', { status: 429, retryAfterMs: null }],
  ['500', { status: 500 }],
  ['503', { status: 503 }],
  ['a page of HTML', { status: 502, body: '<html><body>Bad Gateway</body></html>' }],
  ['an empty body', { status: 500, body: '' }],
];

export function testDropIn<Model extends ModelBase>(sdk: Sdk<Model>): void {
  function bareModel(name: ProviderName, baseURL: string): Model {
    return sdk.factories[name]({ apiKey: secretOf(name, `${name}-1`), baseURL })(modelIds[name]);
  }

  describe.each(providers)('a pool of one target is like the bare model: %s', name => {
    test('doGenerate gives what the model gives, and who answered', async () => {
      await inWorld(sdk, { [name]: {} }, async ({ model, fakes }) => {
        const bare = lasting(await sdk.doGenerate(bareModel(name, fakes.baseURL(name)), signal));
        fakes.reset();
        const pooled = lasting(await sdk.doGenerate(model, signal));
        expect(pooled).toMatchObject(bare as object);
        expect(pooled).toMatchObject({
          response: { modelId: modelIds[name] },
          providerMetadata: { pool: { provider: name } },
        });
        // And nothing else.
        expect(Object.keys(pooled as object).toSorted()).toEqual(
          [...new Set([...Object.keys(bare as object), 'providerMetadata', 'response'])].toSorted(),
        );
      });
    });

    test('doStream gives the parts that the model gives, in the same order', async () => {
      await inWorld(sdk, { [name]: {} }, async ({ model, fakes }) => {
        const bare = await partsOf(
          await sdk.doStream(bareModel(name, fakes.baseURL(name)), signal),
        );
        fakes.reset();
        const pooled = await partsOf(await sdk.doStream(model, signal));
        const own = /^(stream-start|response-metadata)$/;
        const shown = (parts: readonly Part[]) => parts.filter(({ type }) => !own.test(type));
        expect(shown(pooled).map(({ type }) => type)).toEqual(shown(bare).map(({ type }) => type));
        expect(lasting(shown(pooled))).toMatchObject(lasting(shown(bare)) as object);
        expect(pooled.at(-1)).toMatchObject({
          type: 'finish',
          providerMetadata: { pool: { provider: name } },
        });
        // The pool adds what is missing: at most one start, and a model id.
        const starts = pooled.filter(({ type }) => type === 'stream-start');
        expect(starts).toHaveLength(sdk.specificationVersion === 'v1' ? 0 : 1);
        expect(pooled.find(part => 'modelId' in part)).toMatchObject({ modelId: modelIds[name] });
      });
    });

    describe.each(ways)('%s', way => {
      test.each(refusals)(
        '%s comes out with the same status, headers, body and data',
        async (_, f) => {
          await inWorld(
            sdk,
            { [name]: {} },
            async ({ model, fakes }) => {
              // Once more than the pool tries.
              const fail = () => fakes.provider(name).failNext(f, f, f);
              fail();
              const alone = bareModel(name, fakes.baseURL(name));
              const bare = await rejection(askModel(sdk, alone, way, { maxRetries: 0 }));
              fakes.reset();
              fail();
              const pooled = await rejection(askModel(sdk, model, way, { maxRetries: 0 }));
              expect(sdk.isAPICallError(pooled)).toBe(true);
              expect(fieldsOf(pooled)).toEqual(fieldsOf(bare));
            },
            { maxWaitMs: 0 },
          );
        },
      );
    });
  });
}

async function partsOf(stream: ReadableStream<Part>): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}
