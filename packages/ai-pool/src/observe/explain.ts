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
  const { scope: what, ...names } = scope.ref;
  const name = Object.entries(names)
    .map(([kind, id]) => `${kind} ${id}`)
    .join(', ');
  const state = scope.state(now);
  const way = what === 'network' ? 'the network to ' : '';
  return `${way}${name} is ${state}: ${scope.why}, ${end(scope, state)}`;
}

function end({ until, source }: Availability, state: string): string {
  if (state === 'probing') return 'one attempt is finding out';
  // Beyond what a date can say.
  if (until > 8.64e15) return 'until it is enabled';
  const time = new Date(until).toISOString();
  return state === 'disabled'
    ? `until it is enabled, or a try at ${time} gets through`
    : `until ${time} (${source})`;
}
