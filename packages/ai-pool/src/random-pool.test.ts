import { inspect } from 'node:util';
import { apiCallError, createVirtualClock, fakeModel } from '@ai-pool/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  createPooledModel,
  PoolExhaustedError,
  type ModelObject,
  type PoolEvent,
  type PoolSettings,
  type ProviderEntry,
} from './index.ts';

/** How one target is, for the whole run or at random for each call. */
const HEALTH = {
  ok: undefined,
  limited: { statusCode: 429 },
  'limited for 2 s': { statusCode: 429, responseHeaders: { 'retry-after': '2' } },
  'limited for an hour': { statusCode: 429, responseHeaders: { 'retry-after': '3600' } },
  'bad key': { statusCode: 401 },
  'no such model': { statusCode: 404, responseBody: '{"error":{"code":"model_not_found"}}' },
  broken: { statusCode: 500 },
  busy: { statusCode: 503 },
  'too long': { statusCode: 400, responseBody: '{"error":{"code":"context_length_exceeded"}}' },
} as const;
type Health = keyof typeof HEALTH;
const MISTAKE = 'caller mistake';

const health = fc.constantFrom(...(Object.keys(HEALTH) as Health[]));
const version = fc.constantFrom('v1' as const, 'v2' as const, 'v3' as const, 'v4' as const);

const provider = fc.record({
  keys: fc.array(fc.constantFrom('acme', 'other', undefined), { minLength: 1, maxLength: 4 }),
  models: fc.integer({ min: 1, max: 3 }),
  weight: fc.integer({ min: 0, max: 3 }),
  keyWeights: fc.array(fc.constantFrom(1, 1, 2, 0), { minLength: 1, maxLength: 4 }),
  health: fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant<Health>('ok') }, health), {
    minLength: 1,
    maxLength: 12,
  }),
});

const settings: fc.Arbitrary<PoolSettings> = fc.record(
  {
    routing: fc.constantFrom('priority', 'sticky', 'round-robin', 'weighted'),
    keySelection: fc.constantFrom(
      'least-recently-used',
      'sticky',
      'round-robin',
      'least-used',
      'random',
      'weighted',
    ),
    maxWaitMs: fc.constantFrom(0, 500, 5_000, 60_000),
    cooldown: fc.constantFrom(100, 1_000, { overloaded: 50, max: 4_000 }),
  },
  { requiredKeys: [] },
);

const call = fc.record({
  kind: fc.constantFrom('generate' as const, 'stream' as const),
  mistaken: fc.boolean(),
  only: fc.option(fc.nat(3), { nil: undefined }),
  abortAfterMs: fc.option(fc.nat(3_000), { nil: undefined, freq: 5 }),
  cancelAfter: fc.option(fc.nat(4), { nil: undefined, freq: 5 }),
  waitMs: fc.nat(1_500),
});

interface Outcome {
  readonly text?: string;
  readonly pool?: { provider: string; model: string; key: string };
  readonly error?: unknown;
}

interface PooledLike {
  doGenerate(options: object): Promise<Record<string, unknown>>;
  doStream(options: object): Promise<{ stream: ReadableStream<Record<string, unknown>> }>;
}

it('any pool under any health: the answer is right or the error is right', async () => {
  await fc.assert(
    fc.asyncProperty(
      version,
      fc.array(provider, { minLength: 1, maxLength: 4 }),
      settings,
      fc.array(call, { minLength: 1, maxLength: 15 }),
      fc.nat(),
      runWorld,
    ),
    { numRuns: 600 },
  );
}, 60_000);

type ProviderPlan = typeof provider extends fc.Arbitrary<infer P> ? P : never;
type CallPlan = typeof call extends fc.Arbitrary<infer C> ? C : never;

/** Who answered says so in the text; who failed says why. */
function isRight(
  { text, pool, error }: Outcome,
  asked: CallPlan,
  providers: readonly ProviderPlan[],
): boolean {
  if (error !== undefined) {
    if (error === 'left') return asked.abortAfterMs !== undefined;
    if (asked.mistaken) return statusOf(error) === 400 || PoolExhaustedError.isInstance(error);
    // No call fails while some target that it may use could serve it.
    const allowed =
      asked.only === undefined ? providers : [providers[asked.only % providers.length]];
    const someoneIsWell = allowed.some(
      plan => plan?.health.every(state => state === 'ok') === true && !plan.keyWeights.includes(0),
    );
    return !someoneIsWell && (PoolExhaustedError.isInstance(error) || statusOf(error) === 400);
  }
  if (text === undefined || pool === undefined) return asked.cancelAfter !== undefined;
  const asAsked = asked.only === undefined || pool.provider === `p${asked.only % providers.length}`;
  return asAsked && !asked.mistaken && text === `${pool.provider}/${pool.model}/${pool.key}`;
}

function statusOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'statusCode' in error
    ? error.statusCode
    : undefined;
}

