import {
  apiCallError,
  createVirtualClock,
  fakeModel,
  type FakeModelAnswer,
  type FakeModelCall,
  type VirtualClock,
} from '@ai-pool/testing';
import { afterEach, expect } from 'vitest';
import {
  createPooledModel,
  type KeyStatus,
  type AttemptRecord,
  type KeyEntry,
  type ModelEntry,
  type Pool,
  type PoolEvent,
  type PoolMetadata,
  type PoolSettings,
  type ProviderEntry,
} from '../index.ts';

/** One call that reached a member. */
interface Seen {
  readonly provider: string;
  /** The secret: what upstream knows a key by. */
  readonly key: string;
  readonly model: string;
  readonly at: number;
  readonly call: FakeModelCall;
}

/** Also what no provider package would let through: parts and results that are not right. */
export type Answer =
  | FakeModelAnswer<'v4'>
  | { readonly parts: readonly Part[]; readonly ending?: 'hang' | 'close'; readonly error?: unknown }
  | { readonly result: object };

export interface SceneProvider extends Omit<ProviderEntry, 'name' | 'create' | 'keys' | 'models'> {
  readonly keys?: readonly (string | KeyEntry)[];
  readonly models?: readonly (string | ModelEntry)[];
  /** What upstream answers; default: a sentence. */
  readonly answer?: (seen: Seen, index: number) => Answer | Promise<Answer>;
}

interface Answered {
  readonly text: string;
  readonly pool: PoolMetadata;
  readonly modelId: string | undefined;
}

export interface Scene {
  readonly pool: Pool;
  readonly clock: VirtualClock;
  /** What reached upstream, in order. */
  readonly seen: Seen[];
  /** Upstream's view in short: `a/k1/m`. */
  readonly trail: () => string[];
  /** How many calls reached a member, also those that it has not looked at yet. */
  readonly begun: () => number;
  readonly events: PoolEvent[];
  readonly generate: (options?: object) => Promise<Answered>;
  readonly open: (options?: object) => Promise<ReadableStream<Part>>;
  readonly stream: (options?: object) => Promise<Part[]>;
}

export interface Part {
  readonly type: string;
  readonly [field: string]: unknown;
}

interface Raw {
  content: { text?: string }[];
  response: { modelId?: string };
  providerMetadata: { pool: PoolMetadata };
}

/** A pooled model, whatever generation its type is of. */
interface Model {
  readonly pool: Pool;
  doGenerate(options: object): Promise<Raw>;
  doStream(options: object): Promise<{ stream: ReadableStream<Part> }>;
}

/** The model's own methods, which take and give what the types of one generation do not. */
export const untyped = (model: unknown): Model => model as Model;

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** After every test: the usage of each pool adds up, and equals what upstream saw. */
const worlds: (() => void)[] = [];
afterEach(() => {
  for (const check of worlds.splice(0)) check();
});

/** A pool over scripted members with a virtual clock, and what upstream saw of it. */
export function scene(
  providers: Readonly<Record<string, SceneProvider>>,
  settings: PoolSettings = {},
): Scene {
  const clock = createVirtualClock(1_800_000_000_000);
  const seen: Seen[] = [];
  const events: PoolEvent[] = [];
  const counts = new Map<string, number>();
  const members: { provider: string; calls: readonly unknown[] }[] = [];

  const entry = (name: string, { answer, ...rest }: SceneProvider): ProviderEntry => ({
    keys: ['secret-one'],
    models: ['m'],
    ...rest,
    name,
    create:
      ({ apiKey }) =>
      (modelId: string) => {
        const member = fakeModel({
          specificationVersion: 'v4',
          provider: `${name}.chat`,
          modelId,
          answer: call => {
            const one: Seen = { provider: name, key: apiKey, model: modelId, at: clock.now(), call };
            const index = counts.get(name) ?? 0;
            counts.set(name, index + 1);
            seen.push(one);
            const given = answer === undefined ? 'all is well' : answer(one, index);
            return given as FakeModelAnswer<'v4'> | Promise<FakeModelAnswer<'v4'>>;
          },
        });
        members.push({ provider: name, calls: member.calls });
        return member;
      },
  });

  const model = untyped(
    createPooledModel({
    providers: Object.entries(providers).map(([name, provider]) => entry(name, provider)),
    clock,
    random: () => 0.5,
    onEvent: event => events.push(event),
    ...settings,
  }));

  worlds.push(() => {
    // What was removed at run time is no longer in the status; what was added has its own factory.
    const isOther = (event: PoolEvent): boolean =>
      event.type === 'config-changed' && /removed|provider-added/.test(event.change);
    if (events.some(isOther)) return;
    for (const { name, keys } of model.pool.status().providers) {
      const upstream = members.filter(member => member.provider === name);
      const counted = keys.map(({ usage }) => {
        const { attempts, successes, failures, aborted, inFlight } = usage;
        expect(attempts).toBe(successes + failures + aborted + inFlight);
        return attempts;
      });
      expect(sum(counted)).toBe(sum(upstream.map(({ calls }) => calls.length)));
    }
  });

  const open = async (options: object = {}): Promise<ReadableStream<Part>> => {
    const { stream } = await model.doStream({ prompt: [], ...options });
    return stream;
  };
  return {
    pool: model.pool,
    clock,
    seen,
    events,
    begun: () => sum(members.map(({ calls }) => calls.length)),
    trail: () => seen.map(one => `${one.provider}/${one.key}/${one.model}`),
    async generate(options = {}) {
      const result = await model.doGenerate({ prompt: [], ...options });
      return {
        text: result.content.map(part => part.text ?? '').join(''),
        pool: result.providerMetadata.pool,
        modelId: result.response.modelId,
      };
    },
    open,
    async stream(options) {
      return collect(await open(options));
    },
  };
}

/** What a pool says of itself on a result. */
export function poolOf({ providerMetadata }: { readonly providerMetadata?: unknown }): PoolMetadata {
  return Reflect.get(Object(providerMetadata) as object, 'pool') as PoolMetadata;
}

/** The first key of a provider, in `status()`. */
export function firstKey(pool: Pool, provider = 0): KeyStatus {
  const key = pool.status().providers[provider]?.keys[0];
  if (key === undefined) throw new Error(`provider ${provider} has no key`);
  return key;
}

export async function collect(stream: ReadableStream<Part>): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

export function textOf(parts: readonly Part[]): string {
  return parts
    .filter(part => part.type === 'text-delta')
    .map(part => String(part['delta']))
    .join('');
}

/** An HTTP failure as the SDK reports it. */
export function http(status: number, body?: unknown, headers: Record<string, string> = {}): Error {
  return apiCallError({
    statusCode: status,
    responseHeaders: headers,
    ...(body === undefined ? {} : { responseBody: JSON.stringify(body) }),
  });
}

/** What a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    value => {
      throw new Error(`expected a rejection, got ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}

export const kinds = (attempts: readonly AttemptRecord[]): (string | undefined)[] =>
  attempts.map(attempt => attempt.kind);
