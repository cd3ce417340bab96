import { fail } from './check.ts';
import type { ResultCondition, ResultPredicate } from './types.ts';

/** One condition, or several of which any may hold; with `[]` none does. */
export function readConditions(value: unknown, path: string): readonly ResultCondition[] {
  return Array.isArray(value)
    ? value.map((each: unknown, i) => readCondition(each, `${path}[${i}]`))
    : [readCondition(value, path)];
}

function readCondition(value: unknown, path: string): ResultCondition {
  if (value === 'content-filter' || value === 'empty') return value;
  if (typeof value !== 'function') {
    return fail(path, "expected 'content-filter', 'empty', or a function such as schemaMismatch");
  }
  if (Reflect.get(value, Symbol.toStringTag) === 'AsyncFunction') notAsync(path);
  return (...args) => {
    const holds: unknown = (value as ResultPredicate)(...args);
    // A promise is always true: it would send every call on.
    if (!isPromise(holds)) return Boolean(holds);
    holds.then(undefined, () => undefined);
    return notAsync(path);
  };
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | undefined)?.then === 'function';
}

function notAsync(path: string): never {
  return fail(path, 'must give true or false at once, not a promise');
}
