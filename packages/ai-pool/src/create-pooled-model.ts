import { fail } from './config/check.ts';
import { readConfig } from './config/read-config.ts';
import { expandShortForm } from './config/short-form.ts';
import type { NoMistakeIn } from './config/mistakes.ts';
import type { ModelObject, PoolConfig, ProvidersInput } from './config/types.ts';
import { assemblePool, type ModelPool } from './pool.ts';
import type { MadeBy, MemberOf, PooledModel } from './sdk/pooled-model.ts';

/**
 * One AI SDK language model made of many. It is of its members' own specification generation
 * and goes wherever a model goes: `generateText`, `streamText`, agents, middleware, registries.
 *
 * @param models ready-made models, in fallback order
 * @throws PoolConfigError naming the setting that is wrong
 */
export function createPooledModel<M extends ModelObject | string>(
  models: readonly M[],
): PooledModel<Extract<M, ModelObject>>;
/**
 * One AI SDK language model made of many. It is of its members' own specification generation
 * and goes wherever a model goes: `generateText`, `streamText`, agents, middleware, registries.
 *
 * @param config providers in fallback order, each with its keys and models
 * @throws PoolConfigError naming the setting that is wrong
 */
export function createPooledModel<const P extends ProvidersInput>(
  config: PoolConfig<P> & NoMistakeIn<P>,
): PooledModel<MemberOf<P>, MadeBy<P>>;
export function createPooledModel(
  input: readonly (ModelObject | string)[] | PoolConfig,
): PooledModel<unknown> {
  const config: unknown = Array.isArray(input) ? expandShortForm(input) : input;
  const plan = readConfig(config);
  for (const { path, create, models } of plan.providers) {
    if (create !== undefined && models.length === 0) fail(`${path}.models`, 'is missing');
  }
  return assemblePool(plan).pool.languageModel();
}

/**
 * The pool alone; `pool.languageModel()` is the model that `createPooledModel` gives.
 *
 * @throws PoolConfigError naming the setting that is wrong
 */
export function createPool<const P extends ProvidersInput>(
  config: PoolConfig<P> & NoMistakeIn<P>,
): ModelPool<MemberOf<P>, MadeBy<P>> {
  return assemblePool(readConfig(config)).pool as unknown as ModelPool<MemberOf<P>, MadeBy<P>>;
}