async function runWorld(
  specificationVersion: 'v1' | 'v2' | 'v3' | 'v4',
  providers: readonly ProviderPlan[],
  poolSettings: PoolSettings,
  calls: readonly CallPlan[],
  seed: number,
): Promise<void> {
  const clock = createVirtualClock(1_800_000_000_000);
  const members: { key: string; calls: readonly unknown[] }[] = [];
  const secrets: string[] = [];
  const events: PoolEvent[] = [];
  let turn = seed;

  const entries = providers.map((plan, p): ProviderEntry => {
    const keys = plan.keys.map((account, k) => {
      const apiKey = `sk-secret-${p}-${k}-0123456789abcdef`;
      secrets.push(apiKey);
      const weight = plan.keyWeights[k % plan.keyWeights.length] ?? 1;
      const id = `key-${p}-${k}`;
      return { apiKey, id, weight, ...(account === undefined ? {} : { account }) };
    });
    const create =
      ({ apiKey }: { apiKey: string }) =>
      (modelId: string): ModelObject => {
        const key = keys.find(each => each.apiKey === apiKey)?.id ?? '?';
        const member = fakeModel({
          specificationVersion,
          provider: `p${p}.chat`,
          modelId,
          latencyMs: 5,
          clock,
          answer: ({ options }) => {
            if (JSON.stringify(options).includes(MISTAKE)) {
              return apiCallError({ statusCode: 400, message: `wrong, with ${apiKey}` });
            }
            const state = plan.health[turn++ % plan.health.length] ?? 'ok';
            const failure = HEALTH[state];
            return failure === undefined
              ? `p${p}/${modelId}/${key}`
              : apiCallError({ ...failure, message: `refused ${apiKey}`, url: `x?key=${apiKey}` });
          },
        });
        members.push({ key, calls: member.calls });
        return member;
      };
    const models = Array.from({ length: plan.models }, (_, m) => `m${m}`);
    return { name: `p${p}`, create, keys, models, weight: plan.weight };
  });

  const model = createPooledModel({
    providers: entries,
    clock,
    random: () => ((turn * 7_919) % 1_000) / 1_000,
    onEvent: event => events.push(event),
    ...poolSettings,
  });

  const outcomes: Promise<Outcome>[] = [];
  for (const each of calls) {
    outcomes.push(run(model as unknown as PooledLike, each, providers.length, clock));
    await clock.advance(each.waitMs);
  }
  const settling = Promise.all(outcomes);
  await clock.advance(400_000);
  const results = await settling;

  const wrong = results.filter((outcome, i) => {
    const asked = calls[i];
    return asked !== undefined && !isRight(outcome, asked, providers);
  });
  expect(wrong).toEqual([]);

  const status = model.pool.status();
  for (const { keys } of status.providers) {
    for (const { id, usage } of keys) {
      expect(usage.inFlight).toBe(0);
      expect(usage.attempts).toBe(usage.successes + usage.failures + usage.aborted);
      const upstream = members.filter(member => member.key === id);
      expect(usage.attempts).toBe(upstream.reduce((sum, { calls: { length } }) => sum + length, 0));
    }
  }
  expect(clock.pending()).toBe(0);

  const shown = inspect([status, events, results, model, model.pool.explain()], {
    depth: Number.POSITIVE_INFINITY,
    showHidden: true,
  });
  for (const secret of secrets) expect(shown).not.toContain(secret);
}

async function run(
  model: PooledLike,
  asked: CallPlan,
  providers: number,
  clock: ReturnType<typeof createVirtualClock>,
): Promise<Outcome> {
  const leaving = new AbortController();
  if (asked.abortAfterMs !== undefined) {
    clock.setTimeout(() => leaving.abort('left'), asked.abortAfterMs);
  }
  const pool = asked.only === undefined ? {} : { only: [`p${asked.only % providers}`] };
  const text = asked.mistaken ? MISTAKE : 'hello';
  const options = {
    prompt: [{ role: 'user', content: [{ type: 'text', text }] }],
    providerOptions: { pool },
    providerMetadata: { pool },
    abortSignal: leaving.signal,
  };
  try {
    if (asked.kind === 'generate') {
      const result = await model.doGenerate(options);
      const content = result['content'] as { text?: string }[] | undefined;
      return {
        text: content?.map(part => part.text ?? '').join('') ?? String(result['text']),
        ...poolOf(result),
      };
    }
    return await read((await model.doStream(options)).stream, asked.cancelAfter);
  } catch (error) {
    return { error: error ?? new Error('rejected with nothing') };
  }
}

async function read(
  stream: ReadableStream<Record<string, unknown>>,
  cancelAfter: number | undefined,
): Promise<Outcome> {
  const reader = stream.getReader();
  let text = '';
  let finishes = 0;
  let outcome: Outcome = {};
  for (let parts = 0; parts !== cancelAfter; parts++) {
    const { done, value } = await reader.read();
    if (done) {
      expect(finishes).toBe(1);
      return { text, ...outcome };
    }
    if (value['type'] === 'text-delta') text += String(value['delta'] ?? value['textDelta']);
    if (value['type'] === 'error') outcome = { error: value['error'] };
    if (value['type'] === 'finish') {
      finishes++;
      outcome = { ...outcome, ...poolOf(value) };
    }
  }
  await reader.cancel();
  return {};
}

function poolOf(result: Record<string, unknown>): Outcome {
  const { pool } = result['providerMetadata'] as { pool: NonNullable<Outcome['pool']> };
  return { pool };
}
