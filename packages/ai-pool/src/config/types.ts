import type { Clock } from '../clock.ts';
import type { FailureKind, Verdict } from '../failure/verdict.ts';
import type { PoolEvent, PoolListeners } from '../observe/events.ts';

/** How the pool picks among providers. A provider's models are a fallback order in every one. */
export type Routing =
  /** As configured, for every call. */
  | 'priority'
  /** The last route that served comes first. */
  | 'sticky'
  /** Each call begins at the next provider. */
  | 'round-robin'
  /** By the providers' `weight`: smooth, and the same for the same calls. */
  | 'weighted'
  /** The least time to first output, weighed with what is in flight. */
  | 'fastest'
  /** Your own: the names of the providers in their order; those left out come last. */
  | ChooseProviders;

/** A provider as a routing function sees it. */
export interface ProviderCandidate {
  readonly name: string;
  readonly weight: number;
  /** Attempts in flight. */
  readonly inFlight: number;
  /** About how long it takes to its first output, in ms; undefined while nothing is known. */
  readonly latencyMs: number | undefined;
  /** `meta` of the entry. */
  readonly meta: unknown;
}

/** Orders the providers for a new call. What it throws is the call's error. */
export type ChooseProviders = (providers: readonly ProviderCandidate[]) => readonly string[];

/** A key as a selecting function sees it. */
export interface KeyCandidate {
  readonly id: string;
  readonly label: string | undefined;
  readonly account: string | undefined;
  readonly meta: unknown;
  readonly weight: number;
  /** Attempts in flight. */
  readonly inFlight: number;
  readonly attempts: number;
}

/**
 * Picks one of the keys that are open now, by its id; they come longest rested first, and the
 * first is taken where it names none of them. What it throws is the call's error.
 */
export type ChooseKey = (
  keys: readonly KeyCandidate[],
  of: { readonly provider: string; readonly model: string },
) => string | undefined;

/** How the pool picks among the keys of a provider. */
export type KeySelection =
  /** The one that was handed out the longest ago. */
  | 'least-recently-used'
  /** One key until it fails, then the next in configured order. */
  | 'sticky'
  /** Each call begins at the next key; further attempts of a call take no turn. */
  | 'round-robin'
  /** The one with the fewest attempts. */
  | 'least-used'
  /** A fair draw among the keys that are open. */
  | 'random'
  /** By the keys' `weight`: smooth, and the same for the same calls. */
  | 'weighted'
  /** The one with the most room under its limits, of the 8 that have rested longest. */
  | 'headroom'
  /** Your own. */
  | ChooseKey;

/**
 * What a provider allows, counted over sliding minutes and days. An attempt is begun only where
 * every limit that it touches has room; tokens are reserved by an estimate and corrected by the
 * reported usage.
 */
export interface Limits {
  /** Requests per minute. */
  readonly rpm?: number;
  /** Requests per day. */
  readonly rpd?: number;
  /** Tokens per minute. */
  readonly tpm?: number;
  /** Tokens per day. */
  readonly tpd?: number;
  /** Requests in flight at once. */
  readonly maxConcurrency?: number;
}

/** A secret, or a function that fetches it: from a vault, or a token that is refreshed. */
export type ApiKey = string | (() => string | Promise<string>);

/** One API key with what is known about it. */
export interface KeyEntry {
  /** The secret, or a function that fetches it; called once more after a 401. */
  readonly apiKey: ApiKey;
  /** Public name; default: 8 hex characters of a hash over provider name and secret. */
  readonly id?: string;
  /** Name for people, shown in `status()`. */
  readonly label?: string;
  /**
   * Organisation, project or workspace by which the provider counts limits: keys of one account
   * share its limits and cool together. Default: an account of its own.
   */
  readonly account?: string;
  /** Share of this key where `keySelection` is `weighted`; 0: never used, in any. Default 1. */
  readonly weight?: number;
  /** Limits of this key, for all its models. */
  readonly limits?: Limits;
  /** Handed back to `create` with the key. */
  readonly meta?: unknown;
  /** The only models that this key may be used for; default: all of the provider. */
  readonly models?: readonly string[];
}

