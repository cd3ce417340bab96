import { systemClock, type Clock } from '../clock.ts';
import type { PoolEventType } from '../observe/events.ts';
import {
  allOf,
  asIs,
  fail,
  flag,
  fn,
  inside,
  isFunction,
  isObject,
  list,
  milliseconds,
  object,
  oneOf,
  readOptions,
  positive,
  text,
  timeouts,
  weight,
} from './check.ts';
import type { ModelPlan, PoolPlan, ProviderPlan } from './plan.ts';
import { readConditions } from './read-conditions.ts';
import { GUESSED, readCooldown } from './read-cooldown.ts';
import { readKeys } from './read-keys.ts';
import { readAccounts, readLimits } from './read-limits.ts';
import type {
  DisableAfter,
  KeySelection,
  Limits,
  ModelObject,
  PoolSettings,
  Routing,
} from './types.ts';

const ROUTING: readonly Extract<Routing, string>[] = [
  'priority',
  'sticky',
  'round-robin',
  'weighted',
  'fastest',
];
const KEY_SELECTION: readonly Extract<KeySelection, string>[] = [
  'least-recently-used',
  'sticky',
  'round-robin',
  'least-used',
  'random',
  'weighted',
  'headroom',
];
const EVENTS: readonly PoolEventType[] = [
  'attempt',
  'success',
  'failure',
  'key-rotated',
  'model-switched',
  'provider-switched',
  'cooled',
  'disabled',
  'recovered',
  'provider-exhausted',
  'exhausted',
  'waiting',
  'reset',
  'config-changed',
  'listener-failed',
];
const POOL_OPTIONS = {
  providers: asIs,
  routing: (value: unknown, path: string): Routing =>
    isFunction(value) ? value : oneOf(value, ROUTING, path),
  keySelection: readKeySelection,
  cooldown: readCooldown,
  maxWaitMs: milliseconds,
  timeouts,
  classify: fn,
  retryOnResult: readConditions,
  disableAfter: readDisableAfter,
  recoveryCheckMs: milliseconds,
  reprobe: flag,
  contentFilterFallback: flag,
  bypass: flag,
  onMidStreamFailure: (value: unknown, path: string) => oneOf(value, ['error', 'restart'], path),
  on: (value: unknown, path: string): PoolSettings['on'] =>
    allOf(value, path, EVENTS, (listener, at) => listener === undefined || fn(listener, at)),
  onEvent: fn,
  clock: readClock,
  random: fn,
};
const POOL_DEFAULTS = {
  routing: 'priority',
  keySelection: 'least-recently-used',
  cooldown: GUESSED,
  maxWaitMs: 5_000,
  recoveryCheckMs: 0,
  reprobe: true,
  contentFilterFallback: false,
  bypass: false,
  onMidStreamFailure: 'error',
  clock: systemClock,
} as const;
const PROVIDER_OPTIONS = {
  name: asIs,
  create: fn,
  keys: asIs,
  models: asIs,
  family: text,
  weight,
  limits: readLimits,
  accounts: readAccounts,
  keySelection: readKeySelection,
  cooldown: readCooldown,
  timeouts,
  retryOnResult: readConditions,
  meta: asIs,
};
const MODEL_OPTIONS = {
  id: asIs,
  settings: object,
  limits: readLimits,
  contextWindow: positive,
  timeouts,
  retryOnResult: readConditions,
};

/**
 * The user's configuration as a plan: validated, with every default filled in.
 *
 * @param path where the entry stands, if there is but one and it was not given as a list
 */
export function readConfig(config: unknown, path?: string): PoolPlan {
  const without = { ...POOL_DEFAULTS, random: Math.random };
  const read = readOptions(object(config, 'config'), '', POOL_OPTIONS, without);
  const { keySelection, cooldown, timeouts: times, retryOnResult, ...settings } = read;
  const defaults = { keySelection, cooldown, timeouts: times, retryOnResult };
  const providers = entriesOf(read.providers).map(([entry, where]) =>
    readProvider(entry, path ?? where, defaults),
  );
  const names = new Set<string>();
  for (const { name, path: where } of providers) {
    if (names.has(name)) fail(inside(where, 'name'), `"${name}" is used twice`);
    names.add(name);
  }
  return { ...settings, providers, defaults };
}

