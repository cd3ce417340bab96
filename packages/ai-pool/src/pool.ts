import type { Core } from './call/core.ts';
import { Deadlines } from './call/deadlines.ts';
import { ToldCallers } from './call/told-callers.ts';
import { fail } from './config/check.ts';
import type { PoolPlan } from './config/plan.ts';
import { Emitter } from './observe/emitter.ts';
import type { PoolEventType, PoolListener } from './observe/events.ts';
import { statusOf, type PoolStatus } from './observe/status.ts';
import { Scheduler } from './scheduling/scheduler.ts';
import type { Route } from './scheduling/targets.ts';
import { createLanguageModel } from './sdk/language-model.ts';
import type { Member } from './sdk/member.ts';
import { Members, sharedGeneration } from './sdk/members.ts';
import type { AnyGenerationModel, PooledModel } from './sdk/pooled-model.ts';
import { Scrubber } from './secret.ts';

type SpecificationOf<M> = M extends { readonly specificationVersion: infer V } ? V : never;

/** The pool behind a model: what it knows, and what it tells. */
export interface Pool<M = AnyGenerationModel> {
  /**
   * The pooled model; with an id, that model over the providers that have it. So that
   * `createProviderRegistry({ pool })` works.
   */
  languageModel(modelId?: string): PooledModel<M>;
  /** What the AI SDK reads from a provider, from its third generation on. */
  readonly specificationVersion: SpecificationOf<M>;
  /** Language models are all that a pool has so far. @throws PoolConfigError */
  embeddingModel(modelId: string): never;
  /** Language models are all that a pool has so far. @throws PoolConfigError */
  textEmbeddingModel(modelId: string): never;
  /** Language models are all that a pool has so far. @throws PoolConfigError */
  imageModel(modelId: string): never;
  /** Every provider, key, model and target with its state and usage. Ids only, never a secret. */
  status(): PoolStatus;
  /** The names of the providers, in configured order. */
  providers(): string[];
  /** Listens to one kind of event; returns how to stop. */
  on<T extends PoolEventType>(type: T, listener: PoolListener<T>): () => void;
}

/**
 * Everything a pool is made of stays in this closure: whatever prints or serializes the pool or
 * its model reaches no key.
 */
export function assemblePool(plan: PoolPlan): Pool {
  const { clock } = plan;
  const emitter = new Emitter(() => clock.now());
  const scrubber = new Scrubber();
  for (const provider of plan.providers) {
    for (const { apiKey } of provider.keys) if (typeof apiKey === 'string') scrubber.add(apiKey);
  }
  const prefix = Math.floor(plan.random() * 36 ** 6)
    .toString(36)
    .padStart(6, '0');
  let calls = 0;
  const scheduler = new Scheduler(plan, emitter);
  const core: Core = {
    plan,
    scheduler,
    emitter,
    deadlines: new Deadlines(clock),
    backgroundDeadlines: new Deadlines(clock, true),
    scrubber,
    told: new ToldCallers(),
    nextCallId: () => `${prefix}-${(++calls).toString(36)}`,
  };
  const members = new Members(scrubber);
  const { routes } = scheduler;
  const firstMembers = routes.map(route => members.first(route));
  for (const [i, { provider }] of routes.entries()) provider.family ??= firstMembers[i]?.provider;
  const generation = routes.length > 0 ? sharedGeneration(routes, firstMembers) : undefined;
  if (plan.on !== undefined) {
    for (const [type, listener] of Object.entries(plan.on)) {
      emitter.on(type as PoolEventType, listener as PoolListener);
    }
  }
  if (plan.onEvent !== undefined) emitter.on('*', plan.onEvent);

  const build = (over: readonly Route[] | undefined, modelId: string): PooledModel<unknown> => {
    if (generation === undefined) return fail('providers', 'no provider has a model');
    const used: Member[] = firstMembers.filter(
      (_, i) => over === undefined || over.some(route => route === routes[i]),
    );
    const parts = { core, members, generation, routes: over, firstMembers: used, modelId };
    return Object.assign(createLanguageModel(parts), { pool }) as PooledModel<unknown>;
  };
  let whole: PooledModel<unknown> | undefined;

  const pool: Pool = {
    // Absent without models; the SDK's own type for it is the members'.
    specificationVersion: generation?.version as never,
    embeddingModel: noModels('embeddingModel'),
    textEmbeddingModel: noModels('textEmbeddingModel'),
    imageModel: noModels('imageModel'),
    languageModel(modelId) {
      if (modelId === undefined) return (whole ??= build(undefined, nameOf(routes)));
      const having = routes.filter(route => route.model === modelId);
      return having.length > 0
        ? build(having, modelId)
        : fail('languageModel', `no provider has the model "${modelId}"`);
    },
    status: () => statusOf(scheduler.providers, clock.now()),
    providers: () => scheduler.providers.map(provider => provider.name),
    on: (type, listener) => emitter.on(type, listener),
  };
  return pool;
}

function noModels(kind: string): () => never {
  return () => fail(kind, 'a pool has language models only');
}

/** The id that all routes share, so that logs and price tables find it; otherwise `pool`. */
function nameOf(routes: readonly Route[]): string {
  const ids = new Set(routes.map(route => route.model));
  const [only] = ids;
  return ids.size === 1 && only !== undefined ? only : 'pool';
}