/** `'a,b'` (commas or newlines; one that starts with `{` is a single key), or a list. */
export type KeysInput = string | readonly (string | KeyEntry)[];

/** Call settings of a route, used where the call itself does not say otherwise. */
export interface RouteSettings {
  readonly [setting: string]: unknown;
}

/** A model id with its settings. */
export interface ModelEntry {
  /** The provider's own id of the model. */
  readonly id: string;
  /** Call settings for this route (`temperature`, `maxOutputTokens`, `headers`, `providerOptions`). */
  readonly settings?: RouteSettings;
  /** Limits of this model, per account (per key where it has none). */
  readonly limits?: Limits;
  /**
   * Tokens that fit into one conversation. A prompt that is estimated to be 20 % longer goes to
   * this model last; one that it refused as too long goes to larger windows first.
   */
  readonly contextWindow?: number;
  /** Time limits of this model. Default: the provider's. */
  readonly timeouts?: Timeouts;
  /** Which answers of this model are not good enough; `[]`: none. Default: the provider's. */
  readonly retryOnResult?: ResultCondition | readonly ResultCondition[];
}

/**
 * Time limits in ms. One that is over aborts the attempt upstream and is a failure of that
 * attempt, kind `timeout`. The closest setting counts: the call's, the model's, the provider's,
 * the pool's.
 */
export interface Timeouts {
  /** From the dispatch of an attempt to its end, in ms; of a stream too. Default: none. */
  readonly attemptMs?: number;
  /**
   * Streams: from the dispatch of an attempt to its first output, in ms. Default: 120,000, and
   * then only while another target could take over, or where an answer has begun again.
   */
  readonly firstOutputMs?: number;
  /**
   * Streams: without any part while one is asked for, in ms; noticed up to a quarter later.
   * Default: 120,000.
   */
  readonly idleMs?: number;
  /** From the beginning of the call to its end, over all attempts and waits, in ms. Default: none. */
  readonly totalMs?: number;
}

/** Any AI SDK language model object. */
export interface ModelObject {
  readonly specificationVersion: string;
  readonly provider: string;
  readonly modelId: string;
  // Methods of four generations: what they take and give is known only to the generation.
  doGenerate(options: never): PromiseLike<unknown>;
  doStream(options: never): PromiseLike<unknown>;
}

/** What a factory learns beside the key. */
export interface CreateContext {
  /** Name of the provider entry. */
  readonly provider: string;
  /** The key's id. */
  readonly key: string;
  /** `meta` of the key. */
  readonly meta?: unknown;
}

/**
 * An AI SDK provider factory (`createOpenAI`), or any function whose result is callable with a
 * model id or has `languageModel(id)`. Called lazily, once per key, and cached.
 */
export type CreateProvider<P = unknown> = (
  options: { apiKey: string },
  context: CreateContext,
) => P;

/** One provider: a name, a factory, keys and models. */
export interface ProviderEntry<P = unknown> {
  /** Names the provider in status, events and `order`; no slash. */
  readonly name: string;
  /** The provider package's own factory. Not needed where every model is a ready-made object. */
  readonly create?: CreateProvider<P>;
  /** Its API keys. Default: none, for a provider that needs no key (local servers, IAM). */
  readonly keys?: KeysInput;
  /** In fallback order: ids, ids with settings, or ready-made model objects. */
  readonly models?: readonly (string | ModelEntry | ModelObject)[];
  /** Whose error dialect applies; default: told by the member's own `provider` id. */
  readonly family?: string;
  /** Share of this provider where `routing` is `weighted`; 0: only as a fallback. Default 1. */
  readonly weight?: number;
  /** Limits of this provider, for everything. */
  readonly limits?: Limits;
  /** What is known of the accounts that keys name, by name. */
  readonly accounts?: Readonly<Record<string, AccountEntry>>;
  /** Which key of this provider comes next. Default: the pool's. */
  readonly keySelection?: KeySelection;
  /** Pauses in ms where nothing is stated, for this provider. Default: the pool's. */
  readonly cooldown?: number | CooldownSettings;
  /** Time limits of this provider. Default: the pool's. */
  readonly timeouts?: Timeouts;
  /** Which answers of this provider are not good enough; `[]`: none. Default: the pool's. */
  readonly retryOnResult?: ResultCondition | readonly ResultCondition[];
  /** Handed back in `provider-switched`. */
  readonly meta?: unknown;
}

