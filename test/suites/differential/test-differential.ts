import type { FakeProviders } from '@ai-pool/testing';
import { createPooledModel, createPooledProvider } from 'ai-pool';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { wires, type Wire } from '../faults/faults.ts';
import type { ModelBase, ProviderName } from '../sdk.ts';
import type { Functions } from '../sdk-calls.ts';
import { modelIds, secretOf, startFakes, ways } from '../world.ts';
import { cases, type Caller, type Case } from './cases.ts';
import { expectOwn, expectSame, expectSameKind } from './expect-same.ts';
import { look, watched } from './look.ts';
import { randomCase } from './random-case.ts';
import { Tape } from './tape.ts';

/** So many calls at random of each provider, generated and streamed each. */
const randomRuns = Number(process.env['DIFFERENTIAL_RUNS'] ?? 5);

/** What every factory is given here. */
interface FactorySettings {
  readonly apiKey: string;
  readonly baseURL: string;
  readonly fetch: typeof fetch;
}

/** Nothing waits, and second attempts come at once. */
const quick = { random: () => 0, maxWaitMs: 0 };

type Provider<Model> = (id: string) => Model;
type Factory<P> = (settings: FactorySettings) => P;

/** What OpenAI's provider has beside it, for one API each. */
interface Apis<Model> {
  chat(id: string): Model;
  responses(id: string): Model;
}

/** What one generation brings along. */
export interface Differential<Model extends ModelBase> extends Functions {
  /** The packages' own. */
  readonly factories: Readonly<Record<ProviderName, Factory<Provider<Model>>>> & {
    readonly openai: Factory<Provider<Model> & Apis<Model>>;
  };
}

/** The model of a wire, by the bare packages or by pooled providers in their place. */
function modelOf<Model extends ModelBase>(
  { factories }: Differential<Model>,
  wire: Wire,
  provided: <P extends object>(factory: Factory<P>) => P,
): Model {
  const name = wires[wire];
  const id = modelIds[name];
  if (wire === 'OpenAI chat') return provided(factories.openai).chat(id);
  if (wire === 'OpenAI responses') return provided(factories.openai).responses(id);
  return provided(factories[name])(id);
}

/** Every way to make a call, bare and out of a pool of one target: nobody could tell. */
export function testDifferential<Model extends ModelBase>(by: Differential<Model>): void {
  const { major, ai } = by;
  let fakes: FakeProviders<ProviderName>;
  let next: Case = { call: () => ({}) };
  let answered = 0;

  vi.setConfig({ testTimeout: 300_000 });
  beforeAll(async () => {
    fakes = await startFakes(
      {},
      {
        chunkSize: 16,
        reply() {
          const { replies = ['A pool is many places to ask at once.'] } = next;
          answered += 1;
          return replies[answered - 1] ?? replies.at(-1) ?? '';
        },
      },
    );
  });
  afterAll(async () => fakes.stop());
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_800_000_000_000, toFake: ['Date', 'performance'] });
    vi.stubGlobal('AI_SDK_LOG_WARNINGS', false);
    const { fetch } = globalThis;
    vi.stubGlobal('fetch', async (...request: Parameters<typeof fetch>) =>
      new Request(...request).url.startsWith('https://files.test/')
        ? new Response(new Uint8Array([137, 80, 78, 71]), {
            headers: { 'content-type': 'image/png' },
          })
        : fetch(...request),
    );
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  /** Makes the call of the bare model, and the same of pools of one. */
  async function compare(caller: Caller, one: Case): Promise<void> {
    const name = wires[caller.wire];
    next = one;
    answered = 0;
    fakes.reset();
    if (one.fault !== undefined) fakes.provider(name).failNext(one.fault);
    const tape = new Tape();
    const own: unknown[] = [];
    const secret = { apiKey: secretOf(name, 'one'), baseURL: fakes.baseURL(name) };
    const bare = (settings: FactorySettings): Model =>
      modelOf(by, caller.wire, factory => factory(settings));
    const pooledModel = (played: typeof fetch): object =>
      createPooledModel({
        providers: [
          {
            name,
            keys: secret.apiKey,
            models: [modelIds[name]],
            create: ({ apiKey }) => {
              const model = bare({ ...secret, apiKey, fetch: played });
              return () => watched(model, { onError: error => void own.push(error) }) as never;
            },
          },
        ],
        ...quick,
      });
    const { apiKey: keys, baseURL } = secret;
    const provided = (played: typeof fetch): object =>
      modelOf(by, caller.wire, factory =>
        createPooledProvider(factory, { keys, baseURL, fetch: played }, quick),
      );

    const recorded = tape.record();
    const alone = await look(
      caller,
      one,
      bare({ ...secret, fetch: recorded.fetch }),
      recorded.sent,
    );
    expect(alone.pool).toBeUndefined();
    for (const make of [pooledModel, provided]) {
      const { fetch: played, sent } = tape.play();
      const ofPool = { ...one, call: one.ofPools ?? one.call };
      const told = await look(caller, ofPool, make(played), sent);
      expectSame(alone.seen, told, { fault: one.fault, provider: name, model: modelIds[name] });
      expectSameKind(alone.error, told.error);
      if (make === pooledModel) expectOwn(told.error, own);
    }
  }

  describe.each(Object.keys(wires) as Wire[])('no difference: %s', wire => {
    describe.each(ways)('%s', way => {
      const caller: Caller = { ai, major, wire, way };
      describe.each(Object.entries(cases))('%s', (_, group) => {
        const met = Object.entries(group).filter(([, { on }]) => on?.(caller) ?? true);
        test.each(met)('%s', async (_name, one) => {
          await expect(compare(caller, one)).resolves.toBeUndefined();
        });
      });

      test('calls at random, with forged tags', async () => {
        const property = fc.asyncProperty(randomCase, async one => compare(caller, one));
        await expect(fc.assert(property, { numRuns: randomRuns })).resolves.toBeUndefined();
      });
    });
  });
}
