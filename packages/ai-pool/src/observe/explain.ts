import { eachScope } from '../scheduling/admission.ts';
import type { Availability } from '../scheduling/availability.ts';
import type { Provider } from '../scheduling/targets.ts';

/**
 * Why targets cannot be used now: one line per closed scope, with its reason and its end. Empty
 * when everything that was asked about is open.
 */
export function explain(
  providers: readonly Provider[],
  model: string | undefined,
  now: number,
): string[] {
  const closed = new Set<Availability>();
  for (const provider of providers) {
    for (const route of provider.routes) {
      if (model !== undefined && route.model !== model) continue;
      for (const key of provider.keys.values()) {
        eachScope(key, route, scope => {
          if (scope.state(now) !== 'ready') closed.add(scope);
        });
      }
    }
  }
  return Array.from(closed, scope => line(scope, now));
}

function line(scope: Availability, now: number): string {
  const state = scope.state(now);
  return `${nameOf(scope)} is ${state}: ${scope.why}, ${end(scope, state)}`;
}

function nameOf({ ref }: Availability): string {
  const { provider, key, account, model } = ref;
  const parts = [
    ref.scope === 'network' ? 'the network' : undefined,
    key === undefined ? undefined : `key ${key}`,
    account === undefined ? undefined : `account ${account}`,
    model === undefined ? undefined : `model ${model}`,
  ].filter(part => part !== undefined);
  return parts.length === 0 ? provider : `${provider} (${parts.join(', ')})`;
}

function end(scope: Availability, state: string): string {
  if (state === 'probing') return 'one attempt is finding out';
  if (!Number.isFinite(scope.until)) return 'until it is enabled';
  const until = new Date(scope.until).toISOString();
  if (state === 'disabled') return `until it is enabled, or a try at ${until} gets through`;
  return `until ${until} (${scope.source})`;
}
