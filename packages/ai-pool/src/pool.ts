import type { Core } from './call/core.ts';
import { Deadlines } from './call/deadlines.ts';
import { ToldCallers } from './call/told-callers.ts';
import { WaitingLine } from './call/waiting-line.ts';
import { fail } from './config/check.ts';
import type { PoolPlan } from './config/plan.ts';
import { readFurtherProvider } from './config/read-config.ts';
import type { KeyEntry, PoolCallOptions, ProviderEntry } from './config/types.ts';
import { Emitter } from './observe/emitter.ts';
import type { PoolEventType, PoolListener } from './observe/events.ts';
import { explain } from './observe/explain.ts';
import { statusOf, type PoolStatus } from './observe/status.ts';
import { createControls, findProvider, scopesOf, type Controls } from './scheduling/control.ts';
import { Scheduler } from './scheduling/scheduler.ts';
import type { Key, Provider, Route } from './scheduling/targets.ts';
import { readPoolOptions } from './sdk/call-options.ts';
import type { Generation } from './sdk/generation.ts';
import { createLanguageModel, type LanguageModelParts } from './sdk/language-model.ts';
import { KindModels } from './sdk/kind-models.ts';
import type { Member } from './sdk/member.ts';
import { checkGeneration, makeLanguageModel, Members } from './sdk/members.ts';
import { nameOf, PROVIDER } from './sdk/model-parts.ts';
import type { ModelOfKind, PooledModel, VersionOf } from './sdk/pooled-model.ts';
import { Scrubber } from './secret.ts';

/** The pool behind a model: what it knows, what it tells, and what can be done to it. */
export interface Pool extends Controls {
  /** Every provider, key, model and target with its state and usage. Ids only, never a secret. */
  status(): PoolStatus;
  /** Why targets cannot be used now: one line per closed scope. Empty: all are open. */
  explain(provider?: string, model?: string): string[];
  /** The names of the providers, in configured order. */
  providers(): string[];
  /** Listens to one kind of event; returns how to stop. */
  on<T extends PoolEventType>(type: T, listener: PoolListener<T>): () => void;

