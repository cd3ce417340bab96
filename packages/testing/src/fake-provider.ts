import type { FakeFault } from './fake-fault.ts';
import type { FakeAccountConfig } from './fake-limit-config.ts';
import type {
  FakeKeyConfig,
  FakeModelConfig,
  FakeProviderCondition,
} from './fake-providers-config.ts';
import type { FakeRequest } from './fake-request.ts';

/** Settings to change; `undefined` takes a setting back to its default. */
export type Changes<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** What the next requests of one key, for one model, or of both, can be made to meet. */
export interface Failing {
  /** Appends to the faults that these requests meet, one each; then all is as before. */
  failNext(...faults: FakeFault[]): void;
}

/** The handle of one fake provider. Every change applies from the next request on. */
export interface FakeProvider<Name extends string = string> {
  readonly name: Name;
  /** What the real provider package takes as `baseURL`. */
  readonly baseURL: string;
  /** What this provider saw, in order. */
  readonly requests: readonly FakeRequest<Name>[];
  set(changes: Changes<FakeProviderCondition>): FakeProvider<Name>;
  /** One key; a secret that is not known yet becomes a key of the provider by `set`. */
  key(secret: string): Failing & { set(changes: Changes<Omit<FakeKeyConfig, 'id'>>): void };
  /** One account: what holds for its keys together. */
  account(id: string): { set(changes: Changes<FakeAccountConfig>): void };
  /** One model. */
  model(id: string): Failing & { set(changes: Changes<FakeModelConfig>): void };
  /** One key on one model. */
  target(secret: string, model: string): Failing;
  /** Appends to the faults that the next requests meet, one each; then all is as before. */
  failNext(...faults: FakeFault[]): FakeProvider<Name>;
  /**
   * From now on and for `ms` milliseconds by the fakes' clock, the requests meet these faults in
   * turn, after those of `failNext`; then all is as before. A provider that flaps for a minute is
   * `failFor(60_000, { status: 503 }, 'ok', 'reset')`.
   */
  failFor(ms: number, ...faults: FakeFault[]): FakeProvider<Name>;
}
