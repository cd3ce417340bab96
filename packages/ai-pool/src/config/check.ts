import { PoolConfigError } from '../errors.ts';
import type {
  ChooseKey,
  ChooseProviders,
  CreateProvider,
  PoolSettings,
  Timeouts,
} from './types.ts';

const TIMEOUTS = ['attemptMs', 'firstOutputMs', 'idleMs', 'totalMs'];

/** Describes a value for an error message: its type, never its content (it may be a secret). */
function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value;
}

export function fail(path: string, message: string, cause?: unknown): never {
  throw new PoolConfigError(path, message, cause === undefined ? undefined : { cause });
}

export function expected(path: string, what: string, value: unknown): never {
  return fail(path, `expected ${what}, got ${typeOf(value)}`);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function object(value: unknown, path: string): Record<string, unknown> {
  return isObject(value) ? value : expected(path, 'an object', value);
}

/** The path of something inside of what stands at a path. */
export const inside = (path: string, name: string): string =>
  path === '' ? name : `${path}.${name}`;

/** Refuses options that do not exist, and names the nearest one that does. */
function knownOptions(
  value: Record<string, unknown>,
  known: readonly string[],
  path: string,
): void {
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const hint = near === undefined ? `it knows ${known.join(', ')}` : `did you mean ${near}?`;
    // A long name may be a secret in a wrong place.
    const shown = near === undefined && name.length > 24 ? '…' : name;
    fail(inside(path, shown), `unknown option; ${hint}`);
  }
}

/** How one option is read, which is given; `outer` is what would hold without it. */
export type Check<T> = (value: unknown, path: string, outer: never) => T;

type Options<C extends Readonly<Record<string, Check<unknown>>>, D> = {
  readonly [K in keyof C]: ReturnType<C[K]> | (K extends keyof D ? D[K] : undefined);
};

/**
 * An object's options, each read by its own check where it is given, else what holds without it.
 * Refuses those that do not exist.
 */
export function readOptions<C extends Readonly<Record<string, Check<unknown>>>, D extends object>(
  value: unknown,
  path: string,
  checks: C,
  outer: D,
): Options<C, D> {
  const raw = object(value, path);
  knownOptions(raw, Object.keys(checks), path);
  const read: Record<string, unknown> = { ...(outer as Record<string, unknown>) };
  for (const [name, check] of Object.entries(checks)) {
    const given = raw[name];
    const without = read[name] as never;
    read[name] = given === undefined ? without : check(given, inside(path, name), without);
  }
  return read as Options<C, D>;
}

/** An object that has some of these names and nothing else, each of them checked alike. */
export function allOf(
  value: unknown,
  path: string,
  names: readonly string[],
  check: Check<unknown>,
): Record<string, unknown> {
  const raw = object(value, path);
  knownOptions(raw, names, path);
  for (const [name, own] of Object.entries(raw)) check(own, inside(path, name), undefined as never);
  return raw;
}

/** What is read later, or may be anything. */
export const asIs = (value: unknown): unknown => value;

export function text(value: unknown, path: string): string {
  if (typeof value !== 'string') return expected(path, 'a string', value);
  return value.trim() === '' ? fail(path, 'must not be empty') : value;
}

function amount(value: unknown, path: string, what: string, least: string): number {
  if (typeof value !== 'number' || Number.isNaN(value)) return expected(path, what, value);
  return value < 0 || (value === 0 && least !== '')
    ? fail(path, `must not be negative${least}, got ${value}`)
    : value;
}

/** A duration in ms, or Infinity. */
export function milliseconds(value: unknown, path: string): number {
  return amount(value, path, 'a number of milliseconds', '');
}

/** A number above zero. */
export function positive(value: unknown, path: string): number {
  return amount(value, path, 'a number', ' or zero');
}

/** A share: zero or more. */
export function weight(value: unknown, path: string): number {
  return amount(value, path, 'a number', '');
}

/** Time limits, over those that they replace. */
export function timeouts(value: unknown, path: string, outer?: Timeouts): Timeouts {
  return { ...outer, ...allOf(value, path, TIMEOUTS, milliseconds) };
}

export function flag(value: unknown, path: string): boolean {
  return typeof value === 'boolean' ? value : expected(path, 'true or false', value);
}

/** What a function takes and gives is known only when it is called. */
type AnyFunction = ChooseKey &
  ChooseProviders &
  CreateProvider &
  NonNullable<PoolSettings['classify']> &
  NonNullable<PoolSettings['onEvent']> &
  NonNullable<PoolSettings['random']>;

export function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function';
}

export function fn(value: unknown, path: string): AnyFunction {
  return isFunction(value) ? value : expected(path, 'a function', value);
}

export function oneOf<T extends string>(value: unknown, all: readonly T[], path: string): T {
  const found = all.find(each => each === value);
  if (found !== undefined) return found;
  return fail(path, `expected one of ${all.join(', ')}`);
}

export function list(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) return expected(path, 'a list', value);
  return value.length === 0 ? fail(path, 'must not be empty') : value;
}

/** The known word within two edits of what was written. */
function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = 3;
  for (const each of known) {
    const edits = distance(word.toLowerCase(), each.toLowerCase());
    if (edits < least) [best, least] = [each, edits];
  }
  return best;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
