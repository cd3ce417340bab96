import { expected, fail, knownOptions, list, milliseconds, object } from '../config/check.ts';
import type { PoolCallOptions, RouteSettings } from '../config/types.ts';
import type { CallRequest } from '../call/call.ts';
import type { Core } from '../call/core.ts';
import type { Route } from '../scheduling/targets.ts';
import { callerOf } from './caller.ts';
import type { CallOptions, Generation } from './generation.ts';

const OPTIONS: readonly (keyof PoolCallOptions)[] = ['order', 'only', 'maxWaitMs'];

/** What one call asks of the pool. `routes` are the model's own; undefined means all, by routing. */
export function readRequest(
  core: Core,
  generation: Generation,
  options: CallOptions,
  routes: readonly Route[] | undefined,
): CallRequest {
  const { scheduler, plan } = core;
  const raw = options[generation.optionsField]?.['pool'];
  const own = routes ?? scheduler.order.routes();
  const { abortSignal: signal } = options;
  const caller = (): string => callerOf(options.prompt);
  if (raw === undefined) return { routes: own, signal, caller, maxWaitMs: plan.maxWaitMs };
  const path = 'providerOptions.pool';
  const pool = object(raw, path);
  knownOptions(pool, OPTIONS, path);
  const { order, only, maxWaitMs } = pool;
  return {
    routes: ordered(own, order, only, path),
    signal,
    caller,
    maxWaitMs:
      maxWaitMs === undefined ? plan.maxWaitMs : milliseconds(maxWaitMs, `${path}.maxWaitMs`),
  };
}

function ordered(
  routes: readonly Route[],
  order: unknown,
  only: unknown,
  path: string,
): readonly Route[] {
  const allowed = only === undefined ? routes : named(routes, only, `${path}.only`);
  if (order === undefined) return allowed;
  const first = named(allowed, order, `${path}.order`);
  return [...first, ...allowed.filter(route => !first.includes(route))];
}

/** The routes that a list of providers and `provider/model` names, in its order. */
function named(routes: readonly Route[], names: unknown, path: string): readonly Route[] {
  const found = new Set<Route>();
  list(names, path).forEach((name, i) => {
    const at = `${path}[${i}]`;
    if (typeof name !== 'string') return expected(at, 'a provider or provider/model', name);
    const slash = name.indexOf('/');
    const provider = slash < 0 ? name : name.slice(0, slash);
    const model = slash < 0 ? undefined : name.slice(slash + 1);
    const matches = routes.filter(
      route => route.provider.name === provider && (model === undefined || route.model === model),
    );
    if (matches.length === 0) {
      const known = routes.map(route => `${route.provider.name}/${route.model}`);
      fail(at, `"${name}" is no provider or provider/model here; there is ${known.join(', ')}`);
    }
    for (const route of matches) found.add(route);
    return undefined;
  });
  return [...found];
}

/** What a member is called with: the route's settings under the call's own, without the pool's. */
export function memberOptions(
  generation: Generation,
  options: CallOptions,
  settings: RouteSettings | undefined,
): CallOptions {
  const field = generation.optionsField;
  const given = options[field];
  if (settings === undefined && given?.['pool'] === undefined) return options;
  const merged: Record<string, unknown> = { ...options };
  if (given?.['pool'] !== undefined) {
    const { pool: _, ...others } = given;
    merged[field] = others;
  }
  for (const [name, value] of Object.entries(settings ?? {})) {
    const target =
      name === 'providerOptions'
        ? field
        : name === 'maxOutputTokens'
          ? generation.maxTokensField
          : name;
    const own = merged[target];
    merged[target] =
      name === 'headers' || name === 'providerOptions'
        ? { ...(value as object), ...(own as object | undefined) }
        : (own ?? value);
  }
  return merged;
}
