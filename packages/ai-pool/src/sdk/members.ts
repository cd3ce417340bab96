import { fail } from '../config/check.ts';
import type { ProviderPlan } from '../config/plan.ts';
import type { CreateContext } from '../config/types.ts';
import { defined } from '../defined.ts';
import type { Key, Provider, Route, Target } from '../scheduling/targets.ts';
import type { Scrubber } from '../secret.ts';
import { generationOf, type Generation } from './generation.ts';
import type { Member } from './member.ts';
import { Recent } from './recent.ts';

/** Members are built lazily and kept; the least recently used go beyond so many. */
const CAPACITY = 10_000;

/** Stands for a secret that is not known at construction; nothing is ever called with it. */
const PENDING = 'pending';

/** Builds and keeps the AI SDK model objects of the targets. */
export class Members {
  readonly #members = new Recent<Target, Member>(CAPACITY);
  readonly #providers = new Recent<Key, unknown>(CAPACITY);
  readonly #fetching = new Map<Key, Promise<string>>();
  readonly #scrubber: Scrubber;

  constructor(scrubber: Scrubber) {
    this.#scrubber = scrubber;
  }

  /**
   * Makes sure that a target has its member; a promise only where its secret must be fetched.
   * What the user's `create` or `apiKey` throws comes out as it is.
   */
  readonly prepare = (target: Target): Promise<void> | undefined => {
    if (this.#members.get(target) !== undefined) return undefined;
    const { key, route } = target;
    const { apiKey } = key.plan;
    if (route.plan.ready !== undefined) {
      this.#members.set(target, route.plan.ready as Member);
      return undefined;
    }
    if (typeof apiKey === 'function') return this.#fetchAndBuild(target, apiKey);
    this.#build(target, apiKey);
    return undefined;
  };

  /** The member of a prepared target. */
  of(target: Target): Member {
    const member = this.#members.get(target);
    if (member === undefined) throw new TypeError('not prepared');
    return member;
  }

  /**
   * Drops the member of a fetched secret, so that the secret is fetched anew; false where the
   * secret is fixed. A member that was built since is left alone.
   */
  renew(target: Target, used: unknown): boolean {
    if (typeof target.key.plan.apiKey !== 'function') return false;
    if (used !== undefined && this.#members.get(target) === used) this.forget(target.key);
    return true;
  }

  /** Drops everything that was built for a key. */
  forget(key: Key): void {
    this.#providers.delete(key);
    for (const target of key.targets()) this.#members.delete(target);
  }

  async #fetchAndBuild(target: Target, apiKey: () => string | Promise<string>): Promise<void> {
    const { key } = target;
    if (this.#providers.get(key) !== undefined) return this.#build(target, undefined);
    // Parallel calls share one fetch.
    let fetching = this.#fetching.get(key);
    if (fetching === undefined) {
      fetching = fetchSecret(apiKey).finally(() => this.#fetching.delete(key));
      this.#fetching.set(key, fetching);
    }
    const secret = await fetching;
    key.secret = secret;
    this.#scrubber.add(secret);
    this.#build(target, secret);
  }

  #build(target: Target, secret: string | undefined): void {
    const { key, route } = target;
    let provider = this.#providers.get(key);
    if (provider === undefined) {
      provider = create(route.provider.plan, key, secret);
      this.#providers.set(key, provider);
    }
    this.#members.set(target, memberOf(provider, route));
  }

  /**
   * One member of a route, at construction: it tells the generation and what each generation
   * reads from a model before it calls it.
   *
   * @throws PoolConfigError where the factory throws or gives no model.
   */
  first(route: Route): Member {
    const { plan, keys } = route.provider;
    if (route.plan.ready !== undefined) return route.plan.ready as Member;
    const serving = [...keys.values()].filter(key => key.serves(route));
    const key = serving.find(each => typeof each.plan.apiKey === 'string') ?? serving[0];
    if (key === undefined) return fail(`${plan.path}.keys`, `no key may use ${route.model}`);
    try {
      if (typeof key.plan.apiKey === 'function') {
        return memberOf(create(plan, key, PENDING), route);
      }
      const target = key.target(route);
      this.#build(target, key.plan.apiKey);
      return this.of(target);
    } catch (error) {
      const clean = this.#scrubber.value(error, key.secret === undefined ? [] : [key.secret]);
      const message = clean instanceof Error ? clean.message : String(clean);
      return fail(`${plan.path}.create`, `threw: ${message}`, clean);
    }
  }
}

async function fetchSecret(apiKey: () => string | Promise<string>): Promise<string> {
  const secret: unknown = await apiKey();
  if (typeof secret === 'string' && secret !== '') return secret;
  throw new TypeError('apiKey gave no string');
}

function create(plan: ProviderPlan, key: Key, secret: string | undefined): unknown {
  const context = defined<CreateContext>({
    provider: plan.name,
    key: key.id,
    meta: key.plan.meta,
  });
  // A keyless provider gets no `apiKey` at all, so that the factory's own default applies.
  return plan.create?.(defined<{ apiKey: string }>({ apiKey: secret }), context);
}

function memberOf(provider: unknown, route: Route): Member {
  const { model } = route;
  if (typeof provider === 'function') return (provider as (id: string) => Member)(model);
  const made = provider as { languageModel?: (id: string) => Member } | null | undefined;
  if (typeof made?.languageModel === 'function') return made.languageModel(model);
  throw new TypeError('it makes nothing callable, and no languageModel');
}

/** The one generation of all members: of the pool's, where it has one already. */
export function checkGeneration(
  { plan }: Provider,
  members: readonly Member[],
  shared: Generation | undefined,
): Generation | undefined {
  let one = shared;
  for (const member of members) {
    // A hostile factory may give anything at all.
    const version: unknown = (member as Member | undefined)?.specificationVersion;
    const generation = generationOf(version);
    if (generation === undefined) {
      return fail(plan.path, `no known specificationVersion: ${String(version)}`);
    }
    one ??= generation;
    if (generation !== one) {
      fail(plan.path, `is of generation ${generation.version}, the others of ${one.version}`);
    }
  }
  return one;
}
