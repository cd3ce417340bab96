import type { Core } from '../call/core.ts';
import type { PoolCallOptions } from '../config/types.ts';
import type { RouteOrder } from '../scheduling/routing.ts';
import type { Route } from '../scheduling/targets.ts';
import type { Generation } from './generation.ts';
import type { Make, Members } from './members.ts';

/** What a pooled model of any kind is made of. */
export interface ModelParts {
  readonly core: Core;
  readonly members: Members;
  /** How a member is got out of what a factory made. */
  readonly make: Make;
  /** The names that the generation has for options. */
  readonly generation: Pick<Generation, 'optionsField' | 'maxTokensField'>;
  /** The routes of a new call, in its order. */
  readonly routes: () => readonly Route[];
  /** What gives them their order. Default: the pool's own. */
  readonly order?: RouteOrder;
  /** The names under which the SDK logs and traces the model. */
  readonly provider: string;
  readonly modelId: string;
  /** Settings that a call's own go over. */
  readonly defaults: PoolCallOptions;
}

/** The provider name of models over several providers, in logs and traces. */
export const PROVIDER = 'ai-pool';

/** The id that all routes share, so that logs and price tables find it; otherwise `pool`. */
export function nameOf(routes: readonly Route[]): string {
  const ids = new Set(routes.map(route => route.model));
  const [only] = ids;
  return ids.size === 1 && only !== undefined ? only : 'pool';
}
