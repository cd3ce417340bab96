import { allOf, inside, object, readOptions, positive } from './check.ts';
import type { Limits } from './types.ts';

const LIMITS = ['rpm', 'rpd', 'tpm', 'tpd', 'maxConcurrency'];

/** `limits`, wherever they may stand. */
export function readLimits(value: unknown, path: string): Limits {
  return allOf(value, path, LIMITS, positive);
}

/** A provider entry's `accounts`: their limits by name. */
export function readAccounts(value: unknown, path: string): ReadonlyMap<string, Limits> {
  const accounts = new Map<string, Limits>();
  for (const [name, account] of Object.entries(object(value, path))) {
    const { limits } = readOptions(account, inside(path, name), { limits: readLimits }, {});
    if (limits !== undefined) accounts.set(name, limits);
  }
  return accounts;
}
