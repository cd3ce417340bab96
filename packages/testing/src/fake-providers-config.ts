import type { FakeAccountConfig } from './fake-limit-config.ts';
import type { FakeReply, FakeReplyRequest } from './fake-reply.ts';
import type { FakeRefusalAnswer, FakeRequestRefusal } from './fake-fault.ts';
import type { FakeProtocol } from './protocols/protocol.ts';

/**
 * How a fake provider treats one API key. Its limits are counted beside those of its account. Of a
 * key that has an account, `unpaid` is better said of the account: then it holds for all its keys.
 */
export interface FakeKeyConfig extends FakeAccountConfig {
  /** The id under which requests of this key are recorded. Default `key-1`, `key-2` by position. */
  id?: string;
  /**
   * The organisation or project that the key belongs to; it shows in headers and bodies where the
   * real provider names it. Default: an account of its own.
   */
  account?: string;
  /** The provider does not know this key (any more). */
  invalid?: boolean;
  /** The key was found in public, and the provider has turned it off. */
  leaked?: boolean;
  /** Ids of models that this key may not use. */
  noAccess?: readonly string[];
  /** Every request of this key gets this answer. */
  refuse?: FakeRefusalAnswer;
}

/** How a fake provider treats one model. A model that is not listed exists and answers. */
export interface FakeModelConfig {
  /** The provider does not have this model (any more). */
  missing?: boolean;
  /** The model has no capacity. */
  overloaded?: boolean;
  /** Every request for this model gets this answer; `no-prefill` concerns only some. */
  refuse?: FakeRefusalAnswer | FakeRequestRefusal;
}

/** The condition of a whole provider. */
export interface FakeProviderCondition {
  /**
   * `false`: healthy. `true` or 500, 502, 503: every request is answered with that status
   * (`true` is 503). `'reset'`: the connection breaks before any header. `'hang'`: no answer ever
   * comes.
   */
  down?: boolean | 500 | 502 | 503 | 'reset' | 'hang';
  /** Time before any answer begins, in milliseconds of real time. Default 0. */
  latencyMs?: number;
}

/** One fake provider. */
export interface FakeProviderConfig extends FakeProviderCondition {
  /** The wire protocol. Default: the one that the provider is named by. */
  protocol?: FakeProtocol;
  /**
   * Secret -> behaviour. A key that is not listed is an invalid one; without `keys` any key is
   * good.
   */
  keys?: Readonly<Record<string, FakeKeyConfig>>;
  /** Account -> what holds for all its keys together: their limits, and whether it is paid. */
  accounts?: Readonly<Record<string, FakeAccountConfig>>;
  /** Model id -> behaviour. */
  models?: Readonly<Record<string, FakeModelConfig>>;
}

/** What `startFakeProviders` starts. */
export interface FakeProvidersConfig<Name extends string = FakeProtocol> {
  /**
   * The providers by name. A name other than `openai`, `google`, `openrouter` and `anthropic`
   * says its `protocol`.
   */
  providers: {
    readonly [N in Name]: N extends FakeProtocol
      ? FakeProviderConfig
      : FakeProviderConfig & { protocol: FakeProtocol };
  };
  /** What the models answer. Default: one sentence of twelve words. */
  reply?: FakeReply | ((request: FakeReplyRequest<Name>) => FakeReply);
  /** Time before each streamed chunk, in milliseconds of real time. Default 0. */
  chunkLatencyMs?: number;
  /** Characters per streamed chunk. Default 5. */
  chunkSize?: number;
  /** What quotas count by and records are stamped with, in epoch milliseconds. Default `Date`. */
  clock?: { now(): number };
}
