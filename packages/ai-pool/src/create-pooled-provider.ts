import { fail, object } from './config/check.ts';
import { readConfig } from './config/read-config.ts';
import type { CreateContext, KeysInput, PoolSettings, ProviderEntry } from './config/types.ts';
import { assemblePool, type Assembled, type Pool } from './pool.ts';
import { generationOf } from './sdk/generation.ts';
import { callsOf, createKindModel } from './sdk/kind-model.ts';
import { createLanguageModel } from './sdk/language-model.ts';
import type { Member } from './sdk/member.ts';
import { KINDS } from './sdk/kind-models.ts';
import { isPlain, makeLanguageModel, PENDING, type Make } from './sdk/members.ts';
import { Recent } from './sdk/recent.ts';

/** Settings of the pool behind a pooled provider, and those of its one provider entry. */
export interface PooledProviderSettings
  extends PoolSettings, Pick<ProviderEntry, 'family' | 'limits' | 'accounts'> {
  /** Names the provider in status and events. Default: as its models call it, without the kind. */
  readonly name?: string;
}

/**
 * A drop-in for what a provider package's factory makes:
 * `createPooledProvider(createOpenAI, { keys })('gpt-4o')` stands where
 * `createOpenAI({ apiKey })('gpt-4o')` stood, and so do all its other functions. Their models
 * rotate over the keys: language models, and those that answer one question with one answer
 * (embedding, image, speech, transcription, reranking). What is no such model (tools, files, jobs,
 * live audio) is the first key's own.
 *
 * Any number of model ids may be asked for: what was learned is remembered of the 1,000 that were
 * used last, and beyond them of those with calls in flight, a pause, or a `disable` by hand.
 *
 * @param factory the provider package's own factory, or a function like it
 * @param settings what the factory takes, with `keys` in place of `apiKey`
 * @throws PoolConfigError naming the setting that is wrong
 */
export function createPooledProvider<P extends object, S = { apiKey: string }>(
  factory: (settings: S, context: CreateContext) => P,
  settings: Omit<NonNullable<S>, 'apiKey'> & { readonly keys: KeysInput },
  poolSettings: PooledProviderSettings = {},
): P & { readonly pool: Pool } {
  const { keys: _, ...own } = object(settings, 'settings');
  const { family, limits, accounts, ...more } = poolSettings;
  const create = (options: object, context: CreateContext): P =>
    factory({ ...own, ...options } as S, context);
  const { name = nameOf(create), ...pool } = more;
  const entry = {
    name,
    create,
    family,
    limits,
    accounts,
    ...('keys' in settings && { keys: settings.keys }),
  };
  const plan = readConfig({ ...pool, providers: [entry] }, 'provider');
  return surfaceOf(assemblePool(plan)) as P & { readonly pool: Pool };
}

/** So many models are remembered. */
const CAPACITY = 1_000;

/** Functions of models that begin what only the same key can go on with. */
const OF_ONE_KEY = ['doStream', 'doStart', 'doStatus', 'handleWebhookOption'];

/** Everything that the factory's provider has; what gives models gives pooled ones. */
function surfaceOf({ pool, core, members }: Assembled): object {
  const [provider] = core.scheduler.providers;
  if (provider === undefined) return fail('provider', 'is missing');
  const base = members.surface(provider) as object;
  const models = new Recent<string, object>(CAPACITY);
  // By itself nothing is called with a secret that is not known.
  const isLive = (): boolean => [...provider.keys.values()].some(isPlain);

  /** @param name of the function that gives the model; undefined: the provider itself */
  const ask = (name: string | symbol | undefined, args: readonly unknown[]): unknown => {
    const [id] = args;
    const known = typeof id === 'string' && args.length === 1 ? `${String(name)} ${id}` : '';
    let model = models.get(known);
    if (model !== undefined) return model;
    const make: Make = from => {
      const called: unknown = name === undefined ? from : Reflect.get(from as object, name);
      return Reflect.apply(called as () => object, name === undefined ? undefined : from, args);
    };
    const sample = make(members.surface(provider), '');
    model = pooled(sample, make);
    if (model === undefined && !isLive()) fail(String(name), 'needs a key that is no function');
    if (model === undefined) return sample;
    if (known !== '') models.set(known, model);
    return model;
  };

  const pooled = (sample: unknown, make: Make): object | undefined => {
    if (!isModel(sample)) return undefined;
    const { specificationVersion, provider: owner, modelId } = sample;
    provider.family ??= owner;
    const { timeouts, retryOnResult } = provider.plan;
    const asked = { id: modelId, timeouts, retryOnResult };
    let route = provider.route(asked);
    let routes = [route];
    const parts = {
      core,
      members,
      make,
      routes: () => {
        // It was not used for long, and may be known anew.
        if (route.removed) routes = [(route = provider.route(asked))];
        return routes;
      },
      samples: () => [sample],
      provider: owner,
      modelId,
      defaults: {},
    };
    if (!isLanguageModel(sample)) {
      const model = createKindModel(parts);
      for (const name of OF_ONE_KEY) {
        const own: unknown = Reflect.get(sample, name);
        if (typeof own === 'function' && isLive())
          Object.assign(model, { [name]: own.bind(sample) });
      }
      return model;
    }
    const generation =
      generationOf(specificationVersion) ??
      fail('provider', `no known specificationVersion: ${specificationVersion}`);
    return createLanguageModel({ ...parts, generation });
  };

  const surface =
    typeof base === 'function' ? (...args: readonly unknown[]) => ask(undefined, args) : {};
  const ends = new Set<unknown>([Object.prototype, Function.prototype, null]);
  for (let from = base; !ends.has(from); from = Object.getPrototypeOf(from)) {
    for (const name of Reflect.ownKeys(from)) {
      if (Object.hasOwn(surface, name) || name === 'constructor' || name === 'prototype') continue;
      const get = (): unknown => {
        const value: unknown = Reflect.get(base, name);
        if (typeof value !== 'function') return value;
        // It may have functions of its own.
        return new Proxy(value, { apply: (_, self, args) => ask(name, args) });
      };
      const enumerable = Object.prototype.propertyIsEnumerable.call(from, name);
      Object.defineProperty(surface, name, { get, enumerable, configurable: true });
    }
  }
  return Object.assign(surface, { pool });
}

/** A model that can be called on any key. */
function isModel(value: unknown): value is Member {
  if (typeof value !== 'object' || value === null) return false;
  const { specificationVersion, modelId } = value as Partial<Member>;
  const isOne = typeof specificationVersion === 'string' && typeof modelId === 'string';
  return isOne && callsOf(value).length > 0;
}

/** Other kinds may stream too: what only these have tells them apart. */
function isLanguageModel(model: Member): boolean {
  const { specificationVersion, doStream } = model as Partial<Member>;
  return (
    typeof doStream === 'function' && (specificationVersion === 'v1' || 'supportedUrls' in model)
  );
}

/** The provider as its models call it: `openai` of `openai.responses`. */
function nameOf(create: (options: object, context: CreateContext) => object): string {
  for (const make of [makeLanguageModel, ...Object.values(KINDS)]) {
    try {
      const made = create({ apiKey: PENDING }, { provider: '', key: '' });
      const [name = ''] = (make(made, 'model') as Member).provider.split('.');
      if (name !== '') return name.replaceAll('/', '-');
    } catch {
      // It has no such models.
    }
  }
  return 'provider';
}
