import { fail, milliseconds, text, weight as readWeight } from '../config/check.ts';
import { readKey } from '../config/read-keys.ts';
import type { ApiKey } from '../config/types.ts';
import type { Emitter } from '../observe/emitter.ts';
import type { PoolEventOf } from '../observe/events.ts';
import type { Availability } from './availability.ts';
import type { Scheduler } from './scheduler.ts';
import type { Key, Provider } from './targets.ts';

/** Names something by hand. A key may be named by its id, its label or its secret. */
export interface Ref {
  readonly provider: string;
  readonly key?: string;
  readonly model?: string;
}

/** What `reset` goes over: pauses of all providers, unless it says otherwise. */
export interface ResetOptions {
  readonly provider?: string;
  /** Also what is disabled. */
  readonly include?: readonly 'disabled'[];
}

/** What may be done by hand while calls run, beside adding and removing. */
export interface Controls {
  /** Whether a call could be served now, without waiting. */
  hasAvailable(provider?: string, model?: string): boolean;
  /** Changes the share of a provider, or of a key, under a `weighted` strategy. */
  setWeight(ref: Ref, weight: number): void;
  /** Moves on to the provider's next key without marking the current one. Whether one is usable. */
  rotate(provider: string): boolean;
  /** Closes what the reference names for exactly `ms` milliseconds. */
  coolDown(ref: Ref, ms: number): void;
  /** Closes what the reference names until `enable`. */
  disable(ref: Ref, reason?: string): void;
  /** Opens what the reference names, whatever closed it. */
  enable(ref: Ref): void;
  /** Ends every pause, of one provider or of all. How many scopes it opened. */
  reset(options?: ResetOptions): number;
}

/** The same, with what the pool does around it. */
interface AllControls extends Controls {
  /** Lets a provider take part, as the last one. */
  readonly add: (provider: Provider) => void;
  /** Calls in flight finish; nothing else uses it. */
  readonly remove: (name: string) => Provider;
  readonly addKey: (name: string, entry: unknown) => Key;
  /** Calls in flight finish; nothing else uses it. */
  readonly removeKey: (name: string, named: string) => Key;
}

export function createControls(
  scheduler: Scheduler,
  emitter: Emitter,
  clean: (text: string) => string,
): AllControls {
  const { clock } = scheduler;
  const chosen = (name: string | undefined): readonly Provider[] =>
    name === undefined ? scheduler.providers : [findProvider(scheduler, name)];

  const changed = (
    change: PoolEventOf<'config-changed'>['change'],
    { name }: Provider,
    key?: Key,
  ): void => emitter.emit('config-changed', { change, provider: name, key: key?.id });

  const scopeOf = (ref: Ref): Availability => {
    const provider = findProvider(scheduler, ref.provider);
    const key = ref.key === undefined ? undefined : findKey(provider, ref.key);
    const { model } = ref;
    if (model === undefined) return (key ?? provider).trouble();
    const route =
      provider.routes.find(each => each.model === model) ?? fail('model', 'no such model');
    return (key?.target(route) ?? route).trouble();
  };

  return {
    add(provider) {
      scheduler.setProviders([...scheduler.providers, provider]);
      changed('provider-added', provider);
    },
    remove(name) {
      const gone = findProvider(scheduler, name);
      scheduler.setProviders(scheduler.providers.filter(each => each !== gone));
      changed('provider-removed', gone);
      return gone;
    },
    addKey(name, entry) {
      const provider = findProvider(scheduler, name);
      const { keys } = provider;
      const taken = (id: string): ApiKey | undefined => keys.get(id)?.plan.apiKey;
      const plan = readKey(entry, name, 'key', { taken, position: keys.size + 1 });
      if (keys.has(plan.id)) fail('key.id', 'is used twice');
      const key = provider.addKey(plan);
      scheduler.countsTokens ||= provider.countsTokens;
      changed('key-added', provider, key);
      scheduler.wake();
      return key;
    },
    removeKey(name, named) {
      const provider = findProvider(scheduler, name);
      const key = findKey(provider, named);
      provider.removeKey(key);
      changed('key-removed', provider, key);
      return key;
    },
    hasAvailable: (name, model) =>
      chosen(name).some(provider => scheduler.isAvailable(provider, model, clock.now())),
    setWeight(ref, weight) {
      const provider = findProvider(scheduler, ref.provider);
      const share = readWeight(weight, 'weight');
      const key = ref.key === undefined ? undefined : findKey(provider, ref.key);
      (key ?? provider).weight = share;
      if (key !== undefined) provider.freed([key]);
      changed('weight-set', provider, key);
    },
    rotate(name) {
      const provider = findProvider(scheduler, name);
      provider.rotate(clock.now());
      return scheduler.isAvailable(provider, undefined, clock.now());
    },
    coolDown: (ref, ms) => scopeOf(ref).coolByHand(milliseconds(ms, 'ms'), clock.now()),
    disable(ref, reason) {
      const why = reason === undefined ? undefined : clean(text(reason, 'reason'));
      scopeOf(ref).disableByHand(why);
    },
    enable(ref) {
      scopeOf(ref).reopen();
    },
    reset({ provider, include = [] } = {}) {
      let count = 0;
      for (const scope of chosen(provider).flatMap(scopesOf)) {
        const spared = scope.isDisabled && !include.includes('disabled');
        if (!spared && scope.reopen()) count++;
      }
      emitter.emit('reset', { provider, count });
      return count;
    },
  };
}

export function findProvider({ providers }: Scheduler, name: string): Provider {
  // What was named may be a secret in a wrong place, so it is not repeated.
  return providers.find(each => each.name === name) ?? fail('provider', 'no such provider');
}

function findKey(provider: Provider, named: string): Key {
  const byId = provider.keys.get(named);
  if (byId !== undefined) return byId;
  for (const key of provider.keys.values()) {
    if (key.plan.label === named || key.plan.apiKey === named) return key;
  }
  return fail('key', 'no such key');
}

/** Every scope of a provider that ever had trouble. */
export function scopesOf(provider: Provider): Availability[] {
  const scopes: (Availability | undefined)[] = [provider.availability, provider.network];
  for (const route of provider.routes) scopes.push(route.availability);
  for (const account of provider.accounts.values()) {
    scopes.push(account.availability, ...provider.routes.map(route => account.models.get(route)));
  }
  for (const key of provider.keys.values()) {
    scopes.push(key.availability);
    for (const target of key.targets()) scopes.push(target.availability);
  }
  return scopes.filter(scope => scope !== undefined);
}
