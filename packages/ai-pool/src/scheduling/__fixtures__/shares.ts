import type { Scene } from '../../__fixtures__/scene.ts';

export const keys: readonly string[] = ['secret-one', 'secret-two', 'secret-three'];

export async function repeat(times: number, call: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < times; i++) await call();
}

/** How often each provider or key was called. */
export function shares({ seen }: Scene, of: 'provider' | 'key', from = 0): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of seen.slice(from)) counts[one[of]] = (counts[one[of]] ?? 0) + 1;
  return counts;
}

export const three = { a: {}, b: {}, c: {} };
