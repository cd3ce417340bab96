import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { numberOf, type HiddenProvider } from './hidden-provider.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The pool's own default. */
const DEFAULT_MAX_WAIT_MS = 5_000;

/** When somebody who cannot be surprised twice comes to know a limit. */
type Knows =
  /** From its first refusal on, or from its first answer where answers have headers. */
  | 'once told'
  /** With each refusal when there is room again, and nothing of how much. */
  | 'each time';

interface Options {
  readonly provider: HiddenProvider;
  readonly keys: number;
  readonly time: VirtualTime;
  readonly maxWaitMs?: number | undefined;
  readonly knows: Knows;
}

interface Caller {
  /** Earlier ones are served first. */
  readonly call: number;
  readonly until: number;
  start(key: number): void;
  giveUp(): void;
}

/**
 * What can be reached by somebody who has to be refused to know a limit: from then on it sees the
 * limit itself, with all that anybody has used of it, as no real pool can, and it knows of a
 * refusal at the moment of it. All keys are used in turn. Where a refusal costs what was there,
 * it costs the less the sooner it comes: there what is known is used first, and of the others one
 * until it has refused.
 */
export function knownLimits(options: Options): LanguageModelV4 {
  const callers = new Callers(options);
  return {
    ...options.provider.model(0),
    doGenerate: sent => callers.ask(sent, model => model.doGenerate(sent)),
    doStream: sent => callers.ask(sent, model => model.doStream(sent)),
  };
}

class Callers {
  readonly #options: Options;
  readonly #models: readonly LanguageModelV4[];
  readonly #known = new Set<number>();
  /** Of keys that have refused, by number: epoch ms. */
  readonly #closedUntil: number[];
  /** Higher is later. */
  readonly #lastUse: number[];
  #uses = 0;
  readonly #waiting: Caller[] = [];
  #timer: unknown;

  constructor(options: Options) {
    this.#options = options;
    this.#models = Array.from({ length: options.keys }, (_, key) => options.provider.model(key));
    this.#closedUntil = this.#models.map(() => 0);
    this.#lastUse = this.#models.map(() => 0);
  }

  ask<T>(
    sent: LanguageModelV4CallOptions,
    send: (model: LanguageModelV4) => PromiseLike<T>,
  ): Promise<T> {
    const { time, maxWaitMs = DEFAULT_MAX_WAIT_MS } = this.#options;
    const call = numberOf(sent);
    return new Promise((resolve, reject) => {
      const caller: Caller = {
        call,
        until: time.now() + maxWaitMs,
        start: key => {
          void this.#attempt(key, call, send).then(resolve, () => this.#enter(caller));
        },
        giveUp: () => reject(new Error('No key in time')),
      };
      this.#enter(caller);
    });
  }

  async #attempt<T>(
    key: number,
    call: number,
    send: (model: LanguageModelV4) => PromiseLike<T>,
  ): Promise<T> {
    const { provider, time } = this.#options;
    this.#lastUse[key] = ++this.#uses;
    const isRefused = provider.waitMs(key, call) > 0;
    // It is in at the provider when this returns, or refused.
    const answer = send(this.#models[key] as LanguageModelV4);
    if (isRefused) {
      this.#known.add(key);
      this.#closedUntil[key] = time.now() + provider.waitMs(key, call);
    }
    const answered = await answer;
    if (provider.tellsQuotas) this.#known.add(key);
    return answered;
  }

  #enter(caller: Caller): void {
    this.#waiting.push(caller);
    this.#waiting.sort((a, b) => a.call - b.call);
    this.#serve();
  }

  #serve(): void {
    const { time } = this.#options;
    time.clearTimeout(this.#timer);
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const { call, until } = next;
      const key = this.#choose(call);
      const now = time.now();
      if (key === undefined && now < until) {
        const waits = this.#models.map((_, each) => this.#waitMs(each, call));
        const ms = Math.max(Math.ceil(Math.min(...waits, until - now)), 1);
        this.#timer = time.setTimeout(() => this.#serve(), ms);
        return;
      }
      this.#waiting.shift();
      if (key === undefined) next.giveUp();
      else next.start(key);
    }
  }

  /** As far as it is known. */
  #waitMs(key: number, call: number): number {
    const { provider, knows, time } = this.#options;
    if (knows === 'each time') return Math.max((this.#closedUntil[key] ?? 0) - time.now(), 0);
    return this.#known.has(key) ? provider.waitMs(key, call) : 0;
  }

  #choose(call: number): number | undefined {
    let best: number | undefined;
    let bestRank = Number.POSITIVE_INFINITY;
    for (const key of this.#models.keys()) {
      if (this.#waitMs(key, call) > 0) continue;
      const rank = this.#rank(key);
      if (rank < bestRank) [best, bestRank] = [key, rank];
    }
    return best;
  }

  #rank(key: number): number {
    const lastUse = this.#lastUse[key] ?? 0;
    const isSought = this.#options.provider.refusalsCost && !this.#known.has(key);
    return isSought ? Number.MAX_SAFE_INTEGER - lastUse : lastUse;
  }
}
