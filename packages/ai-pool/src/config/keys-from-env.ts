import { fail } from './check.ts';

/** How `keysFromEnv` reads. */
export interface KeysFromEnvOptions {
  /** Whether an unset variable gives no keys instead of an error. Default false. */
  readonly optional?: boolean;
  /** Where variables come from; default `process.env`. On Workers: the `env` of the handler. */
  readonly env?: Readonly<Record<string, unknown>>;
}

/**
 * Reads API keys from `NAME` (separated by commas or newlines, or a JSON array) and from
 * `NAME_1` ... `NAME_n`. Trimmed; empty and repeated ones are dropped.
 *
 * @throws PoolConfigError naming the variable when it is unset, unless `optional`.
 */
export function keysFromEnv(name: string, options: KeysFromEnvOptions = {}): string[] {
  const env = options.env ?? processEnv();
  const keys = new Set(splitKeys(variable(env, name), name));
  for (let n = 1; ; n++) {
    const numbered = variable(env, `${name}_${n}`);
    if (numbered === '') break;
    for (const key of splitKeys(numbered, `${name}_${n}`)) keys.add(key);
  }
  if (keys.size === 0 && options.optional !== true) {
    fail(name, `the environment variable ${name} is not set`);
  }
  return [...keys];
}

function variable(env: Readonly<Record<string, unknown>>, name: string): string {
  const value = env[name];
  return typeof value === 'string' ? value.trim() : '';
}

/** One variable's or setting's text as keys. `{...}` is one key: a JSON credential. */
export function splitKeys(value: string, path: string): string[] {
  const trimmed = value.trim();
  if (trimmed.startsWith('{')) return [trimmed];
  if (!trimmed.startsWith('[')) {
    return trimmed
      .split(/[,\n]/)
      .map(part => part.trim())
      .filter(part => part !== '');
  }
  const parsed = parseJson(trimmed);
  if (!Array.isArray(parsed) || !parsed.every(part => typeof part === 'string')) {
    return fail(path, 'expected a JSON array of strings');
  }
  return parsed.map(part => part.trim()).filter(part => part !== '');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `process.env` where there is a process: the core also runs where there is none. */
function processEnv(): Readonly<Record<string, unknown>> {
  const scope = globalThis as { process?: { env?: Readonly<Record<string, unknown>> } };
  return scope.process?.env ?? {};
}
