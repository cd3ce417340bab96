import { expected, fail, isObject, knownOptions, list, optionalText, text } from './check.ts';
import { splitKeys } from './keys-from-env.ts';
import type { KeyPlan } from './plan.ts';
import { sha256 } from './sha256.ts';
import type { ApiKey } from './types.ts';

/** The one "key" of a provider that needs none. */
const KEYLESS: KeyPlan = { id: 'none', apiKey: undefined };

const OPTIONS = ['apiKey', 'id', 'label', 'account', 'meta', 'models'] as const;

/** A provider entry's `keys` as validated keys. */
export function readKeys(
  entry: Record<string, unknown>,
  provider: string,
  path: string,
): readonly KeyPlan[] {
  if (!('keys' in entry)) return [KEYLESS];
  const input = entry['keys'];
  const where = `${path}.keys`;
  if (input === undefined) {
    return fail(where, 'is undefined; leave it out where the provider needs no key');
  }
  const items = typeof input === 'string' ? splitKeys(input, where) : list(input, where);
  if (items.length === 0) return fail(where, 'must not be empty');

  const keys = new Map<string, KeyPlan>();
  const secrets = new Set<unknown>();
  const accept = (item: unknown, at: string, position: number): void => {
    if (typeof item === 'function') expected(at, 'a string or a key object', item);
    const raw = isObject(item) ? item : { apiKey: item };
    knownOptions(raw, OPTIONS, at);
    const apiKey = readApiKey(raw['apiKey'], isObject(item) ? `${at}.apiKey` : at);
    if (secrets.has(apiKey)) return;
    secrets.add(apiKey);
    const given = optionalText(raw['id'], `${at}.id`);
    if (given !== undefined && keys.has(given)) fail(`${at}.id`, `"${given}" is used twice`);
    const id = given ?? idOf(apiKey, provider, position, keys);
    keys.set(id, readKey(raw, apiKey, id, at));
  };
  items.forEach((item, i) => accept(item, `${where}[${i}]`, i + 1));
  return [...keys.values()];
}

function readKey(raw: Record<string, unknown>, apiKey: ApiKey, id: string, path: string): KeyPlan {
  const label = optionalText(raw['label'], `${path}.label`);
  const account = optionalText(raw['account'], `${path}.account`);
  const models = raw['models'];
  return {
    id,
    apiKey,
    ...(label === undefined ? {} : { label }),
    ...(account === undefined ? {} : { account }),
    ...(raw['meta'] === undefined ? {} : { meta: raw['meta'] }),
    ...(models === undefined
      ? {}
      : {
          models: new Set(
            list(models, `${path}.models`).map((m, i) => text(m, `${path}.models[${i}]`)),
          ),
        }),
  };
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
function idOf(
  apiKey: ApiKey,
  provider: string,
  position: number,
  taken: ReadonlyMap<string, unknown>,
): string {
  if (typeof apiKey === 'function') return String(position);
  const hash = sha256(`${provider}\0${apiKey}`);
  let length = 8;
  while (taken.has(hash.slice(0, length))) length += 8;
  return hash.slice(0, length);
}
