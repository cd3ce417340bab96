import type { KeyPlan, ModelPlan, ProviderPlan } from '../config/plan.ts';
import type { ScopeRef, TargetRef } from '../observe/events.ts';
import type { Limits } from '../config/types.ts';
import { closingKey, toldOf } from './admission.ts';
import { Availability, type AvailabilityContext } from './availability.ts';
import { Admission, type Barrier } from './barrier.ts';
import { Circuit } from './circuit.ts';
import { createKeyOrder, type KeyOrder } from './key-order.ts';
import { Limiter } from './limiter.ts';
import { OpenKeys } from './open-keys.ts';
import { hashOf } from './affinity.ts';
import { Speed } from './speed.ts';
import { ToldLimits } from './told-limits.ts';
import { RefusedFeatures } from './refused-features.ts';

const NONE: readonly number[] = [];

/** So many models that are not listed are remembered, and those in use beyond. */
const ASKED = 1_000;

const countsTokens = (of: Limits | { readonly limits?: Limits | undefined }): boolean => {
  const { tpm, tpd } = ('limits' in of ? of.limits : (of as Limits)) ?? {};
  return tpm !== undefined || tpd !== undefined;
};

/** What was sent to a key's provider, and how it ended. */
export interface Usage {
  readonly attempts: number;
  readonly successes: number;
  readonly failures: number;
  readonly aborted: number;
  readonly inFlight: number;
  /** Epoch ms. */
  readonly lastUsedAt: number | undefined;
}

/** One configured provider with everything that is known about it. */
export class Provider {
  readonly plan: ProviderPlan;
  readonly context: AvailabilityContext;
  readonly keys: Map<string, Key> = new Map();
  readonly accounts: Map<string, Account> = new Map();
  /** The models of its entry, in fallback order. */
  readonly listed: readonly Route[];
  /** Those, and models that were asked for by name. */
  readonly routes: Route[];
  readonly order: KeyOrder;
  /** Of failures that speak about the provider or the way to it. */
  readonly circuit: Circuit = new Circuit();
  /** Whose error dialect applies: an entry's `family`, or the `provider` id of its members. */
  family: string | undefined;
  /** False while nothing of it is limited or ever failed: then there is nothing to look at. */
  hasBarriers = false;
  /** Whether any limit of it is declared. */
  hasLimits = false;
  readonly limiter: Limiter | undefined;
  /** Whether any of its limits is one of tokens. */
  countsTokens: boolean;
  private readonly wake: () => void;
  availability: Availability | undefined;
  /** The way to the provider, apart from the provider itself. */
  network: Availability | undefined;

  /** Set when it was removed at run time: calls that began before must not use it. */
  removed = false;
  weight: number;
  /** How long it takes to the first output. */
  readonly speed: Speed = new Speed();
  inFlight = 0;
  /** When it was made: epoch ms. */
  readonly since: number;
  /** Whether nothing of it was usable when last looked at. */
  exhausted = false;
  private positions = 0;
  /** The key whose answer first named an organisation or project. */
  private readonly named = new Map<string, Key>();

  constructor(plan: ProviderPlan, context: AvailabilityContext, wake: () => void) {
    this.plan = plan;
    this.context = context;
    this.wake = wake;
    this.since = context.clock.now();
    this.limiter = this.limit(plan.limits, wake);
    this.weight = plan.weight;
    this.family = plan.family;
    this.order = createKeyOrder(plan.keySelection, context.random);
    this.listed = plan.models.map((model, i) => new Route(this, model, i));
    this.routes = [...this.listed];
    const { limits, accounts, models } = plan;
    this.countsTokens = [{ limits }, ...models, ...accounts.values()].some(countsTokens);
    for (const key of plan.keys) this.addKey(key);
  }

  get name(): string {
    return this.plan.name;
  }

  /** The route of a model, listed or not. */
  route(model: ModelPlan): Route {
    const known = this.routes.find(each => each.model === model.id);
    if (known !== undefined) return known;
    this.forgetOldest();
    const route = new Route(this, model, -1);
    route.lastUse = this.context.nextSequence();
    this.routes.push(route);
    return route;
  }

  /** Makes room for another model: anybody may ask for any id. */
  private forgetOldest(): void {
    let spare = this.routes.length - this.listed.length - ASKED;
    if (spare < 0) return;
    const now = this.context.clock.now();
    const asked = this.routes.slice(this.listed.length);
    for (const route of asked.toSorted((a, b) => a.lastUse - b.lastUse)) {
      if (route.isInUse(now)) continue;
      route.removed = true;
      route.forgetKeys();
      this.routes.splice(this.routes.indexOf(route), 1);
      if (--spare < 0) return;
    }
  }

