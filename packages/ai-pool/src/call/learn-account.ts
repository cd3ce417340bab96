import { accountIds } from '../failure/account-ids.ts';
import { readText } from '../failure/read.ts';
import type { Target } from '../scheduling/targets.ts';
import type { Core } from './core.ts';

/** Keys whose answers name the same organisation or project are one account from then on. */
export function learnAccount(
  { emitter }: Core,
  { key, route: { provider } }: Target,
  headers: unknown,
  said?: string,
): void {
  if (headers === undefined || provider.keys.size < 2) return;
  const ids = accountIds(headers, said);
  if (ids.length === 0 || !provider.learnAccount(key, ids)) return;
  const account = key.account?.id;
  emitter.emit('config-changed', {
    change: 'account-learned',
    provider: provider.name,
    key: key.id,
    account,
  });
}

/** What a refusal says by which an account may be told: its sentence, and Google's consumer. */
export function saidIn(error: unknown): string {
  const consumer = /"consumer":\s*"[^"]{1,100}"/.exec(readText(error, 'responseBody') ?? '');
  return [readText(error, 'message'), consumer?.[0]].join(' ');
}
