import {
  asIs,
  expected,
  fail,
  inside,
  isObject,
  list,
  readOptions,
  text,
  weight,
} from './check.ts';
import { splitKeys } from './keys-from-env.ts';
import type { KeyPlan } from './plan.ts';
import { readLimits } from './read-limits.ts';
import { sha256 } from './sha256.ts';
import type { ApiKey } from './types.ts';

/** The one "key" of a provider that needs none. */
const KEYLESS: KeyPlan = { id: 'none', apiKey: undefined, weight: 1 };

const OPTIONS = {
  apiKey: asIs,
  id: text,
  label: text,
  account: text,
  weight,
  limits: readLimits,
  meta: asIs,
  models: readModelIds,
};

/** A provider entry's `keys` as validated keys. */
export function readKeys(
  entry: Record<string, unknown>,
  provider: string,
  path: string,
): readonly KeyPlan[] {
  if (!('keys' in entry)) return [KEYLESS];
  const input = entry['keys'];
  const where = inside(path, 'keys');
  if (input === undefined) {
    return fail(where, 'is undefined');
  }
  const items = typeof input === 'string' ? splitKeys(input, where) : list(input, where);
  if (items.length === 0) return fail(where, 'must not be empty');

  const keys = new Map<string, KeyPlan>();
  const secrets = new Set<unknown>();
  const taken = (id: string): ApiKey | undefined => keys.get(id)?.apiKey;
  items.forEach((item, i) => {
    const key = readKey(item, provider, `${where}[${i}]`, { taken, position: i + 1 });
    // Repeated secrets are dropped; a repeated id is a mistake.
    if (secrets.has(key.apiKey)) return;
    secrets.add(key.apiKey);
    keys.set(key.id, key);
  });
  return [...keys.values()];
}

/** The keys that are there already. */
interface Beside {
  /** The secret that has an id. */
  readonly taken: (id: string) => ApiKey | undefined;
  readonly position: number;
}

/** One key, beside those that are there already. */
export function readKey(item: unknown, provider: string, path: string, beside: Beside): KeyPlan {
  if (typeof item === 'function') expected(path, 'a string or a key object', item);
  const raw = isObject(item) ? item : { apiKey: item };
  const read = readOptions(raw, path, OPTIONS, { weight: 1 });
  const apiKey = readApiKey(read.apiKey, raw === item ? inside(path, 'apiKey') : path);
  const given = read.id;
  const other = given === undefined ? undefined : beside.taken(given);
  if (other !== undefined && other !== apiKey) fail(inside(path, 'id'), 'is used twice');
  const id = given ?? idOf(apiKey, provider, beside);
  const { label, account, weight: share, limits, meta, models } = read;
  // Written out: there may be very many of them.
  return { id, apiKey, label, account, weight: share, limits, meta, models };
}

function readModelIds(value: unknown, path: string): ReadonlySet<string> {
  return new Set(list(value, path).map((model, i) => text(model, `${path}[${i}]`)));
}

function readApiKey(value: unknown, path: string): ApiKey {
  if (value === undefined) return fail(path, 'is undefined');
  if (typeof value === 'function') return value as ApiKey;
  if (typeof value !== 'string') return expected(path, 'a string or a function', value);
  const trimmed = value.trim();
  return trimmed === '' ? fail(path, 'must not be empty') : trimmed;
}

/**
 * A public name that says nothing about the secret: a hash of 8 hex characters, longer where
 * two keys would share it. A key function, whose secret is not known yet, gets its position.
 */
function idOf(apiKey: ApiKey, provider: string, { taken, position }: Beside): string {
  if (typeof apiKey === 'function') {
    let free = position;
    while (taken(String(free)) !== undefined) free++;
    return String(free);
  }
  const hash = sha256(`${provider}\0${apiKey}`);
  for (let length = 8; ; length += 8) {
    const id = hash.slice(0, length);
    const other = taken(id);
    if (other === undefined || other === apiKey) return id;
  }
}