  addKey(plan: KeyPlan): Key {
    const key = new Key(this, plan, this.account(plan.account), this.positions++);
    this.keys.set(plan.id, key);
    key.account?.keys.push(key);
    this.countsTokens ||= countsTokens(plan);
    this.order.add(key);
    // Made anew where it is needed: one more key changes the places of all in some orders.
    for (const route of this.routes) route.forgetKeys();
    return key;
  }

  removeKey(key: Key): void {
    key.removed = true;
    this.keys.delete(key.id);
    if (key.account !== undefined) {
      key.account.keys = key.account.keys.filter(each => each !== key);
    }
  }

  /** Something of it is open again: its keys are looked at. */
  opened({ ref }: Availability): void {
    const account = ref.account === undefined ? undefined : this.accounts.get(ref.account);
    if (account !== undefined) this.lookAt(account.keys);
    const key = ref.key === undefined ? undefined : this.keys.get(ref.key);
    if (key !== undefined) this.lookAt([key]);
  }

  /**
   * An answer to a key named an organisation or project: keys whose answers name the same are one
   * account from then on. What is declared stays. True where the key has another account now.
   */
  learnAccount(key: Key, ids: readonly string[]): boolean {
    const names = ids.join();
    if (names === key.accountIds) return false;
    key.accountIds = names;
    let hasMoved = false;
    for (const id of ids) {
      const known = this.named.get(id);
      if (known === undefined || known.removed) this.named.set(id, key);
      else if (known.account === undefined || known.account !== key.account) {
        const declared = [key, known].find(each => each.plan.account !== undefined);
        const account = declared?.account ?? known.account ?? this.account(id);
        if (this.join(account, known)) hasMoved = true;
        if (this.join(account, key)) hasMoved = true;
      }
    }
    return hasMoved;
  }

  /** Moves a key to an account, with all that are known to share its own. */
  private join(account: Account | undefined, key: Key): boolean {
    const before = key.account;
    if (account === undefined || account === before || key.plan.account !== undefined) return false;
    const moved = before?.keys.filter(each => each.plan.account === undefined) ?? [key];
    if (before !== undefined) before.keys = before.keys.filter(each => !moved.includes(each));
    for (const each of moved) each.account = account;
    account.keys.push(...moved);
    // What closed the account that they had does not close them any more.
    this.freed(moved);
    return true;
  }

  /** These keys may be open where they were closed. */
  lookAt(keys: readonly Key[]): void {
    for (const route of this.routes) for (const key of keys) route.lookAt(key);
  }

  /** A limit that is declared, of the provider or of some of its keys. */
  limit(limits: Limits | undefined, freed: () => void): Limiter | undefined {
    if (limits === undefined) return undefined;
    this.hasBarriers = this.hasLimits = true;
    return new Limiter(limits, freed);
  }

  /** A limit of some keys: where an attempt has ended, the others may have room. */
  limitKeys(limits: Limits | undefined, keys: () => readonly Key[]): Limiter | undefined {
    return this.limit(limits, () => this.freed(keys()));
  }

  /** These keys may be open where they were closed, and calls may wait for them. */
  freed(keys: readonly Key[]): void {
    this.lookAt(keys);
    this.wake();
  }

  /** Moves on to the next key without handing the current one out. */
  rotate(now: number): void {
    let first: Key | undefined;
    for (const key of this.keys.values()) {
      const isOpen = (route: Route): boolean => closingKey(key, route, now) === undefined;
      if (key.weight === 0 || (this.routes.length > 0 && !this.routes.some(isOpen))) continue;
      if (first === undefined || this.order.rank(key) < this.order.rank(first)) first = key;
    }
    if (first !== undefined) this.order.pass(first);
  }

  private account(id: string | undefined): Account | undefined {
    if (id === undefined) return undefined;
    const account = this.accounts.get(id) ?? new Account(this, id, this.plan.accounts.get(id));
    this.accounts.set(id, account);
    return account;
  }

  trouble(): Availability {
    return (this.availability ??= this.scope({ scope: 'provider' }));
  }

  networkTrouble(): Availability {
    return (this.network ??= this.scope({ scope: 'network' }));
  }

