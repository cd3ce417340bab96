import type { Clock } from '../clock.ts';
import type { FailureKind } from '../failure/verdict.ts';
import type {
  ApiKey,
  CreateProvider,
  DisableAfter,
  KeySelection,
  Limits,
  ModelObject,
  PoolSettings,
  ResultCondition,
  RouteSettings,
  Routing,
  Timeouts,
} from './types.ts';

/** A key, validated. */
export interface KeyPlan {
  readonly id: string;
  readonly label?: string | undefined;
  readonly account?: string | undefined;
  readonly weight: number;
  /** Undefined: the provider needs none. */
  readonly apiKey: ApiKey | undefined;
  readonly meta?: unknown;
  readonly limits?: Limits | undefined;
  readonly models?: ReadonlySet<string> | undefined;
}

/** A model of a provider, validated. */
export interface ModelPlan {
  readonly id: string;
  readonly settings?: RouteSettings | undefined;
  /** Per account, or per key where it has none. */
  readonly limits?: Limits | undefined;
  readonly contextWindow?: number | undefined;
  /** The model's, the provider's and the pool's together. */
  readonly timeouts?: Timeouts | undefined;
  /** The closest setting: the model's, the provider's, the pool's. */
  readonly retryOnResult?: readonly ResultCondition[] | undefined;
  /** A ready-made model. */
  readonly ready?: ModelObject;
}

export interface CooldownPlan {
  /** The fixed pause in ms for a kind, or undefined where the pool guesses. */
  readonly fixedMs: (kind: FailureKind, now: number) => number | undefined;
  readonly maxMs: number;
}

/** A provider entry, validated. */
export interface ProviderPlan {
  readonly name: string;
  /** Where the entry stands in the user's configuration. */
  readonly path: string;
  readonly create: CreateProvider | undefined;
  readonly family: string | undefined;
  readonly keys: readonly KeyPlan[];
  readonly models: readonly ModelPlan[];
  /** The provider's and the pool's together. */
  readonly timeouts: Timeouts | undefined;
  /** The provider's, else the pool's. */
  readonly retryOnResult: readonly ResultCondition[] | undefined;
  readonly keySelection: KeySelection;
  readonly weight: number;
  readonly limits: Limits | undefined;
  /** What the accounts that keys name allow, by name. */
  readonly accounts: ReadonlyMap<string, Limits>;
  readonly cooldown: CooldownPlan;
  readonly meta?: unknown;
}

/** The whole configuration, validated, with every default filled in. */
export interface PoolPlan {
  readonly providers: readonly ProviderPlan[];
  /** What a provider entry falls back to, also one that is added at run time. */
  readonly defaults: {
    readonly keySelection: KeySelection;
    readonly cooldown: CooldownPlan;
    readonly timeouts: Timeouts | undefined;
    readonly retryOnResult: readonly ResultCondition[] | undefined;
  };
  readonly routing: Routing;
  readonly maxWaitMs: number;
  readonly contentFilterFallback: boolean;
  readonly onMidStreamFailure: 'error' | 'restart';
  readonly bypass: boolean;
  readonly disableAfter: DisableAfter | undefined;
  readonly recoveryCheckMs: number;
  readonly reprobe: boolean;
  readonly classify: PoolSettings['classify'];
  readonly on: PoolSettings['on'];
  readonly onEvent: PoolSettings['onEvent'];
  readonly clock: Clock;
  readonly random: () => number;
}