/** What is known of an account. */
export interface AccountEntry {
  /** Limits of this account, for all its keys. */
  readonly limits?: Limits;
}

/** When a daily quota starts anew, where the provider does not say. */
export interface DailyReset {
  /** Time zone of the midnight at which it does: `UTC`, `America/Los_Angeles`, ... */
  readonly dailyReset: string;
}

/** Pauses in ms by kind of failure, where the provider states nothing. */
export interface CooldownSettings extends Partial<Record<Exclude<FailureKind, 'quota'>, number>> {
  /** Pause after a used-up quota: in ms, or until the next midnight of a time zone. Default 1 h. */
  readonly quota?: number | DailyReset;
  /** Longest pause in ms that a provider's own statement is believed for. Default 24 h. */
  readonly max?: number;
}

/** What a classification function learns about the failed attempt. */
export interface ClassifyContext {
  /** Name of the provider entry. */
  readonly provider: string;
  /** The configured model id. */
  readonly model: string;
  /** The key's id. */
  readonly key: string;
  /** What the pool itself would say. */
  readonly verdict: Verdict;
}

/** When a key that keeps failing is disabled. */
export interface DisableAfter {
  /** So many failures charged to the key, without a success between them. */
  readonly failures: number;
  /** Within so many ms. */
  readonly windowMs: number;
}

/**
 * An answer that is not good enough: the call goes on to the next model. Also a function:
 * `schemaMismatch` (no JSON of the schema that the call asked for), or your own.
 */
export type ResultCondition =
  /**
   * It ended with the finish reason `content-filter`, or the prompt was blocked. Refusals that come
   * as errors: `contentFilterFallback`.
   */
  | 'content-filter'
  /** No text but white space, no tool call and no file. Reasoning and sources alone are nothing. */
  | 'empty'
  /** Your own, or `schemaMismatch`. */
  | ResultPredicate;

/**
 * Whether the call goes on to the next model. Not async: a promise is a `PoolConfigError`. What it
 * throws is the call's error.
 */
export type ResultPredicate = (result: ModelResult, context: ResultContext) => boolean;

/**
 * An answer as the model gave it, in the words of its own AI SDK generation. A stream can be judged
 * where it ended without any output: it looks like a result without content.
 */
export interface ModelResult {
  /** From ai 5 on: the parts of the answer. */
  readonly content?: readonly ResultPart[];
  /** ai 4 has fields for them: `text`, `reasoning`, `toolCalls`, `files`. */
  readonly text?: string | undefined;
  /** A word, or from ai 6 on `{ unified, raw }`. */
  readonly finishReason?: unknown;
  /** In the words of the generation. */
  readonly usage?: unknown;
  /** In the words of the generation. */
  readonly warnings?: unknown;
  /** By provider. */
  readonly providerMetadata?: Readonly<Record<string, unknown>> | undefined;
  readonly [field: string]: unknown;
}

