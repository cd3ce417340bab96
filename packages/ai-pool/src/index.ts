export { createPoolMiddleware } from './create-pool-middleware.ts';
export { createPool, createPooledModel } from './create-pooled-model.ts';
export { createPooledProvider, type PooledProviderSettings } from './create-pooled-provider.ts';
export { keysFromEnv, type KeysFromEnvOptions } from './config/keys-from-env.ts';
export { classifyFailure } from './failure/classify-failure.ts';
export { classifyResult } from './failure/classify-result.ts';
export { schemaMismatch } from './sdk/schema-mismatch.ts';
export { PoolConfigError, PoolExhaustedError } from './errors.ts';
export type { Clock } from './clock.ts';
export type {
  AccountEntry,
  ApiKey,
  ChooseKey,
  ChooseProviders,
  ClassifyContext,
  CooldownSettings,
  CreateContext,
  CreateProvider,
  DailyReset,
  DisableAfter,
  KeyCandidate,
  KeyEntry,
  KeySelection,
  KeysInput,
  Limits,
  ModelEntry,
  ModelObject,
  ModelResult,
  PoolCallOptions,
  PoolConfig,
  PoolSettings,
  ProviderCandidate,
  ProviderEntry,
  ProvidersInput,
  ResultCondition,
  ResultContext,
  ResultPart,
  ResultPredicate,
  RouteSettings,
  Routing,
  Timeouts,
} from './config/types.ts';
export type {
  DurationSource,
  FailureAction,
  FailureKind,
  FailureScope,
  Verdict,
} from './failure/verdict.ts';
export type { AttemptRecord } from './observe/attempt-record.ts';
export type { PoolMetadata } from './call/attempt.ts';
export type {
  PoolEvent,
  PoolEventOf,
  PoolEventType,
  PoolListener,
  PoolListeners,
  ScopeRef,
  TargetRef,
} from './observe/events.ts';
export type {
  KeyStatus,
  KeyUsage,
  ModelStatus,
  PoolStatus,
  ProviderStatus,
  ScopeStatus,
  TargetStatus,
} from './observe/status.ts';
export type { ModelPool, Pool } from './pool.ts';
export type { Controls, Ref, ResetOptions } from './scheduling/control.ts';
export type { Headroom } from './scheduling/limiter.ts';
export type { AnyGenerationModel, PooledModel, PoolMiddleware } from './sdk/pooled-model.ts';