  /** The state of something of this provider, made at its first trouble. */
  scope(ref: Omit<ScopeRef, 'provider'>): Availability {
    this.hasBarriers = true;
    return new Availability({ provider: this.name, ...ref }, this.context);
  }
}

/** A provider's model: the unit of the cascade. */
export class Route {
  readonly provider: Provider;
  readonly plan: ModelPlan;
  /** Of failures that speak about the model. */
  readonly circuit: Circuit = new Circuit();
  readonly refusedFeatures: RefusedFeatures = new RefusedFeatures();
  availability: Availability | undefined;
  /** Its place among the listed routes; -1 for one that was asked for by name. */
  readonly index: number;
  /** Of one that was asked for: what is known of its targets goes with it. */
  readonly asked: WeakMap<Key, Target> | undefined;
  /** Of one that was asked for: another has its place, and the model may have a new route. */
  removed = false;
  inFlight = 0;
  /** Position of its last attempt in the pool's order. */
  lastUse = 0;
  private openKeys: OpenKeys | undefined;

  constructor(provider: Provider, plan: ModelPlan, index: number) {
    this.provider = provider;
    this.plan = plan;
    this.index = index;
    this.asked = index < 0 ? new WeakMap() : undefined;
  }

  /**
   * Whether it is more than a memory: something is in flight, paused, or closed by hand. What a
   * failure disabled would be found out again.
   */
  isInUse(now: number): boolean {
    if (this.inFlight > 0) return true;
    const { keys, hasBarriers } = this.provider;
    if (!hasBarriers) return false;
    const isClosed = (barrier: Barrier | undefined): boolean =>
      barrier !== undefined &&
      !(barrier.isDisabled && barrier.kind !== undefined) &&
      barrier.check(now) > Admission.probe;
    if (isClosed(this.availability)) return true;
    for (const key of keys.values()) {
      const ofKey = isClosed(key.known(this)?.availability) || isClosed(toldOf(key, this));
      if (ofKey || isClosed(key.account?.models.get(this))) return true;
    }
    return false;
  }

  get keys(): OpenKeys {
    return this.openKeys ?? this.madeKeys();
  }

  private madeKeys(): OpenKeys {
    const keys = new OpenKeys(this);
    // Once removed it is not told any more what has opened: calls that wait for it look anew.
    if (!this.removed) this.openKeys = keys;
    return keys;
  }

  forgetKeys(): void {
    this.openKeys = undefined;
  }

  /** A key may be open where it was closed. */
  lookAt(key: Key): void {
    this.openKeys?.add(key);
  }

  get model(): string {
    return this.plan.id;
  }

  /** Whether anything is known about calls that it does not suit. */
  get isChoosy(): boolean {
    return this.plan.contextWindow !== undefined || this.refusedFeatures.size > 0;
  }

  trouble(): Availability {
    return (this.availability ??= this.provider.scope({ scope: 'model', model: this.model }));
  }
}

/** What a provider counts limits by. */
export class Account {
  readonly provider: Provider;
  readonly id: string;
  availability: Availability | undefined;
  readonly models: WeakMap<Route, Availability> = new WeakMap();
  readonly limiter: Limiter | undefined;
  /** Of models that are limited by account. */
  readonly limiters: Map<Route, Limiter> = new Map();
  /** What answers told of its limits, by model. */
  readonly told: WeakMap<Route, ToldLimits> = new WeakMap();
  keys: Key[] = [];

  constructor(provider: Provider, id: string, limits: Limits | undefined) {
    this.provider = provider;
    this.id = id;
    this.limiter = provider.limitKeys(limits, () => this.keys);
    for (const route of provider.routes) {
      const limiter = provider.limitKeys(route.plan.limits, () => this.keys);
      if (limiter !== undefined) this.limiters.set(route, limiter);
    }
  }

  trouble(): Availability {
    return (this.availability ??= this.provider.scope({ scope: 'account', account: this.id }));
  }

  /** The account's own limit for one model. */
  modelTrouble(route: Route): Availability {
    let scope = this.models.get(route);
    if (scope === undefined) {
      const { model } = route;
      scope = this.provider.scope({ scope: 'account', account: this.id, model });
      this.models.set(route, scope);
    }
    return scope;
  }
}

