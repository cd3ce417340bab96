import { systemClock, type Clock } from '../clock.ts';
import type { FailureKind } from '../failure/verdict.ts';
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
  text,
} from './check.ts';
import type { CooldownPlan, ModelPlan, PoolPlan, ProviderPlan } from './plan.ts';
import { readKeys } from './read-keys.ts';
import type { CreateProvider, KeySelection, ModelObject, PoolSettings, Routing } from './types.ts';

const ROUTING: readonly Routing[] = ['priority', 'sticky', 'round-robin'];
const KEY_SELECTION: readonly KeySelection[] = [
  'least-recently-used',
  'sticky',
  'round-robin',
  'least-used',
  'random',
];
const KINDS: readonly FailureKind[] = [
  'rate-limit',
  'quota',
  'billing',
  'auth',
  'permission',
  'blocked',
  'model-not-found',
  'context-length',
  'too-large',
  'content-filter',
  'unsupported',
  'bad-request',
  'overloaded',
  'server-error',
  'timeout',
  'network',
  'bad-response',
  'aborted',
  'unknown',
];
const POOL_OPTIONS = [
  'providers',
  'routing',
  'keySelection',
  'cooldown',
  'maxWaitMs',
  'classify',
  'contentFilterFallback',
  'bypass',
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
  'keySelection',
  'cooldown',
  'meta',
];
const DAY_MS = 86_400_000;
const MAX_WAIT_MS = 5_000;

/** The user's configuration as a plan: validated, with every default filled in. */
export function readConfig(config: unknown): PoolPlan {
  const raw = object(config, 'config');
  knownOptions(raw, POOL_OPTIONS, '');
  const settings = readSettings(raw);
  const keySelection = readKeySelection(raw['keySelection'], '') ?? 'least-recently-used';
  const providers = entriesOf(raw['providers']).map(([entry, path]) =>
    readProvider(entry, path, keySelection, raw['cooldown']),
  );
  const names = new Set<string>();
  for (const { name, path } of providers) {
    if (names.has(name)) fail(`${path}.name`, `"${name}" is used twice`);
    names.add(name);
  }
  return { ...settings, providers };
}

function readSettings(raw: Record<string, unknown>): Omit<PoolPlan, 'providers'> {
  const { routing = 'priority', maxWaitMs = MAX_WAIT_MS } = raw;
  return {
    routing: oneOf(routing, ROUTING, 'routing'),
    maxWaitMs: milliseconds(maxWaitMs, 'maxWaitMs'),
    contentFilterFallback: flag(raw['contentFilterFallback'], 'contentFilterFallback'),
    bypass: flag(raw['bypass'], 'bypass'),
    classify: fn(raw['classify'], 'classify') as PoolSettings['classify'],
    on: readListeners(raw['on']),
    onEvent: fn(raw['onEvent'], 'onEvent') as PoolSettings['onEvent'],
    clock: readClock(raw['clock']),
    random: (fn(raw['random'], 'random') as (() => number) | undefined) ?? Math.random,
  };
}

function readListeners(value: unknown): PoolSettings['on'] {
  if (value === undefined) return undefined;
  for (const [type, listener] of Object.entries(object(value, 'on'))) fn(listener, `on.${type}`);
  return value as NonNullable<PoolSettings['on']>;
}

function readClock(value: unknown): Clock {
  if (value === undefined) return systemClock;
  const clock = object(value, 'clock');
  for (const name of ['now', 'setTimeout', 'clearTimeout']) {
    if (typeof clock[name] !== 'function') expected(`clock.${name}`, 'a function', clock[name]);
  }
  return value as Clock;
}

/** Both forms of `providers` as entries with the path at which each stands. */
function entriesOf(providers: unknown): [Record<string, unknown>, string][] {
  if (isObject(providers)) {
    const entries = Object.entries(providers);
    if (entries.length === 0) fail('providers', 'must not be empty');
    return entries.map(([name, entry]) => {
      const path = `providers.${name}`;
      const raw = object(entry, path);
      if ('name' in raw) fail(`${path}.name`, 'the record form already names the provider');
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
  poolKeySelection: KeySelection,
  poolCooldown: unknown,
): ProviderPlan {
  knownOptions(entry, PROVIDER_OPTIONS, path);
  const name = text(entry['name'], `${path}.name`);
  if (name.includes('/')) fail(`${path}.name`, 'must not contain a slash');
  const family = optionalText(entry['family'], `${path}.family`);
  const create = fn(entry['create'], `${path}.create`) as CreateProvider | undefined;
  const models = readModels(entry['models'], path);
  if (create === undefined && models.some(model => model.ready === undefined)) {
    fail(`${path}.create`, 'is missing; only ready-made models need no factory');
  }
  return {
    name,
    path,
    keys: readKeys(entry, name, path),
    models,
    keySelection: readKeySelection(entry['keySelection'], path) ?? poolKeySelection,
    cooldown:
      entry['cooldown'] === undefined
        ? readCooldown(poolCooldown, 'cooldown')
        : readCooldown(entry['cooldown'], `${path}.cooldown`),
    ...(create === undefined ? {} : { create }),
    ...(family === undefined ? {} : { family }),
    ...(entry['meta'] === undefined ? {} : { meta: entry['meta'] }),
  };
}

function readKeySelection(value: unknown, path: string): KeySelection | undefined {
  const where = path === '' ? 'keySelection' : `${path}.keySelection`;
  return value === undefined ? undefined : oneOf(value, KEY_SELECTION, where);
}

function readCooldown(value: unknown, path: string): CooldownPlan {
  if (value === undefined) return { fixedMs: () => undefined, maxMs: DAY_MS };
  if (typeof value === 'number') {
    const ms = milliseconds(value, path);
    return { fixedMs: () => ms, maxMs: DAY_MS };
  }
  const raw = object(value, path);
  knownOptions(raw, [...KINDS, 'max'], path);
  const byKind = new Map<string, number>();
  for (const [kind, ms] of Object.entries(raw)) {
    byKind.set(kind, milliseconds(ms, `${path}.${kind}`));
  }
  return { fixedMs: kind => byKind.get(kind), maxMs: byKind.get('max') ?? DAY_MS };
}

function readModels(value: unknown, path: string): readonly ModelPlan[] {
  if (value === undefined) return [];
  const where = `${path}.models`;
  const models = list(value, where).map((model, i) => readModel(model, `${where}[${i}]`));
  const ids = new Set<string>();
  models.forEach(({ id }, i) => {
    if (ids.has(id)) fail(`${where}[${i}]`, `"${id}" is listed twice`);
    ids.add(id);
  });
  return models;
}

function readModel(value: unknown, path: string): ModelPlan {
  if (typeof value === 'string') return { id: text(value, path) };
  if (isModelObject(value)) return { id: value.modelId, ready: value };
  const raw = object(value, path);
  knownOptions(raw, ['id', 'settings'], path);
  const id = text(raw['id'], `${path}.id`);
  const settings = raw['settings'];
  return settings === undefined ? { id } : { id, settings: object(settings, `${path}.settings`) };
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
