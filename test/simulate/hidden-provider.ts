import {
  APICallError,
  type LanguageModelV4,
  type LanguageModelV4CallOptions,
  type LanguageModelV4GenerateResult,
  type LanguageModelV4StreamPart,
  type LanguageModelV4StreamResult,
} from '@ai-sdk/provider';
import { burstMinutes, hiddenLimit, type Counting, type HiddenLimit } from './hidden-limit.ts';
import { logNormal, type Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

const REFUSAL_MS = 50;
const LOOK_AGAIN_MS = 1_000;
const MEDIAN_MS = 1_000;
const SPREAD = 0.5;
/** At which share of its time a stream responds, and at which it shows its first text. */
const RESPONSE = 0.2;
const FIRST_TEXT = 0.3;

/** What a provider tells about its limits. */
export type Hint = 'retry-after' | 'headers' | 'nothing';

/** One call of one key, as the provider saw it. */
export interface Attempt {
  readonly key: number;
  readonly call: number;
  readonly at: number;
  /** The attempt's own time, in ms. */
  readonly ms: number;
  /** After so long the caller knows whether it is served: streams show it by their first text. */
  readonly knownMs: number;
  readonly served: boolean;
}

export interface HiddenProviderConfig {
  readonly counting: Counting;
  readonly hint: Hint;
  /** Requests (or tokens) per minute of each key. */
  readonly quotas: readonly number[];
  /** The key that each key shares its quota with: its own number, where it has one alone. */
  readonly accounts: readonly number[];
  /** In ms; 60,000 where it is not said. Buckets have none. */
  readonly windowMs?: number | undefined;
  /** How much of the quota a call takes. */
  readonly amount: (call: number) => number;
  /** Told before each attempt of a call. */
  readonly onAttempt: (call: number) => void;
}

/** The number of a call, which it takes along in its headers. */
export function numberOf({ headers }: LanguageModelV4CallOptions): number {
  return Number(headers?.['call']);
}

const usage = {
  inputTokens: { total: 10, noCache: 10, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 5, text: 5, reasoning: undefined },
};
const finishReason = { unified: 'stop' as const, raw: 'stop' };

/** A provider whose keys have quotas that its users do not know. */
export class HiddenProvider {
  readonly attempts: Attempt[] = [];
  /** Keys that are out of order, and what they answer: 429 as a limit, or 503. */
  readonly outages: Map<number, 429 | 503> = new Map();
  readonly #limits: readonly HiddenLimit[];
  readonly #config: HiddenProviderConfig;
  readonly #time: VirtualTime;
  readonly #random: Random;

  constructor(config: HiddenProviderConfig, time: VirtualTime, random: Random) {
    this.#config = config;
    this.#time = time;
    this.#random = random;
    this.#limits = config.quotas.map(quota => hiddenLimit(config.counting, quota, config.windowMs));
  }

  /** Buckets answer as OpenAI does; for windows there are no such headers, so it is nobody known. */
  get #family(): string {
    return burstMinutes(this.#config.counting) > 0 ? 'openai' : 'example';
  }

  /** Every answer says what is left. */
  get tellsQuotas(): boolean {
    return this.#config.hint === 'headers';
  }

  /** A refusal takes room, or time. */
  get refusalsCost(): boolean {
    const { counting } = this.#config;
    return counting === 'counts refusals' || counting === 'locks out';
  }

  #limit(key: number): HiddenLimit {
    const limit = this.#limits[this.#config.accounts[key] ?? key];
    if (limit === undefined) throw new Error(`no such key: ${key}`);
    return limit;
  }

  /** What nobody is told: in how many ms a call would be let in. Of an outage: look again then. */
  waitMs(key: number, call: number): number {
    if (this.outages.has(key)) return LOOK_AGAIN_MS;
    return this.#limit(key).waitMs(this.#time.now(), this.#config.amount(call));
  }

  resize(factor: number): void {
    for (const limit of this.#limits) limit.resize(factor);
  }

  /** The model object of one key. Its provider may have a name of its own. */
  model(key: number, name = this.#family): LanguageModelV4 {
    return {
      specificationVersion: 'v4',
      provider: `${name}.chat`,
      modelId: 'model',
      supportedUrls: {},
      doGenerate: options => this.#generate(key, options),
      doStream: options => this.#stream(key, options),
    };
  }

  async #generate(
    key: number,
    options: LanguageModelV4CallOptions,
  ): Promise<LanguageModelV4GenerateResult> {
    const { ms, headers } = await this.#begin(key, options, 1);
    await this.#time.sleep(ms);
    return {
      content: [{ type: 'text', text: 'Hello' }],
      finishReason,
      usage,
      warnings: [],
      response: { headers },
    };
  }

  async #stream(
    key: number,
    options: LanguageModelV4CallOptions,
  ): Promise<LanguageModelV4StreamResult> {
    const { ms, headers } = await this.#begin(key, options, FIRST_TEXT);
    const time = this.#time;
    await time.sleep(ms * RESPONSE);
    let pulls = 0;
    const stream = new ReadableStream<LanguageModelV4StreamPart>(
      {
        async pull(controller) {
          if (pulls++ === 0) {
            controller.enqueue({ type: 'stream-start', warnings: [] });
            await time.sleep(ms * (FIRST_TEXT - RESPONSE));
            controller.enqueue({ type: 'text-start', id: '1' });
            controller.enqueue({ type: 'text-delta', id: '1', delta: 'Hello' });
          } else {
            await time.sleep(ms * (1 - FIRST_TEXT));
            controller.enqueue({ type: 'text-end', id: '1' });
            controller.enqueue({ type: 'finish', finishReason, usage });
            controller.close();
          }
        },
      },
      { highWaterMark: 0 },
    );
    return { stream, response: { headers } };
  }

  /** Takes the request in, or refuses it after a short while. */
  async #begin(
    key: number,
    options: LanguageModelV4CallOptions,
    knownAfter: number,
  ): Promise<{ ms: number; headers: Record<string, string> }> {
    const at = this.#time.now();
    const call = numberOf(options);
    this.#config.onAttempt(call);
    options.abortSignal?.throwIfAborted();
    const amount = this.#config.amount(call);
    const limit = this.#limit(key);
    const outage = this.outages.get(key);
    const waitMs = limit.waitMs(at, amount);
    if (outage === undefined && waitMs === 0) {
      limit.take(at, amount);
      const ms = logNormal(this.#random, MEDIAN_MS, SPREAD);
      this.attempts.push({ key, call, at, ms, knownMs: ms * knownAfter, served: true });
      return { ms, headers: this.#quotaHeaders(limit, at) };
    }
    this.attempts.push({ key, call, at, ms: REFUSAL_MS, knownMs: REFUSAL_MS, served: false });
    if (outage === undefined) limit.refuse(at, amount);
    await this.#time.sleep(REFUSAL_MS);
    if (outage === 503) throw refusal(503, 'The server had an error', 'server_error', {});
    const { hint } = this.#config;
    // An outage that answers as a limit does not know when it ends.
    const headers: Record<string, string> =
      outage !== undefined
        ? {}
        : hint === 'retry-after'
          ? { 'retry-after': String(Math.ceil(limit.waitMs(at, amount) / 1_000)) }
          : this.#quotaHeaders(limit, at);
    throw refusal(429, 'Rate limit reached', 'rate_limit_exceeded', headers);
  }

  #quotaHeaders(limit: HiddenLimit, at: number): Record<string, string> {
    if (this.#config.hint !== 'headers') return {};
    const { limit: size, remaining, resetMs } = limit.standing(at);
    if (this.#family === 'openai') {
      return {
        'x-ratelimit-limit-requests': String(size),
        'x-ratelimit-remaining-requests': String(remaining),
        'x-ratelimit-reset-requests': `${Math.ceil(resetMs)}ms`,
      };
    }
    return {
      'x-ratelimit-limit': String(size),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': String(Math.ceil(resetMs / 1_000)),
    };
  }
}

function refusal(
  statusCode: number,
  message: string,
  code: string,
  responseHeaders: Record<string, string>,
): APICallError {
  return new APICallError({
    message,
    url: 'https://api.openai.com/v1/chat/completions',
    requestBodyValues: {},
    statusCode,
    responseHeaders,
    responseBody: JSON.stringify({ error: { message, type: 'requests', code } }),
  });
}
