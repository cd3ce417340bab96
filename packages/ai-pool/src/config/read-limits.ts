import { knownOptions, object, positive } from './check.ts';

const LIMITS = ['rpm', 'rpd', 'tpm', 'tpd', 'maxConcurrency'];

/** Checks `limits` wherever they may stand. */
export function checkLimits(value: unknown, path: string): void {
  if (value === undefined) return;
  const limits = object(value, path);
  knownOptions(limits, LIMITS, path);
  for (const [name, limit] of Object.entries(limits)) positive(limit, `${path}.${name}`);
}

/** Checks a provider entry's `accounts`. */
export function checkAccounts(value: unknown, path: string): void {
  if (value === undefined) return;
  for (const [name, account] of Object.entries(object(value, path))) {
    const at = `${path}.${name}`;
    const raw = object(account, at);
    knownOptions(raw, ['limits'], at);
    checkLimits(raw['limits'], `${at}.limits`);
  }
}
