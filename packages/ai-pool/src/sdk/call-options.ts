import {
  asIs,
  expected,
  fail,
  isObject,
  list,
  milliseconds,
  readOptions,
  text as anyText,
  timeouts as checkTimeouts,
} from '../config/check.ts';
import type { PoolCallOptions, RouteSettings } from '../config/types.ts';
import type { CallRequest } from '../call/call.ts';
import { hashOf } from '../scheduling/affinity.ts';
import type { Route } from '../scheduling/targets.ts';
import { estimateTokens } from './estimate-tokens.ts';
import type { CallOptions } from './generation.ts';
import type { ModelParts } from './model-parts.ts';
import { suitedFirst } from './suited-routes.ts';

const OPTIONS = {
  order: asIs,
  only: asIs,
  affinity: anyText,
  maxWaitMs: milliseconds,
  timeouts: checkTimeouts,
};

/** What keeps a conversation together: said so, or the key of its prompt cache. */
function affinityOf(
  own: PoolCallOptions,
  given: CallOptions['providerOptions'],
): number | undefined {
  const { promptCacheKey } = (given?.['openai'] ?? {}) as { promptCacheKey?: unknown };
  const text = own.affinity ?? promptCacheKey;
  return typeof text === 'string' && text !== '' ? hashOf(text) : undefined;
}

/** What one call asks of the pool. */
export function readRequest(
  parts: ModelParts,
  options: CallOptions,
  isStream: boolean,
): CallRequest {
  const { core, generation, defaults } = parts;
  const given = options[generation.optionsField];
  const raw = given?.['pool'];
  const routes = parts.routes();
  const { abortSignal: signal } = options;
  const now = core.plan.clock.now();
  const path = 'providerOptions.pool';
  const own = raw === undefined ? defaults : { ...defaults, ...readPoolOptions(raw, routes, path) };
  const { order, only, timeouts, maxWaitMs = core.plan.maxWaitMs } = own;
  const affinity =
    given === undefined && own.affinity === undefined ? undefined : affinityOf(own, given);
  const isOrdered = order !== undefined || only !== undefined;
  const asked = isOrdered ? ordered(routes, order, only, path) : routes;
  const suited = suitedFirst(
    affinity !== undefined && asked === routes
      ? core.scheduler.keepTogether(asked, affinity)
      : asked,
    options,
    isStream,
    now,
  );
  const tokens = core.scheduler.countsTokens
    ? estimateTokens(options.prompt) + (options[generation.maxTokensField] ?? 0)
    : 0;
  const { order: turns = core.scheduler.order } = parts;
  return { routes: suited, order: turns, signal, maxWaitMs, tokens, affinity, timeouts, now };
}

/** The pool's options of a call or of a view, checked against the routes that there are. */
export function readPoolOptions(
  value: unknown,
  routes: readonly Route[],
  path: string,
): PoolCallOptions {
  const { order, only } = readOptions(value, path, OPTIONS, {});
  ordered(routes, order, only, path);
  return value as PoolCallOptions;
}

function ordered(
  routes: readonly Route[],
  order: unknown,
  only: unknown,
  path: string,
): readonly Route[] {
  if (order === undefined && only === undefined) return routes;
  const allowed = only === undefined ? routes : named(routes, only, `${path}.only`);
  if (order === undefined) return allowed;
  // Named among all routes: leaving a provider out does not make its name unknown.
  const first = named(routes, order, `${path}.order`).filter(route => allowed.includes(route));
  return [...first, ...allowed.filter(route => !first.includes(route))];
}

/** The routes that a list of providers and `provider/model` names, in its order. */
function named(routes: readonly Route[], names: unknown, path: string): readonly Route[] {
  const found = new Set<Route>();
  list(names, path).forEach((name, i) => {
    const at = `${path}[${i}]`;
    if (typeof name !== 'string') return expected(at, 'a provider or provider/model', name);
    const matches = routes.filter(
      ({ provider, model }) => name === provider.name || name === `${provider.name}/${model}`,
    );
    if (matches.length === 0) fail(at, 'no such provider or provider/model');
    for (const route of matches) found.add(route);
    return undefined;
  });
  return [...found];
}

/** What a member is called with: the route's settings under the call's own, without the pool's. */
export function memberOptions(
  generation: ModelParts['generation'],
  options: CallOptions,
  settings: RouteSettings | undefined,
): CallOptions {
  return settings === undefined && options[generation.optionsField]?.['pool'] === undefined
    ? options
    : mergedOptions(generation, options, settings);
}

function mergedOptions(
  generation: ModelParts['generation'],
  options: CallOptions,
  settings: RouteSettings | undefined,
): CallOptions {
  const field = generation.optionsField;
  const merged: Record<string, unknown> = { ...options };
  for (const [name, value] of Object.entries(settings ?? {})) {
    const target =
      name === 'providerOptions'
        ? field
        : name === 'maxOutputTokens'
          ? generation.maxTokensField
          : name;
    merged[target] = under(
      value,
      merged[target],
      name === 'headers' ? 1 : target === field ? 2 : 0,
    );
  }
  const { pool: _, ...others } = (merged[field] ?? {}) as Record<string, unknown>;
  if (merged[field] !== undefined) merged[field] = others;
  return merged;
}

/** A setting under the call's own: objects are merged so many levels deep. */
function under(setting: unknown, own: unknown, depth: number): unknown {
  if (depth === 0 || !isObject(setting) || !isObject(own)) return own ?? setting;
  const merged: Record<string, unknown> = { ...setting };
  for (const [name, value] of Object.entries(own)) {
    merged[name] = under(setting[name], value, depth - 1);
  }
  return merged;
}
