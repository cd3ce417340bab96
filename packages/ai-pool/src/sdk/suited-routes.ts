import type { Route } from '../scheduling/targets.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { featuresOf } from './features.ts';
import type { CallOptions } from './generation.ts';

/** An estimate this far beyond a context window is no longer within its own error. */
const BEYOND = 1.2;

const isChoosy = (route: Route): boolean => route.isChoosy;

/**
 * Routes that will hardly serve this call come last, in their order: those whose context window
 * it exceeds, and those that lately refused what it asks for. None is left out: both are guesses.
 */
export function suitedFirst(
  routes: readonly Route[],
  options: CallOptions,
  isStream: boolean,
  now: number,
): readonly Route[] {
  return routes.some(isChoosy) ? sorted(routes, options, isStream, now) : routes;
}

function sorted(
  routes: readonly Route[],
  options: CallOptions,
  isStream: boolean,
  now: number,
): readonly Route[] {
  let tokens: number | undefined;
  let asked: readonly string[] | undefined;
  const isUnsuited = (route: Route): boolean => {
    const { contextWindow } = route.plan;
    if (contextWindow !== undefined) {
      tokens ??= estimateTokens(options.prompt);
      if (tokens > contextWindow * BEYOND) return true;
    }
    if (route.refusedFeatures.size === 0) return false;
    asked ??= featuresOf(options, isStream);
    return route.refusedFeatures.coveredBy(asked, now);
  };
  const last = routes.filter(isUnsuited);
  if (last.length === 0) return routes;
  return [...routes.filter(route => !last.includes(route)), ...last];
}
