import { SpanStatusCode, type Tracer } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { describe, expect, test, vi } from 'vitest';
import { prompt, type ModelBase, type Sdk } from './sdk.ts';
import { functionOf, read } from './sdk-calls.ts';
import {
  inWorld,
  modelIds,
  rejection,
  secretOf,
  ways,
  type Way,
  type WorldProviders,
} from './world.ts';

/** How one generation of the SDK traces. */
export interface Tracing<Model extends ModelBase> {
  readonly sdk: Sdk<Model>;
  readonly ai: object;
  /** Settings of a call whose spans go to a tracer. */
  readonly settings: (tracer: Tracer) => object;
  /** Attributes of a span in which the model is called. */
  readonly names: {
    readonly provider: string;
    readonly model: string;
    readonly responseModel: string;
  };
}

/** A tracer, and what became of its spans. */
function recorder() {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  return { tracer: provider.getTracer('test'), spans: () => exporter.getFinishedSpans() };
}

const limited: WorldProviders = { openai: { keys: { 'openai-1': { rpm: 0 } } }, google: {} };

/** Of the providers here only OpenAI does not know it. */
const unknownToOpenAI = { topK: 40 };

/** What the SDK's own telemetry and warnings show of a pool. */
export function testTelemetry<Model extends ModelBase>(by: Tracing<Model>): void {
  const { sdk, ai, names } = by;

  describe.each(ways)('spans of the SDK: %s', way => {
    test('the pool’s stable ids, and the model that answered', async () => {
      await inWorld(sdk, limited, async ({ fakes, model, ask }) => {
        const { tracer, spans } = recorder();
        const further = by.settings(tracer);
        await ask(way, { further });
        model.pool.reset();
        fakes.provider('openai').key(secretOf('openai', 'openai-1')).set({ rpm: undefined });
        await ask(way, { further });

        const told = spans().filter(({ attributes }) => names.model in attributes);
        expect(told.length).toBeGreaterThanOrEqual(2);
        // Whoever answers, nobody's dashboard falls apart.
        for (const { attributes } of told) {
          expect(attributes[names.provider]).toBe('ai-pool');
          expect(attributes[names.model]).toBe('pool');
        }
        // One call of the model for the SDK, however many attempts it was.
        const answered = told.flatMap(({ attributes }) => attributes[names.responseModel] ?? []);
        expect(new Set(answered)).toEqual(new Set([modelIds.google, modelIds.openai]));
        expect(fakes.requests.map(({ provider, status }) => `${provider} ${status}`)).toEqual([
          'openai 429',
          'google 200',
          'openai 200',
        ]);
        const everything = JSON.stringify(spans().map(each => [each.attributes, each.events]));
        expect(everything).not.toContain(secretOf('openai', 'openai-1'));
        expect(everything).not.toContain(secretOf('google', 'google-1'));
      });
    });

    test('a pool of one model bears its id', async () => {
      await inWorld(sdk, { google: {} }, async ({ ask }) => {
        const { tracer, spans } = recorder();
        await ask(way, { further: by.settings(tracer) });
        const ids = spans().flatMap(({ attributes }) => attributes[names.model] ?? []);
        expect(new Set(ids)).toEqual(new Set([modelIds.google]));
      });
    });

    test('an exhausted pool is one failed call', async () => {
      const providers: WorldProviders = {
        openai: { keys: { 'openai-1': { invalid: true } } },
        google: { keys: { 'google-1': { invalid: true } } },
      };
      await inWorld(sdk, providers, async ({ ask, fakes }) => {
        const { tracer, spans } = recorder();
        await rejection(ask(way, { maxRetries: 0, further: by.settings(tracer) }));
        expect(fakes.requests).toHaveLength(2);
        const failed = spans().filter(({ status }) => status.code === SpanStatusCode.ERROR);
        expect(failed.length).toBeGreaterThanOrEqual(1);
        expect(JSON.stringify(failed.map(each => each.events))).not.toMatch(/sk-proj-\w|AIza\w/);
      });
    });
  });

  /** The warnings of a call, and whom the SDK says that they are of. */
  async function warningsOf(model: Model, way: Way): Promise<readonly unknown[]> {
    const call = { model, prompt, maxRetries: 0, ...unknownToOpenAI };
    const result = await functionOf(ai, `${way}Text`)(call);
    if (way === 'stream') {
      const stream = (await read(result, 'fullStream')) as AsyncIterable<unknown>;
      for await (const _ of stream);
    }
    return (await read(result, 'warnings')) as readonly unknown[];
  }

  describe.each(ways)('warnings: %s', way => {
    const down = { down: 503 } as const;

    test.each<[string, WorldProviders, number]>([
      ['none of those who failed', { openai: down, google: {} }, 0],
      ['those of the winner, once', { google: down, openai: {} }, 1],
    ])('%s', async (_, providers, count) => {
      const logged: unknown[] = [];
      vi.stubGlobal('AI_SDK_LOG_WARNINGS', (each: unknown) => void logged.push(each));
      try {
        await inWorld(sdk, providers, async ({ model }) => {
          const warnings = await warningsOf(model, way);
          expect(warnings).toHaveLength(count);
          expect(JSON.stringify(warnings).includes('topK')).toBe(count > 0);
          // From the fifth major on the SDK says so itself, from the sixth on with the ids.
          const said = logged.filter(each => JSON.stringify(each).includes('topK'));
          const about = { provider: 'ai-pool', model: 'pool', warnings };
          const expected = { 4: [], 5: [warnings], 6: [about], 7: [about] }[sdk.major];
          expect(said).toEqual(count > 0 ? expected : []);
        });
      } finally {
        vi.unstubAllGlobals();
      }
    });
  });
}
