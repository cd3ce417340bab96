import { styleText } from 'node:util';
import type { KeyStatus, PoolStatus, ProviderStatus } from 'ai-pool';

const COLUMNS = ['provider', 'key', 'state', 'attempts', 'successes', 'failures', 'closed now'];
const WIDTHS = [12, 14, 10, 10, 11, 10, 0];

/** One line per key. */
export function printStatus({ providers }: PoolStatus): void {
  console.log(styleText('dim', line(COLUMNS)));
  for (const provider of providers) {
    for (const key of provider.keys) console.log(line(cells(provider, key)));
  }
}

function cells(provider: ProviderStatus, { id, state, usage }: KeyStatus): string[] {
  const closed = provider.targets.filter(each => each.key === id && each.state !== 'ready');
  return [
    provider.name,
    id,
    state,
    String(usage.attempts),
    String(usage.successes),
    String(usage.failures),
    closed.map(each => `${each.model} (${each.state}: ${each.reason})`).join(', '),
  ];
}

function line(texts: readonly string[]): string {
  return `  ${texts.map((text, i) => text.padEnd(WIDTHS[i] ?? 0)).join('')}`.trimEnd();
}
