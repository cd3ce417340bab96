import { fail } from '../config/check.ts';
import type { CreateContext } from '../config/types.ts';
import { defined } from '../defined.ts';
import type { Key, Provider, Target } from '../scheduling/targets.ts';
import type { Scrubber } from '../secret.ts';
import { generationOf, type Generation } from './generation.ts';
import type { Member } from './member.ts';
import { Recent } from './recent.ts';

/** Members are built lazily and kept; the least recently used go beyond so many. */
const CAPACITY = 10_000;

/** Stands for a secret that is not known at construction; nothing is ever called with it. */
export const PENDING = 'pending';

/** Gets the model of an id out of what a factory made: which of its functions, for which kind. */
export type Make = (provider: unknown, modelId: string) => object;

/** A model with what it was made of and by. */
export interface Made {
  readonly member: object;
  readonly make: Make;
  readonly provider: unknown;
}

/** Builds and keeps the AI SDK model objects of the targets. */
export class Members {
  private readonly members = new Recent<Target, Made>(CAPACITY);
  private readonly providers = new Recent<Key, unknown>(CAPACITY);
  private readonly fetching = new Map<Key, Promise<string>>();
  private readonly scrubber: Scrubber;

  constructor(scrubber: Scrubber) {
    this.scrubber = scrubber;
  }

  /**
   * Makes sure that a target has its member; a promise only where its secret must be fetched.
   * What the user's `create` or `apiKey` throws comes out as it is.
   */
  prepare(target: Target, make: Make): Promise<void> | undefined {
    if (this.get(target, make) !== undefined) return undefined;
    const { key } = target;
    const { apiKey } = key.plan;
    if (typeof apiKey === 'function') return this.fetchAndBuild(target, make, apiKey);
    this.build(target, make, apiKey);
    return undefined;
  }

  /** The member of a target, where it was made. */
  get(target: Target, make: Make): Made | undefined {
    // One model may be had in several ways; a target keeps the one that was asked for last.
    const made = this.members.get(target);
    return made?.make === make ? made : undefined;
  }

  /** The member of a prepared target. */
  of(target: Target): Made {
    const made = this.members.get(target);
    if (made === undefined) throw new TypeError('not prepared');
    return made;
  }

  /**
   * Drops what was made of a fetched secret, so that the secret is fetched anew; false where the
   * secret is fixed. What was made since is left alone.
   *
   * @param used what the factory had made, of the member that was refused
   */
  renew({ key }: Target, used: unknown): boolean {
    if (typeof key.plan.apiKey !== 'function') return false;
    const current = this.providers.get(key);
    if (used !== undefined && (current === undefined || current === used)) this.forget(key);
    return true;
  }

  /** Drops everything that was built for a key. */
  forget(key: Key): void {
    this.providers.delete(key);
    for (const target of key.targets()) this.members.delete(target);
  }

  private async fetchAndBuild(
    target: Target,
    make: Make,
    apiKey: () => string | Promise<string>,
  ): Promise<void> {
    const { key } = target;
    if (this.providers.get(key) !== undefined) return this.build(target, make, undefined);
    // Parallel calls share one fetch.
    let fetching = this.fetching.get(key);
    if (fetching === undefined) {
      fetching = fetchSecret(apiKey).finally(() => this.fetching.delete(key));
      this.fetching.set(key, fetching);
    }
    const secret = await fetching;
    key.secret = secret;
    this.scrubber.add(secret);
    this.build(target, make, secret);
  }

  private build(target: Target, make: Make, secret: string | undefined): void {
    const provider = this.provider(target.key, secret);
    const member = make(provider, target.route.model);
    this.members.set(target, { member, make, provider });
  }

  private provider(key: Key, secret: string | undefined): unknown {
    let provider = this.providers.get(key);
    if (provider === undefined) {
      provider = create(key, secret);
      this.providers.set(key, provider);
    }
    return provider;
  }

  /**
   * What the factory makes, of the first plain key where there is one: its surface is the same for
   * all keys. Where there is none, nothing may be called with it.
   *
   * @throws PoolConfigError where the factory throws
   */
  surface(provider: Provider): unknown {
    const key = sampleKey(provider, undefined);
    return this.orFail(key, () => this.surfaceOf(key));
  }

  /**
   * One member of a model, never called: it tells the generation and what each generation reads
   * from a model before it calls it.
   *
   * @throws PoolConfigError where the factory throws or gives no model, or no key may use it
   */
  sample(provider: Provider, model: string, make: Make): object {
    const key = sampleKey(provider, model);
    return this.orFail(key, () => make(this.surfaceOf(key), model));
  }

  private surfaceOf(key: Key): unknown {
    return isPlain(key) ? this.provider(key, key.secret) : create(key, PENDING);
  }

  private orFail<T>({ provider, secret }: Key, make: () => T): T {
    try {
      return make();
    } catch (error) {
      const clean = this.scrubber.value(error, secret === undefined ? [] : [secret]);
      const message = clean instanceof Error ? clean.message : String(clean);
      return fail(`${provider.plan.path}.create`, `threw: ${message}`, clean);
    }
  }
}

/** Whether its secret is known without asking for it. */
export function isPlain({ plan }: Key): boolean {
  return typeof plan.apiKey !== 'function';
}

function sampleKey({ plan, keys }: Provider, model: string | undefined): Key {
  const serving = [...keys.values()].filter(
    key => model === undefined || key.plan.models?.has(model) !== false,
  );
  const [first] = serving;
  return serving.find(isPlain) ?? first ?? fail(`${plan.path}.keys`, `no key may use ${model}`);
}

async function fetchSecret(apiKey: () => string | Promise<string>): Promise<string> {
  const secret: unknown = await apiKey();
  if (typeof secret === 'string' && secret !== '') return secret;
  throw new TypeError('apiKey gave no string');
}

function create(key: Key, secret: string | undefined): unknown {
  const { plan } = key.provider;
  const context = defined<CreateContext>({
    provider: plan.name,
    key: key.id,
    meta: key.plan.meta,
  });
  // A keyless provider gets no `apiKey` at all, so that the factory's own default applies.
  return plan.create?.(defined<{ apiKey: string }>({ apiKey: secret }), context);
}

/** The language model of an id. */
export const makeLanguageModel: Make = (provider, modelId) => {
  if (typeof provider === 'function') return (provider as (id: string) => object)(modelId);
  const made = provider as { languageModel?: (id: string) => object } | null | undefined;
  if (typeof made?.languageModel === 'function') return made.languageModel(modelId);
  throw new TypeError('it makes nothing callable, and no languageModel');
};

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
