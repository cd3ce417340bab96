import type { Core } from '../call/core.ts';
import { fail, list, text } from '../config/check.ts';
import { createRouting } from '../scheduling/routing.ts';
import type { Provider, Route } from '../scheduling/targets.ts';
import { createKindModel } from './kind-model.ts';
import type { Make, Members } from './members.ts';
import { nameOf, PROVIDER } from './model-parts.ts';
import { Recent } from './recent.ts';

/** So many models are remembered, with their turns among the providers. */
const CAPACITY = 1_000;

/** By the function of a provider that gives such a model, under any of its names. */
const by =
  (...names: readonly string[]): Make =>
  (provider, modelId) => {
    for (const name of names) {
      const make = (provider as Record<string, unknown> | null | undefined)?.[name];
      if (typeof make === 'function') return Reflect.apply(make, provider, [modelId]) as object;
    }
    throw new TypeError(`it has no ${names[0]}`);
  };

type Kind =
  | 'embeddingModel'
  | 'imageModel'
  | 'speechModel'
  | 'transcriptionModel'
  | 'rerankingModel';

/** Each kind by its name among a provider's functions. */
export const KINDS: Readonly<Record<Kind, Make>> = {
  embeddingModel: /* @__PURE__ */ by('embeddingModel', 'textEmbeddingModel'),
  imageModel: /* @__PURE__ */ by('imageModel'),
  speechModel: /* @__PURE__ */ by('speechModel'),
  transcriptionModel: /* @__PURE__ */ by('transcriptionModel'),
  rerankingModel: /* @__PURE__ */ by('rerankingModel'),
};

/** The routes of a model with a member of each, by provider. */
type Chosen = ReadonlyMap<Provider, ReadonlyMap<Route, object>>;

function hasRemoved(chosen: Chosen): boolean {
  for (const routes of chosen.values())
    for (const { removed } of routes.keys()) if (removed) return true;
  return false;
}

/** The models of other kinds than language, over the providers that have them. */
export class KindModels {
  readonly #core: Core;
  readonly #members: Members;
  readonly #models = new Recent<string, object>(CAPACITY);

  constructor(core: Core, members: Members) {
    this.#core = core;
    this.#members = members;
  }

  /**
   * @param wanted a model id, at every provider that has such models; `provider/model`, at that
   * one; or a list of these, which declares that they may stand for each other
   * @throws PoolConfigError where no provider has it
   */
  of(kind: Kind, wanted: string | readonly string[]): object {
    const name = JSON.stringify([kind, wanted]);
    let model = this.#models.get(name);
    if (model === undefined) {
      const names = typeof wanted === 'string' ? [wanted] : list(wanted, kind);
      model = this.#create(
        kind,
        names.map(each => text(each, kind)),
      );
      this.#models.set(name, model);
    }
    return model;
  }

  #create(kind: Kind, wanted: readonly string[]): object {
    const { scheduler, plan } = this.#core;
    let providers = scheduler.providers;
    let chosen = this.#choose(kind, wanted, (each, why) =>
      fail(kind, `no provider has such a model: ${each}`, why),
    );
    const order = createRouting(plan.routing, [...chosen.keys()], provider => [
      ...(chosen.get(provider)?.keys() ?? []),
    ]);
    const current = (): Chosen => {
      // Providers come and go; models that were not used for long may be known anew.
      if (scheduler.providers !== providers || hasRemoved(chosen)) {
        providers = scheduler.providers;
        chosen = this.#choose(kind, wanted);
        order.update([...chosen.keys()]);
      }
      return chosen;
    };
    return createKindModel({
      core: this.#core,
      members: this.#members,
      make: KINDS[kind],
      provider: PROVIDER,
      modelId: nameOf([...chosen.values()].flatMap(routes => [...routes.keys()])),
      defaults: {},
      routes: () => (current(), order.routes()),
      samples: () => [...current().values()].flatMap(routes => [...routes.values()]),
      order,
    });
  }

  #choose(
    kind: Kind,
    wanted: readonly string[],
    missing?: (each: string, why: unknown) => never,
  ): Chosen {
    const chosen = new Map<Provider, Map<Route, object>>();
    let version: unknown;
    for (const each of wanted) {
      let found = false;
      let why: unknown;
      for (const [provider, model] of this.#named(each)) {
        try {
          const sample = this.#members.sample(provider, model, KINDS[kind]);
          version ??= Reflect.get(sample, 'specificationVersion');
          if (Reflect.get(sample, 'specificationVersion') !== version) continue;
          const route = provider.route({ id: model, timeouts: provider.plan.timeouts });
          // A ready-made language model of that id says nothing about other kinds.
          if (route.plan.ready !== undefined) continue;
          provider.family ??= String(Reflect.get(sample, 'provider'));
          const routes = chosen.get(provider) ?? new Map<Route, object>();
          chosen.set(provider, routes.set(route, sample));
          found = true;
        } catch (error) {
          // Providers refuse kinds that they do not have.
          why = error;
        }
      }
      if (!found) missing?.(each, why);
    }
    return chosen;
  }

  /** Where a name may be had: at the provider that it begins with, else at any. */
  #named(name: string): (readonly [Provider, string])[] {
    const { providers } = this.#core.scheduler;
    const one = providers.find(each => name.startsWith(`${each.name}/`));
    return one === undefined
      ? providers.map(each => [each, name] as const)
      : [[one, name.slice(one.name.length + 1)]];
  }
}
