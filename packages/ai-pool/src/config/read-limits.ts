import { knownOptions, object, positive } from './check.ts';
import type { Limits } from './types.ts';

const LIMITS = ['rpm', 'rpd', 'tpm', 'tpd', 'maxConcurrency'];

/** `limits`, wherever they may stand. */
export function readLimits(value: unknown, path: string): Limits | undefined {
  if (value === undefined) return undefined;
  const limits = object(value, path);
  knownOptions(limits, LIMITS, path);
  for (const [name, limit] of Object.entries(limits)) positive(limit, `${path}.${name}`);
  return limits;
}

/** A provider entry's `accounts`: their limits by name. */
export function readAccounts(value: unknown, path: string): ReadonlyMap<string, Limits> {
  const accounts = new Map<string, Limits>();
  if (value === undefined) return accounts;
  for (const [name, account] of Object.entries(object(value, path))) {
    const at = `${path}.${name}`;
    const raw = object(account, at);
    knownOptions(raw, ['limits'], at);
    const limits = readLimits(raw['limits'], `${at}.limits`);
    if (limits !== undefined) accounts.set(name, limits);
  }
  return accounts;
}