/** One of the things that an answer is made of. */
export interface ResultPart {
  /** `text`, `reasoning`, `tool-call`, `file`, ... */
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Who gave a result, what of it is the same in all generations, and what was asked. */
export interface ResultContext {
  /** Name of the provider entry. */
  readonly provider: string;
  /** The configured model id. */
  readonly model: string;
  /** The key's id. */
  readonly key: string;
  /** All text of the answer; empty where there is none. */
  readonly text: string;
  /** The finish reason as one word, in every generation. */
  readonly finishReason: string | undefined;
  /** What the model was asked: the options of `doGenerate` or `doStream`. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Settings of the pool as a whole. */
export interface PoolSettings {
  /** In which order a new call tries the providers. Default `priority`. */
  readonly routing?: Routing;
  /** Which key of a provider comes next. Default `least-recently-used`. */
  readonly keySelection?: KeySelection;
  /**
   * Pause in ms where the provider states nothing: exactly that, without growth or jitter; or per
   * kind. Default: 1 s to 60 s, doubling with consecutive failures.
   */
  readonly cooldown?: number | CooldownSettings;
  /** Time limits of attempts and calls. Default: those of streams alone. */
  readonly timeouts?: Timeouts;
  /** Longest sum of waits of one call in ms when every target is cooling. Default 5,000. */
  readonly maxWaitMs?: number;
  /** Gives the verdict on a failure, or parts of it; undefined leaves the built-in one. */
  readonly classify?: (error: unknown, context: ClassifyContext) => Partial<Verdict> | undefined;
  /**
   * Which answers are not good enough: a condition, or several of which any may hold. The next model
   * is asked then, and nothing is cooled; where nobody has a better answer the caller gets the last
   * one all the same. A stream goes on only before its first output.
   */
  readonly retryOnResult?: ResultCondition | readonly ResultCondition[];
  /** Disables a key that keeps failing. Default: never, where a failure passes by itself. */
  readonly disableAfter?: DisableAfter;
  /** Every so many ms the ends of pauses are noticed and told, also without calls. Default: never. */
  readonly recoveryCheckMs?: number;
  /** Whether what a failure disabled is tried again, after 1 h, doubling to 24 h. Default true. */
  readonly reprobe?: boolean;
  /** Whether a refusal by a content filter may go on to another model. Default false. */
  readonly contentFilterFallback?: boolean;
  /**
   * What a stream does that breaks after its first output. `error`: an error part and a finish.
   * `restart`: another target answers from the start; what it says alike is not repeated, what it
   * says otherwise comes in a text block of its own, marked `providerMetadata.pool.restarted`
   * (ai 4 has no blocks: there it ends with the error). After a tool call, a file or a source it
   * is always `error`. Default `error`.
   */
  readonly onMidStreamFailure?: 'error' | 'restart';
  /** Whether all calls go to the first target, without failover. Default false. */
  readonly bypass?: boolean;
  /** Listeners by event. */
  readonly on?: PoolListeners;
  /** A listener for every event. */
  readonly onEvent?: (event: PoolEvent) => unknown;
  /** Test seam. Default: the machine's clock. */
  readonly clock?: Clock;
  /** Test seam: 0 <= random() < 1. Default `Math.random`. */
  readonly random?: () => number;
}

/** Providers in fallback order, as a list or by name. */
export type ProvidersInput<E extends ProviderEntry = ProviderEntry> =
  | readonly E[]
  | Readonly<Record<string, Omit<E, 'name'>>>;

/** What `createPooledModel` and `createPool` take. */
export interface PoolConfig<P extends ProvidersInput = ProvidersInput> extends PoolSettings {
  /** In fallback order: a list, or a record whose keys are the names. */
  readonly providers: P;
}

/** `providerOptions.pool` of one call: plain JSON. */
export interface PoolCallOptions {
  /** These first, then the rest: providers or `provider/model`. Default: as `routing` says. */
  readonly order?: readonly string[];
  /** These and no others, in this order. Default: all. */
  readonly only?: readonly string[];
  /**
   * Calls with the same text go to the same key as long as it is open, for the sake of the
   * provider's prompt cache; where `routing` spreads calls over providers, to the same provider
   * too. Default: `providerOptions.openai.promptCacheKey`.
   */
  readonly affinity?: string;
  /** Longest sum of waits of this call in ms. Default: the pool's. */
  readonly maxWaitMs?: number;
  /** Time limits of this call, over every configured one. Default: the model's. */
  readonly timeouts?: Timeouts;
}