/** One API key. */
export class Key {
  readonly provider: Provider;
  readonly plan: KeyPlan;
  readonly id: string;
  /** Of the provider's models these alone; undefined: all. */
  private readonly models: ReadonlySet<string> | undefined;
  /** Declared, or learned from what its answers name. */
  account: Account | undefined;
  /** The names by which its answers told the account; empty while none did. */
  accountIds = '';
  weight: number;
  /** What is sent: of a key function, what it gave last. */
  secret: string | undefined;
  /** Set when it was removed at run time: calls that began before must not use it. */
  removed = false;
  // Here and not in an object of their own, as what is large in number costs with each hop.
  attempts = 0;
  successes = 0;
  failures = 0;
  aborted = 0;
  inFlight = 0;
  /** When, in ms since the provider began: what is no small number is kept apart. */
  lastUse: number | undefined;
  /** When failures were charged to it, since its last success: for `disableAfter`. Epoch ms. */
  recentFailures: readonly number[] = NONE;
  /** Its place among all keys of the provider that there ever were. */
  readonly position: number;
  readonly limiter: Limiter | undefined;
  /** What the provider's order remembers of it. */
  turn = 0;
  availability: Availability | undefined;
  /** On the first listed route, mostly the only one; and by the index of the others. */
  private first: Target | undefined;
  private others: (Target | undefined)[] | undefined;
  private ownHash: number | undefined;

  constructor(provider: Provider, plan: KeyPlan, account: Account | undefined, position: number) {
    this.provider = provider;
    this.position = position;
    this.limiter = provider.limitKeys(plan.limits, () => [this]);
    this.plan = plan;
    this.id = plan.id;
    this.models = plan.models;
    this.account = account;
    this.weight = plan.weight;
    if (typeof plan.apiKey === 'string') this.secret = plan.apiKey;
  }

  get usage(): Usage {
    const { attempts, successes, failures, aborted, inFlight, lastUse } = this;
    const lastUsedAt = lastUse === undefined ? undefined : this.provider.since + lastUse;
    return { attempts, successes, failures, aborted, inFlight, lastUsedAt };
  }

  /** For affinity. */
  get hash(): number {
    return (this.ownHash ??= hashOf(this.id));
  }

  /** Whether it takes part in calls of a route, open or not. */
  takesPart(route: Route): boolean {
    return !this.removed && this.weight > 0 && this.serves(route);
  }

  serves(route: Route): boolean {
    return this.models === undefined || this.models.has(route.model);
  }

  target(route: Route): Target {
    return this.known(route) ?? this.used(route);
  }

  /** The target, used for the first time. */
  private used(route: Route): Target {
    const target = new Target(this, route);
    const { asked, index } = route;
    if (asked !== undefined) {
      asked.set(this, target);
      return target;
    }
    if (index === 0) return (this.first = target);
    // Of its full length at once: what grows by itself grows by too much.
    this.others ??= Array.from({ length: this.provider.listed.length });
    return (this.others[index] = target);
  }

  /** Every target that was ever used. */
  targets(): readonly Target[] {
    return this.provider.routes.flatMap(route => this.known(route) ?? []);
  }

  /** The target, if it was ever used. */
  known(route: Route): Target | undefined {
    const { asked, index } = route;
    if (index === 0) return this.first;
    return asked === undefined ? this.others?.[index] : asked.get(this);
  }

  trouble(): Availability {
    return (this.availability ??= this.provider.scope({ scope: 'key', key: this.id }));
  }
}

/** Provider + key + model: what one attempt calls. */
export class Target {
  readonly key: Key;
  readonly route: Route;
  availability: Availability | undefined;
  /** Of a model that is limited by account, for a key that has none. */
  readonly limiter: Limiter | undefined;
  /** What answers told of its limits, for a key without account. */
  told: ToldLimits | undefined;

  constructor(key: Key, route: Route) {
    if (key.account === undefined) {
      this.limiter = route.provider.limitKeys(route.plan.limits, () => [key]);
    }
    this.key = key;
    this.route = route;
  }

  /** The target by its public names. */
  get ref(): TargetRef {
    const { key, route } = this;
    return { provider: route.provider.name, model: route.model, key: key.id };
  }

  /** What answers told of its limits; made when the first one does. */
  toldLimits(): ToldLimits {
    const { key, route } = this;
    route.provider.hasBarriers = true;
    const { account } = key;
    const known = account === undefined ? this.told : account.told.get(route);
    if (known !== undefined) return known;
    const told = new ToldLimits(() => route.provider.freed(account?.keys ?? [key]));
    if (account === undefined) this.told = told;
    else account.told.set(route, told);
    return told;
  }

  trouble(): Availability {
    const { model, key } = this.ref;
    return (this.availability ??= this.route.provider.scope({ scope: 'key-model', model, key }));
  }
}