  /** Adds a provider as the last one. @throws PoolConfigError as at construction */
  addProvider(entry: ProviderEntry): void;
  /** Removes a provider: calls in flight finish, nothing else uses it. */
  removeProvider(name: string): void;
  /** Adds a key; returns its id. @throws PoolConfigError as at construction */
  addKey(provider: string, key: string | KeyEntry): string;
  /** Removes a key, named by id, label or secret: calls in flight finish, nothing else uses it. */
  removeKey(provider: string, key: string): void;
  /** Stops the pool's own timers. Calls still work. */
  close(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A pool with its models.
 *
 * Those of other kinds are asked for by name: by a model id, which is asked at every provider
 * that has such models, in their order; by `provider/model`; or by a list of these, which says
 * that they may stand for each other. Embeddings of different models are no such list.
 */
export interface ModelPool<M = unknown, P = unknown> extends Pool {
  /**
   * The pooled model; with an id, that model over the providers that have it. So that
   * `createProviderRegistry({ pool })` works.
   *
   * @throws PoolConfigError where no provider has the model
   */
  languageModel(modelId?: string): PooledModel<M, P>;
  /** What the AI SDK reads from a provider, from its third generation on. */
  readonly specificationVersion: VersionOf<M>;
  /** @throws PoolConfigError where no provider has such models */
  embeddingModel(
    modelId: string | readonly string[],
  ): ModelOfKind<P, 'embeddingModel' | 'textEmbeddingModel'>;
  /** The older name of `embeddingModel`. @throws PoolConfigError where no provider has such models */
  textEmbeddingModel(
    modelId: string | readonly string[],
  ): ModelOfKind<P, 'embeddingModel' | 'textEmbeddingModel'>;
  /** @throws PoolConfigError where no provider has such models */
  imageModel(modelId: string | readonly string[]): ModelOfKind<P, 'imageModel'>;
  /** @throws PoolConfigError where no provider has such models */
  speechModel(modelId: string | readonly string[]): ModelOfKind<P, 'speechModel'>;
  /** @throws PoolConfigError where no provider has such models */
  transcriptionModel(modelId: string | readonly string[]): ModelOfKind<P, 'transcriptionModel'>;
  /** @throws PoolConfigError where no provider has such models */
  rerankingModel(modelId: string | readonly string[]): ModelOfKind<P, 'rerankingModel'>;
}

/** A pool with what its models are made of, for those that make further models of it. */
export interface Assembled {
  readonly pool: ModelPool;
  readonly core: Core;
  readonly members: Members;
  /** Lets a provider take part. */
  readonly add: (provider: Provider) => void;
  /** The generation of the language models; undefined where there are none. */
  readonly generation: () => Generation | undefined;
  /** A member of each listed model. */
  readonly samples: () => readonly Member[];
}

/**
 * Everything a pool is made of stays in this closure: whatever prints or serializes the pool or
 * its model reaches no key.
 */
export function assemblePool(plan: PoolPlan): Assembled {
  const { clock } = plan;
  const scrubber = new Scrubber();
  const clean = (text: string): string => scrubber.text(text);
  const emitter = new Emitter(() => clock.now(), clean);
  const line = new WaitingLine();
  const scheduler = new Scheduler(plan, emitter, () => line.wake(() => clock.now()));
  const { add, remove, addKey, removeKey, ...byHand } = createControls(scheduler, emitter, clean);
  const members = new Members(scrubber);
  const core: Core = {
    plan,
    scheduler,
    emitter,
    deadlines: new Deadlines(clock),
    backgroundDeadlines: new Deadlines(clock, true),
    scrubber,
    told: new ToldCallers(),
    line,
    nextCallId: callIds(plan.random),
  };
  const kinds = new KindModels(core, members);
  const firstMembers = new Map<Route, Member>();
  /** The same by the id of a model, or of all; made anew when a provider comes or goes. */
  const sampled = new Map<string | undefined, readonly Member[]>();
  let generation: Generation | undefined;

  const protectAll = (provider: Provider): void => {
    for (const key of provider.keys.values()) protect(key, scrubber);
  };
  /** Builds a provider's first members, before it takes part. */
  const meet = (provider: Provider): void => {
    const made = provider.listed.map(
      ({ plan: { id, ready } }) =>
        (ready ?? members.sample(provider, id, makeLanguageModel)) as Member,
    );
    generation = checkGeneration(provider, made, generation);
    for (const [i, route] of provider.listed.entries()) {
      const member = made[i];
      if (member !== undefined) firstMembers.set(route, member);
    }
    sampled.clear();
    provider.family ??= made[0]?.provider;
  };
  // All keys first: a factory may throw with any of them in its message.
  scheduler.providers.forEach(protectAll);
  scheduler.providers.forEach(meet);
  listen(emitter, plan);
  const stopChecks = checkRecoveries(core);

  const samples = (only: string | undefined): readonly Member[] => {
    let some = sampled.get(only);
    if (some === undefined) {
      const mine = [...firstMembers].filter(([{ model }]) => only === undefined || model === only);
      sampled.set(only, (some = mine.map(([, member]) => member)));
    }
    return some;
  };
  /** A model over all routes, or over those of one model id. */
  const build = (only: string | undefined, defaults: PoolCallOptions): PooledModel<unknown> => {
    const parts: LanguageModelParts = {
      core,
      members,
      make: makeLanguageModel,
      generation: generation ?? fail('providers', 'no provider has a model'),
      routes: () => {
        const routes = scheduler.order.routes();
        return only === undefined ? routes : routes.filter(({ model }) => model === only);
      },
      // Not by `routes`, which takes a turn where the routing has turns.
      samples: () => samples(only),
      provider: PROVIDER,
      modelId: only ?? nameOf(scheduler.routes),
      defaults,
    };
    const more = {
      pool,
      with: (overrides: PoolCallOptions) => {
        const own = readPoolOptions(overrides, scheduler.routes, 'with');
        return build(only, { ...defaults, ...own });
      },
    };
    return Object.assign(createLanguageModel(parts), more) as PooledModel<unknown>;
  };
  let whole: PooledModel<unknown> | undefined;

  const pool: ModelPool = {
    languageModel(modelId) {
      if (modelId === undefined) return (whole ??= build(undefined, {}));
      const has = scheduler.routes.some(route => route.model === modelId);
      return has ? build(modelId, {}) : fail('languageModel', `no such model: ${modelId}`);
    },
    // Absent without models; the SDK's own type for it is the members'.
    specificationVersion: generation?.version as never,
    embeddingModel: id => kinds.of('embeddingModel', id) as never,
    textEmbeddingModel: id => kinds.of('embeddingModel', id) as never,
    imageModel: id => kinds.of('imageModel', id) as never,
    speechModel: id => kinds.of('speechModel', id) as never,
    transcriptionModel: id => kinds.of('transcriptionModel', id) as never,
    rerankingModel: id => kinds.of('rerankingModel', id) as never,
    status: () => statusOf(scheduler.providers, clock.now()),
    explain(name, model) {
      const { providers } = scheduler;
      const asked = name === undefined ? providers : [findProvider(scheduler, name)];
      return explain(asked, model, clock.now());
    },
    providers: () => scheduler.providers.map(provider => provider.name),
    on: (type, listener) => emitter.on(type, listener),
    ...byHand,
    addProvider(entry) {
      const provider = scheduler.make(readFurtherProvider(entry, plan.defaults));
      const taken = scheduler.providers.some(each => each.name === provider.name);
      if (taken) fail('entry.name', 'is used twice');
      protectAll(provider);
      meet(provider);
      add(provider);
    },
    removeProvider(name) {
      const gone = remove(name);
      for (const key of gone.keys.values()) members.forget(key);
      for (const route of gone.routes) firstMembers.delete(route);
      sampled.clear();
    },
    addKey(provider, entry) {
      const key = addKey(provider, entry);
      protect(key, scrubber);
      return key.id;
    },
    removeKey(provider, key) {
      members.forget(removeKey(provider, key));
    },
    close: stopChecks,
    async [Symbol.asyncDispose]() {
      stopChecks();
    },
  };
  return {
    pool,
    core,
    members,
    add,
    generation: () => generation,
    samples: () => samples(undefined),
  };
}

/** Takes a key's secret out of everything that leaves the pool from now on. */
function protect(key: Key, scrubber: Scrubber): void {
  if (key.secret !== undefined) scrubber.add(key.secret);
}

function listen(emitter: Emitter, plan: PoolPlan): void {
  for (const [type, listener] of Object.entries(plan.on ?? {})) {
    emitter.on(type as PoolEventType, listener as PoolListener);
  }
  if (plan.onEvent !== undefined) emitter.on('*', plan.onEvent);
}

/** Notices the ends of pauses also without calls, where a setting says how often. */
function checkRecoveries({ plan, scheduler, backgroundDeadlines }: Core): () => void {
  const { clock, recoveryCheckMs } = plan;
  if (recoveryCheckMs === 0) return () => undefined;
  const next = (): void => {
    deadline = backgroundDeadlines.add(clock.now() + recoveryCheckMs, () => {
      for (const scope of scheduler.providers.flatMap(scopesOf)) scope.check(clock.now());
      next();
    });
  };
  let deadline = backgroundDeadlines.add(clock.now(), next);
  return () => backgroundDeadlines.cancel(deadline);
}

function callIds(random: () => number): () => string {
  const prefix = Math.floor(random() * 36 ** 6)
    .toString(36)
    .padStart(6, '0');
  let calls = 0;
  let block = '';
  // Every number written out anew would be a good part of what a call costs.
  const last = Array.from({ length: 1_000 }, (_, i) => `${i}`.padStart(3, '0'));
  return () => {
    const i = ++calls % last.length;
    if (i === 0 || block === '') block = `${prefix}-${Math.floor(calls / last.length) || ''}`;
    return block + last[i];
  };
}
