import { systemClock, type Clock } from '../clock.ts';
import type { PoolEventType } from '../observe/events.ts';
import {
  expected,
  fail,
  flag,
  fn,
  isObject,
  knownOptions,
  list,
  milliseconds,
  object,
  oneOf,
  optionalText,
  positive,
  text,
  timeouts,
  weight,
} from './check.ts';
import type { ModelPlan, PoolPlan, ProviderPlan } from './plan.ts';
import { readConditions } from './read-conditions.ts';
import { readCooldown } from './read-cooldown.ts';
import { readKeys } from './read-keys.ts';
import { readAccounts, readLimits } from './read-limits.ts';
import type {
  ChooseKey,
  ChooseProviders,
  CreateProvider,
  DisableAfter,
  KeySelection,
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
const POOL_OPTIONS = [
  'providers',
  'routing',
  'keySelection',
  'cooldown',
  'maxWaitMs',
  'timeouts',
  'classify',
  'retryOnResult',
  'disableAfter',
  'recoveryCheckMs',
  'reprobe',
  'contentFilterFallback',
  'bypass',
  'onMidStreamFailure',
  'on',
  'onEvent',
  'clock',
  'random',
];
const PROVIDER_OPTIONS = [
  'name',
  'create',
  'keys',
  'models',
  'family',
  'weight',
  'limits',
  'accounts',
  'keySelection',
  'cooldown',
  'timeouts',
  'retryOnResult',
  'meta',
];
const MODEL_OPTIONS = ['id', 'settings', 'limits', 'contextWindow', 'timeouts', 'retryOnResult'];
const MAX_WAIT_MS = 5_000;

/** What a function takes and gives is known only when it is called. */
function isFunction(value: unknown): value is ChooseKey & ChooseProviders {
  return typeof value === 'function';
}

/**
 * The user's configuration as a plan: validated, with every default filled in.
 *
 * @param path where the entry stands, if there is but one and it was not given as a list
 */
export function readConfig(config: unknown, path?: string): PoolPlan {
  const raw = object(config, 'config');
  knownOptions(raw, POOL_OPTIONS, '');
  const settings = readSettings(raw);
  const keySelection = readKeySelection(raw['keySelection'], '') ?? 'least-recently-used';
  const defaults = {
    keySelection,
    cooldown: raw['cooldown'],
    timeouts: timeouts(raw['timeouts'], 'timeouts'),
    retryOnResult: readConditions(raw['retryOnResult'], 'retryOnResult'),
  };
  const providers = entriesOf(raw['providers']).map(([entry, where]) =>
    readProvider(entry, path ?? where, defaults),
  );
  const names = new Set<string>();
  for (const { name, path: where } of providers) {
    if (names.has(name)) fail(`${where}.name`, `"${name}" is used twice`);
    names.add(name);
  }
  return { ...settings, providers, defaults };
}

function readSettings(raw: Record<string, unknown>): Omit<PoolPlan, 'providers' | 'defaults'> {
  const {
    routing = 'priority',
    onMidStreamFailure = 'error',
    maxWaitMs = MAX_WAIT_MS,
    recoveryCheckMs = 0,
  } = raw;
  return {
    routing: isFunction(routing) ? routing : oneOf(routing, ROUTING, 'routing'),
    maxWaitMs: milliseconds(maxWaitMs, 'maxWaitMs'),
    contentFilterFallback: flag(raw['contentFilterFallback'], 'contentFilterFallback', false),
    onMidStreamFailure: oneOf(onMidStreamFailure, ['error', 'restart'], 'onMidStreamFailure'),
    bypass: flag(raw['bypass'], 'bypass', false),
    reprobe: flag(raw['reprobe'], 'reprobe', true),
    recoveryCheckMs: milliseconds(recoveryCheckMs, 'recoveryCheckMs'),
    disableAfter: readDisableAfter(raw['disableAfter']),
    classify: fn(raw['classify'], 'classify') as PoolSettings['classify'],
    on: readListeners(raw['on']),
    onEvent: fn(raw['onEvent'], 'onEvent') as PoolSettings['onEvent'],
    clock: readClock(raw['clock']),
    random: (fn(raw['random'], 'random') as (() => number) | undefined) ?? Math.random,
  };
}

function readDisableAfter(value: unknown): DisableAfter | undefined {
  if (value === undefined) return undefined;
  const raw = object(value, 'disableAfter');
  knownOptions(raw, ['failures', 'windowMs'], 'disableAfter');
  return {
    failures: positive(raw['failures'], 'disableAfter.failures'),
    windowMs: positive(raw['windowMs'], 'disableAfter.windowMs'),
  };
}

function readListeners(value: unknown): PoolSettings['on'] {
  if (value === undefined) return undefined;
  const raw = object(value, 'on');
  knownOptions(raw, EVENTS, 'on');
  for (const [type, listener] of Object.entries(raw)) fn(listener, `on.${type}`);
  return raw;
}

function readClock(value: unknown): Clock {
  if (value === undefined) return systemClock;
  const clock = object(value, 'clock');
  for (const name of ['now', 'setTimeout', 'clearTimeout']) {
    if (typeof clock[name] !== 'function') expected(`clock.${name}`, 'a function', clock[name]);
  }
  return value as Clock;
}

/** A provider entry that is added at run time, under the pool's own settings. */
export function readFurtherProvider(entry: unknown, defaults: PoolPlan['defaults']): ProviderPlan {
  const raw = object(entry, 'entry');
  return readProvider(raw, 'entry', defaults);
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
  knownOptions(entry, PROVIDER_OPTIONS, path);
  const name = text(entry['name'], `${path}.name`);
  if (name.includes('/')) fail(`${path}.name`, 'contains a slash');
  const family = optionalText(entry['family'], `${path}.family`);
  const create = fn(entry['create'], `${path}.create`) as CreateProvider | undefined;
  const ofModels = readModelSettings(entry, path, defaults);
  const models = readModels(entry['models'], path, ofModels);
  if (create === undefined && models.some(model => model.ready === undefined)) {
    fail(`${path}.create`, 'is missing');
  }
  return {
    name,
    path,
    keys: readKeys(entry, name, path),
    models,
    ...ofModels,
    limits: readLimits(entry['limits'], `${path}.limits`),
    accounts: readAccounts(entry['accounts'], `${path}.accounts`),
    weight: weight(entry['weight'], `${path}.weight`),
    keySelection: readKeySelection(entry['keySelection'], path) ?? defaults.keySelection,
    cooldown:
      entry['cooldown'] === undefined
        ? readCooldown(defaults.cooldown, 'cooldown')
        : readCooldown(entry['cooldown'], `${path}.cooldown`),
    create,
    family,
    meta: entry['meta'],
  };
}

function readKeySelection(value: unknown, path: string): KeySelection | undefined {
  const where = path === '' ? 'keySelection' : `${path}.keySelection`;
  if (value === undefined || isFunction(value)) return value;
  return oneOf(value, KEY_SELECTION, where);
}

/** What an entry says of its models, and each of them for itself. */
type ModelSettings = Pick<ProviderPlan, 'timeouts' | 'retryOnResult'>;

function readModelSettings(
  raw: Record<string, unknown>,
  path: string,
  outer: ModelSettings,
): ModelSettings {
  return {
    timeouts: timeouts(raw['timeouts'], `${path}.timeouts`, outer.timeouts),
    retryOnResult:
      readConditions(raw['retryOnResult'], `${path}.retryOnResult`) ?? outer.retryOnResult,
  };
}

function readModels(value: unknown, path: string, outer: ModelSettings): readonly ModelPlan[] {
  if (value === undefined) return [];
  const where = `${path}.models`;
  const models = list(value, where).map((model, i) => readModel(model, `${where}[${i}]`, outer));
  const ids = new Set<string>();
  models.forEach(({ id }, i) => {
    if (ids.has(id)) fail(`${where}[${i}]`, `"${id}" is listed twice`);
    ids.add(id);
  });
  return models;
}

function readModel(value: unknown, path: string, outer: ModelSettings): ModelPlan {
  if (typeof value === 'string') return { id: text(value, path), ...outer };
  if (isModelObject(value)) return { id: value.modelId, ready: value, ...outer };
  const raw = object(value, path);
  knownOptions(raw, MODEL_OPTIONS, path);
  const id = text(raw['id'], `${path}.id`);
  const { settings, contextWindow } = raw;
  return {
    id,
    limits: readLimits(raw['limits'], `${path}.limits`),
    settings: settings === undefined ? undefined : object(settings, `${path}.settings`),
    contextWindow:
      contextWindow === undefined ? undefined : positive(contextWindow, `${path}.contextWindow`),
    ...readModelSettings(raw, path, outer),
  };
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
