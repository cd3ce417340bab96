import type { PoolCallOptions } from '../config/types.ts';
import type { ModelPool, Pool } from '../pool.ts';

/** What a pooled model takes over from the type of its members. */
type ModelProperty =
  | 'specificationVersion'
  | 'provider'
  | 'modelId'
  | 'supportedUrls'
  | 'defaultObjectGenerationMode'
  | 'supportsImageUrls'
  | 'supportsStructuredOutputs'
  | 'supportsUrl'
  | 'doGenerate'
  | 'doStream';

/** A language model of its members' own generation, with the pool on it. */
export type PooledModel<M, P = unknown> = ([unknown] extends [M]
  ? AnyGenerationModel
  : { [K in Extract<keyof M, ModelProperty>]: M[K] }) & {
  /** Status, events and control. */
  readonly pool: ModelPool<M, P>;
  /** The same pool with settings for every call; a call's own go over them. */
  with(overrides: PoolCallOptions): PooledModel<M, P>;
};

/** Where the generation cannot be told from the types: fits every version of the AI SDK. */
export interface AnyGenerationModel {
  readonly specificationVersion: never;
  readonly provider: string;
  readonly modelId: string;
  readonly supportedUrls: never;
  readonly defaultObjectGenerationMode: never;
  doGenerate(options: unknown): Promise<never>;
  doStream(options: unknown): Promise<never>;
}

/** The model type that a factory's result makes. */
type ModelOf<P> = P extends (...args: never[]) => infer M
  ? M
  : P extends { languageModel(...args: never[]): infer M }
    ? M
    : unknown;

/** The ready-made models in an entry's `models`. */
type ReadyOf<E> = E extends { models: readonly (infer M)[] }
  ? Extract<M, { doGenerate: unknown }>
  : never;

type FromFactory<E> = E extends { create: (...args: never[]) => infer P } ? ModelOf<P> : never;

type MemberOfEntry<E> = FromFactory<E> | ReadyOf<E>;

/** The type of the members that a configuration's providers make. */
export type MemberOf<P> = P extends readonly (infer E)[]
  ? MemberOfEntry<E>
  : P extends Readonly<Record<string, infer E>>
    ? MemberOfEntry<E>
    : unknown;

type MadeByEntry<E> = E extends { create: (...args: never[]) => infer P } ? P : never;

/** What the factories of a configuration make. */
export type MadeBy<P> = P extends readonly (infer E)[]
  ? MadeByEntry<E>
  : P extends Readonly<Record<string, infer E>>
    ? MadeByEntry<E>
    : unknown;

/** The models that one of some functions of a provider gives; none where it has no such one. */
export type ModelOfKind<P, Name extends string> = P extends unknown
  ? {
      [N in Name & keyof P]: NonNullable<P[N]> extends (...args: never[]) => infer M
        ? // Without what is private to a class.
          { [K in keyof M]: M[K] }
        : never;
    }[Name & keyof P]
  : never;

export type VersionOf<M> = M extends { readonly specificationVersion: infer V } ? V : never;

type AnswerOf<M, Name extends string> = M extends { [N in Name]: (options: never) => infer R }
  ? Awaited<R>
  : never;

/** What the SDK hands to a middleware. */
interface Wrapping {
  readonly model: unknown;
  readonly params: unknown;
}

/** AI SDK middleware of its members' own generation, with the pool on it. */
export interface PoolMiddleware<M> {
  readonly middlewareVersion: VersionOf<M>;
  readonly specificationVersion: VersionOf<M>;
  /** What the wrapped model and all of the pool's can fetch themselves. */
  overrideSupportedUrls(options: {
    readonly model: unknown;
  }): Record<string, RegExp[]> | PromiseLike<Record<string, RegExp[]>>;
  wrapGenerate(options: Wrapping): Promise<AnswerOf<M, 'doGenerate'>>;
  wrapStream(options: Wrapping): Promise<AnswerOf<M, 'doStream'>>;
  /** Status, events and control. */
  readonly pool: Pool;
}
