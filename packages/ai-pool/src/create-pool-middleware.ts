import { fail } from './config/check.ts';
import type { NoMistakeIn } from './config/mistakes.ts';
import { readConfig, readFurtherProvider } from './config/read-config.ts';
import { expandShortForm } from './config/short-form.ts';
import type { ModelObject, PoolConfig, ProvidersInput } from './config/types.ts';
import { assemblePool } from './pool.ts';
import { createLanguageModel } from './sdk/language-model.ts';
import type { Member } from './sdk/member.ts';
import { checkGeneration, makeLanguageModel } from './sdk/members.ts';
import { PROVIDER } from './sdk/model-parts.ts';
import type { MemberOf, PoolMiddleware } from './sdk/pooled-model.ts';

/** What the SDK hands to a middleware. */
interface Wrapped {
  readonly model: Member;
  readonly params: never;
}

/**
 * Middleware for `wrapLanguageModel`: each call goes to the wrapped model first, and where that
 * fails to the pool. A wrapped model is a provider of the pool then, named by its provider id; of
 * several with the same ids `status()` shows the first.
 *
 * @param models ready-made models, in fallback order
 * @throws PoolConfigError naming the setting that is wrong, also where a model of another
 * generation is wrapped
 */
export function createPoolMiddleware<M extends ModelObject | string>(
  models: readonly M[],
): PoolMiddleware<Extract<M, ModelObject>>;
/**
 * Middleware for `wrapLanguageModel`: each call goes to the wrapped model first, and where that
 * fails to the pool. A wrapped model is a provider of the pool then, named by its provider id; of
 * several with the same ids `status()` shows the first.
 *
 * @param config providers in fallback order, each with its keys and models
 * @throws PoolConfigError naming the setting that is wrong, also where a model of another
 * generation is wrapped
 */
export function createPoolMiddleware<const P extends ProvidersInput>(
  config: PoolConfig<P> & NoMistakeIn<P>,
): PoolMiddleware<MemberOf<P>>;
export function createPoolMiddleware(
  input: readonly (ModelObject | string)[] | PoolConfig,
): PoolMiddleware<unknown> {
  const config: unknown = Array.isArray(input) ? expandShortForm(input) : input;
  const { pool, core, members, add, ...all } = assemblePool(readConfig(config));
  const { scheduler, plan } = core;
  const generation = all.generation() ?? fail('providers', 'no provider has a model');
  const models = new WeakMap<Member, Member>();
  const listed = new Set<string>();

  const pooled = (wrapped: Member): Member => {
    const known = models.get(wrapped);
    if (known !== undefined) return known;
    const own = wrapped.provider.replaceAll('/', '.');
    const taken = new Set(scheduler.providers.map(each => each.name));
    let name = own;
    const id = JSON.stringify([own, wrapped.modelId]);
    if (!listed.has(id)) for (let n = 2; taken.has(name); n++) name = `${own}#${n}`;
    const entry = readFurtherProvider({ name, models: [wrapped] }, plan.defaults);
    // It has no place among the pool's routes: it is the first of its own calls alone.
    const provider = scheduler.make({ ...entry, models: [] });
    checkGeneration(provider, [wrapped], generation);
    provider.family ??= wrapped.provider;
    const [route] = entry.models.map(model => provider.route(model));
    // Models may be wrapped anew with every request: so many nobody wants to see.
    if (!listed.has(id)) add(provider);
    listed.add(id);
    const model = createLanguageModel({
      core,
      members,
      make: makeLanguageModel,
      generation,
      routes: () => [...(route === undefined ? [] : [route]), ...scheduler.order.routes()],
      samples: () => [wrapped, ...all.samples()],
      provider: PROVIDER,
      modelId: wrapped.modelId,
      defaults: {},
    }) as Member;
    models.set(wrapped, model);
    return model;
  };

  const middleware = {
    // Two names of the same in different generations.
    middlewareVersion: generation.version,
    specificationVersion: generation.version,
    overrideSupportedUrls: ({ model }: Wrapped) => pooled(model).supportedUrls,
    wrapGenerate: async ({ model, params }: Wrapped) => pooled(model).doGenerate(params),
    wrapStream: async ({ model, params }: Wrapped) => pooled(model).doStream(params),
    pool,
  };
  return middleware as unknown as PoolMiddleware<unknown>;
}
