import type { Changes } from './fake-provider.ts';

/** `changes` over `config`; `undefined` takes a setting back. */
export function merged<T extends object>(config: T, changes: Changes<T>): T {
  const result: T = { ...config };
  for (const name in changes) {
    const value = changes[name];
    if (value === undefined) delete result[name];
    else Object.assign(result, { [name]: value });
  }
  return result;
}