function readDisableAfter(value: unknown, path: string): DisableAfter {
  const known = { failures: asIs, windowMs: asIs };
  const { failures, windowMs } = readOptions(value, path, known, {});
  return {
    failures: positive(failures, inside(path, 'failures')),
    windowMs: positive(windowMs, inside(path, 'windowMs')),
  };
}

function readClock(value: unknown, path: string): Clock {
  const clock = object(value, path);
  for (const name of ['now', 'setTimeout', 'clearTimeout']) {
    fn(clock[name], inside(path, name));
  }
  return value as Clock;
}

/** A provider entry that is added at run time, under the pool's own settings. */
export function readFurtherProvider(entry: unknown, defaults: PoolPlan['defaults']): ProviderPlan {
  return readProvider(object(entry, 'entry'), 'entry', defaults);
}

/** Both forms of `providers` as entries with the path at which each stands. */
function entriesOf(providers: unknown): [Record<string, unknown>, string][] {
  if (isObject(providers)) {
    const entries = Object.entries(providers);
    if (entries.length === 0) fail('providers', 'must not be empty');
    return entries.map(([name, entry]) => {
      const path = `providers.${name}`;
      const raw = object(entry, path);
      if ('name' in raw) fail(`${path}.name`, 'given by the record');
      return [{ ...raw, name }, path];
    });
  }
  return list(providers, 'providers').map((entry, i) => {
    const path = `providers[${i}]`;
    return [object(entry, path), path];
  });
}

function readProvider(
  entry: Record<string, unknown>,
  path: string,
  defaults: PoolPlan['defaults'],
): ProviderPlan {
  const outer = { weight: 1, accounts: new Map<string, Limits>(), ...defaults };
  const read = readOptions(entry, path, PROVIDER_OPTIONS, outer);
  const name = text(read.name, inside(path, 'name'));
  if (name.includes('/')) fail(inside(path, 'name'), 'contains a slash');
  const models = read.models === undefined ? [] : readModels(read.models, path, read);
  if (read.create === undefined && models.some(model => model.ready === undefined)) {
    fail(inside(path, 'create'), 'is missing');
  }
  return { ...read, name, path, keys: readKeys(entry, name, path), models };
}

function readKeySelection(value: unknown, path: string): KeySelection {
  return isFunction(value) ? value : oneOf(value, KEY_SELECTION, path);
}

function readModels(
  value: unknown,
  path: string,
  { timeouts: times, retryOnResult }: ModelSettings,
): readonly ModelPlan[] {
  const where = inside(path, 'models');
  const ids = new Set<string>();
  return list(value, where).map((item, i) => {
    const at = `${where}[${i}]`;
    const model = readModel(item, at, { timeouts: times, retryOnResult });
    if (ids.has(model.id)) fail(at, `"${model.id}" is listed twice`);
    ids.add(model.id);
    return model;
  });
}

/** What an entry says of its models, and each of them for itself. */
type ModelSettings = Pick<ProviderPlan, 'timeouts' | 'retryOnResult'>;

function readModel(value: unknown, path: string, outer: ModelSettings): ModelPlan {
  if (typeof value === 'string') return { id: text(value, path), ...outer };
  if (isModelObject(value)) return { id: value.modelId, ready: value, ...outer };
  const read = readOptions(value, path, MODEL_OPTIONS, outer);
  return { ...read, id: text(read.id, inside(path, 'id')) };
}

export function isModelObject(value: unknown): value is ModelObject {
  if (typeof value !== 'object' || value === null) return false;
  const model = value as Partial<ModelObject>;
  return (
    typeof model.specificationVersion === 'string' &&
    typeof model.modelId === 'string' &&
    typeof model.doGenerate === 'function'
  );
}
