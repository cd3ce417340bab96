import { styleText } from 'node:util';
import type { PoolMetadata } from 'ai-pool';

type Attempt = PoolMetadata['attempts'][number];

/** Who was tried, the verdict, the time, and who answered. Equal trails are printed once. */
export function printTrails(metadata: readonly (object | undefined)[]): void {
  const groups = new Map<string, PoolMetadata[]>();
  for (const each of metadata) {
    const { pool } = each as { pool: PoolMetadata };
    const name = pool.attempts.map(describe).join('\n');
    groups.set(name, [...(groups.get(name) ?? []), pool]);
  }
  for (const calls of groups.values()) {
    if (metadata.length > 1) {
      console.log(calls.length === 1 ? '  1 call:' : `  ${calls.length} calls, each:`);
    }
    calls[0]?.attempts.forEach((attempt, i) => {
      const times = calls.map(call => call.attempts[i]?.ms ?? 0);
      console.log(`    ${describe(attempt)} ${styleText('dim', range(times))}`);
    });
  }
}

function describe({ provider, model, key, kind, status }: Attempt): string {
  const target = `${provider}/${model}`.padEnd(26) + key.padEnd(14);
  if (kind === undefined) return target + styleText('green', 'answered'.padEnd(20));
  return target + styleText('yellow', `${kind} ${status ?? ''}`.padEnd(20));
}

function range(times: readonly number[]): string {
  const [least, most] = [Math.min(...times), Math.max(...times)];
  return least === most ? `${least} ms` : `${least} to ${most} ms`;
}
