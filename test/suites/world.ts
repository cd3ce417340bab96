import { createHash } from 'node:crypto';
import {
  startFakeProviders,
  type FakeKeyConfig,
  type FakeProviderConfig,
  type FakeProviders,
  type FakeProvidersConfig,
  type FakeReply,
  type FakeRequest,
} from '@ai-pool/testing';
import type { KeyEntry, Pool, PoolEvent, PoolSettings, Timeouts } from 'ai-pool';
import { expectUsageMatches } from './expect-usage.ts';
import type { Answer, ModelBase, ProviderName, Question, Sdk } from './sdk.ts';

/** The two ways to ask. */
export type Way = 'generate' | 'stream';
export const ways: readonly Way[] = ['generate', 'stream'];

/** The three providers that the demo knows. */
export const providerNames = ['openai', 'google', 'openrouter'] as const;

export const modelIds: Readonly<Record<ProviderName, string>> = {
  openai: 'gpt-4o',
  google: 'gemini-2.5-flash',
  openrouter: 'openai/gpt-4o',
  anthropic: 'claude-sonnet-4-5',
};

/** How a provider begins its secrets. */
export const prefixes: Readonly<Record<ProviderName, string>> = {
  openai: 'sk-proj-',
  google: 'AIza',
  openrouter: 'sk-or-v1-',
  anthropic: 'sk-ant-api03-',
};

/** The secret of a provider's key; no two keys share anything but the prefix. */
export function secretOf(provider: ProviderName, id: string): string {
  return prefixes[provider] + createHash('sha256').update(`${provider}/${id}`).digest('base64url');
}

/** All four providers, good where nothing else is said. */
export function startFakes(
  providers: Partial<Record<ProviderName, FakeProviderConfig>> = {},
  settings: Omit<FakeProvidersConfig<ProviderName>, 'providers'> = {},
): Promise<FakeProviders<ProviderName>> {
  const all = { openai: {}, google: {}, openrouter: {}, anthropic: {}, ...providers };
  return startFakeProviders<ProviderName>({ providers: all, ...settings });
}

/** A provider entry of the real package over a fake service; default: its usual model. */
export function entryOf<Model extends ModelBase>(
  { factories }: Pick<Sdk<Model>, 'factories'>,
  fakes: Pick<FakeProviders<ProviderName>, 'baseURL'>,
  {
    name,
    keys,
    models = [modelIds[name]],
  }: { name: ProviderName; keys: readonly (string | KeyEntry)[]; models?: readonly string[] },
) {
  const create = ({ apiKey }: { apiKey: string }) =>
    factories[name]({ apiKey, baseURL: fakes.baseURL(name) });
  return { name, create, keys, models };
}

/** One provider of a test: upstream, and as the pool has it. */
interface WorldProvider extends Omit<FakeProviderConfig, 'keys' | 'models' | 'protocol'> {
  /** Key id -> how upstream treats it. Default: one good key, `<provider>-1`. */
  keys?: Readonly<Record<string, Omit<FakeKeyConfig, 'id'>>>;
  /** Key id -> what the pool knows about it. */
  known?: Readonly<Record<string, Omit<KeyEntry, 'id' | 'apiKey'>>>;
  /** In fallback order. Default: one. */
  models?: readonly string[];
  /** Models that upstream does not have. */
  missing?: readonly string[];
  /** The pool's time limits for it. */
  timeouts?: Timeouts;
}

export interface WorldOptions extends PoolSettings {
  reply?: FakeReply;
  /** Time before each streamed chunk, in milliseconds. */
  chunkLatencyMs?: number;
}

/** A pool over real provider packages, and the fake services behind them. */
export interface World<Model> {
  readonly fakes: FakeProviders<ProviderName>;
  readonly model: Model & { readonly pool: Pool };
  readonly pool: Pool;
  readonly events: readonly PoolEvent[];
  readonly ask: (way: Way, question?: Question) => Promise<Answer>;
  /** What upstream saw: `openai/openai-1/gpt-4o 429`. */
  readonly trail: () => string[];
  readonly requestsOf: (provider: ProviderName) => readonly FakeRequest<ProviderName>[];
}

/** The settings of a world's providers, in the pool's order. */
export type WorldProviders = Partial<Record<ProviderName, WorldProvider>>;

/**
 * Runs `story` in a world of its own. At the end the pool's usage must be what upstream recorded.
 */
export async function inWorld<Model extends ModelBase>(
  sdk: Sdk<Model>,
  providers: WorldProviders,
  story: (world: World<Model>) => Promise<void>,
  { reply, chunkLatencyMs = 0, ...settings }: WorldOptions = {},
): Promise<void> {
  const names = (Object.keys(prefixes) as ProviderName[]).filter(name => name in providers);
  const keysOf = (name: ProviderName): [string, Omit<FakeKeyConfig, 'id'>][] =>
    Object.entries(providers[name]?.keys ?? { [`${name}-1`]: {} });
  const fakeConfig = (name: ProviderName) => {
    const {
      keys: _keys,
      known: _known,
      models: _models,
      timeouts: _timeouts,
      missing = [],
      ...condition
    } = providers[name] ?? {};
    return {
      ...condition,
      keys: Object.fromEntries(
        keysOf(name).map(([id, key]) => [secretOf(name, id), { ...key, id }]),
      ),
      models: Object.fromEntries(missing.map(id => [id, { missing: true }])),
    };
  };
  await using fakes = await startFakes(
    {
      openai: fakeConfig('openai'),
      google: fakeConfig('google'),
      openrouter: fakeConfig('openrouter'),
      anthropic: fakeConfig('anthropic'),
    },
    {
      ...(reply !== undefined && { reply }),
      chunkLatencyMs,
      ...(settings.clock && { clock: settings.clock }),
    },
  );

  const events: PoolEvent[] = [];
  const order = Object.keys(providers) as ProviderName[];
  if (order.length !== names.length) throw new Error('An unknown provider.');
  const model = sdk.pooled({
    providers: order.map(name => ({
      ...entryOf(sdk, fakes, {
        name,
        keys: keysOf(name).map(([id]) => ({
          ...providers[name]?.known?.[id],
          id,
          apiKey: secretOf(name, id),
        })),
        models: providers[name]?.models,
      }),
      ...(providers[name]?.timeouts && { timeouts: providers[name].timeouts }),
    })),
    onEvent: event => events.push(event),
    // Without spread, so that second attempts come at once.
    random: () => 0,
    ...settings,
  });

  await story({
    fakes,
    model,
    pool: model.pool,
    events,
    ask: (way, question) => askModel(sdk, model, way, question),
    trail: () =>
      fakes.requests.map(
        ({ provider, key, model: id, status }) => `${provider}/${key}/${id} ${status}`,
      ),
    requestsOf: name => fakes.requests.filter(({ provider }) => provider === name),
  });
  await expectUsageMatches(model.pool, fakes);
}

/** One way or the other. */
export function askModel<Model extends ModelBase>(
  sdk: Sdk<Model>,
  model: Model,
  way: Way,
  question: Question = {},
): Promise<Answer> {
  return way === 'generate' ? sdk.generateText(model, question) : sdk.streamText(model, question);
}

/** Makes so many calls at once. */
export function atOnce<T>(count: number, call: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, call));
}

/** What a promise is rejected with. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  return promise.then(
    value => {
      throw new Error(`Expected a rejection, got ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}
