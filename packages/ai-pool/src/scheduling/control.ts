import type { Clock } from '../clock.ts';
import { fail, milliseconds, optionalText, weight as readWeight } from '../config/check.ts';
import { readKey } from '../config/read-keys.ts';
import type { Emitter } from '../observe/emitter.ts';
import type { PoolEventOf } from '../observe/events.ts';
import type { Availability } from './availability.ts';
import type { Scheduler } from './scheduler.ts';
import type { Key, Provider, Route } from './targets.ts';

/** Names something by hand. A key may be named by its id, its label or its secret. */
export interface Ref {
  readonly provider: string;
  readonly key?: string;
  readonly model?: string;
}

/** What a person, or the user's own code, may do to the pool while it runs. */
export class Control {
  readonly #scheduler: Scheduler;
  readonly #emitter: Emitter;
  readonly #clock: Clock;

  constructor(scheduler: Scheduler, emitter: Emitter) {
    this.#scheduler = scheduler;
    this.#emitter = emitter;
    this.#clock = scheduler.clock;
  }

  addProvider(provider: Provider): void {
    const { providers } = this.#scheduler;
    const { name } = provider;
    if (providers.some(each => each.name === name)) fail('entry.name', `"${name}" is used twice`);
    this.#scheduler.setProviders([...providers, provider]);
    this.#changed('provider-added', name);
  }

  removeProvider(name: string): Provider {
    const gone = this.provider(name);
    this.#scheduler.setProviders(this.#scheduler.providers.filter(each => each !== gone));
    this.#changed('provider-removed', name);
    return gone;
  }

  /** @returns the key's id */
  addKey(name: string, entry: unknown): string {
    const provider = this.provider(name);
    const keys = new Map([...provider.keys].map(([id, key]) => [id, key.plan]));
    const plan = readKey(entry, name, 'key', { keys, position: keys.size + 1 });
    if (keys.has(plan.id)) fail('key.id', `"${plan.id}" is used twice`);
    provider.addKey(plan);
    this.#changed('key-added', name, plan.id);
    this.#scheduler.wake();
    return plan.id;
  }

  removeKey(name: string, named: string): Key {
    const provider = this.provider(name);
    const key = this.#key(provider, named);
    provider.removeKey(key);
    this.#changed('key-removed', name, key.id);
    return key;
  }

  setWeight(ref: Ref, weight: number): void {
    const provider = this.provider(ref.provider);
    const share = readWeight(weight, 'weight');
    const key = ref.key === undefined ? undefined : this.#key(provider, ref.key);
    (key ?? provider).weight = share;
    this.#changed('weight-set', provider.name, key?.id);
  }

  /** Moves on to the next key without marking the current one. @returns whether one is usable */
  rotate(name: string): boolean {
    const provider = this.provider(name);
    provider.order.rotate();
    return this.#scheduler.isAvailable(provider, undefined, this.#clock.now());
  }

  coolDown(ref: Ref, ms: number): void {
    this.#scope(ref).coolByHand(milliseconds(ms, 'ms'), this.#clock.now());
  }

  disable(ref: Ref, reason?: string): void {
    this.#scope(ref).disableByHand(optionalText(reason, 'reason'));
  }

  /** Opens what the reference names, whatever closed it. */
  enable(ref: Ref): void {
    this.#scope(ref).reopen();
  }

  /** Ends pauses; disables only where `include` says so. @returns how many scopes it opened */
  reset(
    options: { readonly provider?: string; readonly include?: readonly 'disabled'[] } = {},
  ): number {
    const { provider: name, include = [] } = options;
    const now = this.#clock.now();
    const providers = name === undefined ? this.#scheduler.providers : [this.provider(name)];
    let count = 0;
    for (const scope of providers.flatMap(scopesOf)) {
      const state = scope.state(now);
      if (state === 'disabled' && !include.includes('disabled')) continue;
      if (scope.reopen()) count++;
    }
    if (this.#emitter.active) {
      const what = name === undefined ? { count } : { provider: name, count };
      this.#emitter.emit({ type: 'reset', at: now, ...what });
    }
    return count;
  }

  /** Whether a call could be served now, without waiting. */
  hasAvailable(name?: string, model?: string): boolean {
    const now = this.#clock.now();
    const providers = name === undefined ? this.#scheduler.providers : [this.provider(name)];
    return providers.some(provider => this.#scheduler.isAvailable(provider, model, now));
  }

  provider(name: string): Provider {
    const { providers } = this.#scheduler;
    const found = providers.find(each => each.name === name);
    if (found !== undefined) return found;
    return fail(
      'provider',
      `there is no "${name}"; there is ${providers.map(each => each.name).join(', ')}`,
    );
  }

  #key(provider: Provider, named: string): Key {
    const byId = provider.keys.get(named);
    if (byId !== undefined) return byId;
    for (const key of provider.keys.values()) {
      if (key.plan.label === named || key.plan.apiKey === named) return key;
    }
    // What was named may be a secret, so it is not repeated.
    return fail('key', `provider ${provider.name} has no such key`);
  }

  #route(provider: Provider, model: string): Route {
    const found = provider.routes.find(route => route.model === model);
    return found ?? fail('model', `provider ${provider.name} has no model "${model}"`);
  }

  #scope(ref: Ref): Availability {
    const provider = this.provider(ref.provider);
    const key = ref.key === undefined ? undefined : this.#key(provider, ref.key);
    const route = ref.model === undefined ? undefined : this.#route(provider, ref.model);
    if (key === undefined) return (route ?? provider).trouble();
    return route === undefined ? key.trouble() : key.target(route).trouble();
  }

  #changed(change: PoolEventOf<'config-changed'>['change'], provider: string, key?: string): void {
    if (!this.#emitter.active) return;
    const what = key === undefined ? { provider } : { provider, key };
    this.#emitter.emit({ type: 'config-changed', at: this.#clock.now(), change, ...what });
  }
}

/** Every scope of a provider that ever had trouble. */
export function scopesOf(provider: Provider): Availability[] {
  const scopes: (Availability | undefined)[] = [provider.availability, provider.network];
  for (const route of provider.routes) scopes.push(route.availability);
  for (const account of provider.accounts.values()) {
    scopes.push(account.availability, ...account.models.values());
  }
  for (const key of provider.keys.values()) {
    scopes.push(key.availability);
    for (const target of key.targets()) scopes.push(target.availability);
  }
  return scopes.filter(scope => scope !== undefined);
}
