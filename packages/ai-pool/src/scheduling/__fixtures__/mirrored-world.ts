import { apiCallError, createVirtualClock, type VirtualClock } from '@ai-pool/testing';
import {
  createPooledModel,
  PoolExhaustedError,
  type KeyEntry,
  type Pool,
  type PoolEvent,
  type PoolSettings,
} from '../../index.ts';
import {
  FAILURES,
  Reference,
  type Attempt,
  type Failing,
  type Limit,
  type Outcome,
  type Rules,
  type Target,
} from './reference.ts';

const START = 1_800_000_000_000;
/** The same target is tried once more after so long, with a `random` of one half. */
const JITTER_MS = 100;

const ERRORS: Readonly<Record<Failing, () => Error>> = {
  limited: () => http(429),
  'limited for 3 s': () => http(429, '', { 'retry-after': '3' }),
  'limited for an hour': () => http(429, '', { 'retry-after': '3600' }),
  'bad key': () => http(401, '{"error":{"code":"invalid_api_key","message":"bad key"}}'),
  forbidden: () =>
    http(403, '{"error":{"code":"permission_denied","message":"no access to this model"}}'),
  gone: () => http(404, '{"error":{"code":"model_not_found","message":"no such model"}}'),
  broken: () => http(500),
  unreachable: () =>
    Object.assign(new TypeError('fetch failed'), {
      cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
    }),
  busy: () => http(503),
  'busy for 2 s': () => http(503, '', { 'retry-after': '2' }),
  'too long': () => http(400, '{"error":{"code":"context_length_exceeded"}}'),
  mistake: () => http(400, '{"error":{"message":"temperature: too hot"}}'),
};

function http(statusCode: number, responseBody = '', responseHeaders = {}): Error {
  return apiCallError({ statusCode, responseBody, responseHeaders });
}

/** What a world is made of. */
export interface WorldPlan {
  readonly providers: readonly {
    /** The account of each key. */
    readonly keys: readonly (string | undefined)[];
    readonly models: number;
    readonly weight: number;
    /** Of the provider, its first key, its first model, and its account `acme`. */
    readonly limits: Readonly<Record<'provider' | 'key' | 'model' | 'account', Limit | undefined>>;
  }[];
  readonly settings: Omit<Rules, 'limitsOf'> & Pick<PoolSettings, 'routing' | 'keySelection' | 'maxWaitMs'>;
}

/** Some provider, key and model, by numbers: of those that there are then. */
interface Some {
  readonly provider: number;
  readonly key: number;
  readonly model: number;
  readonly ofKey: boolean;
  readonly ofModel: boolean;
}

/** What may happen to a world, beside calls. */
export type Change =
  /** Upstream answers so, one after the other, again and again. */
  | ({ readonly type: 'turns'; readonly outcomes: readonly Outcome[] } & Some)
  | ({ readonly type: 'coolDown' | 'disable' | 'enable'; readonly ms: number } & Some)
  | { readonly type: 'reset'; readonly provider: number | null; readonly includes: boolean }
  | { readonly type: 'addKey' | 'removeKey'; readonly provider: number; readonly key: number }
  | {
      readonly type: 'setWeight';
      readonly provider: number;
      readonly key: number;
      readonly weight: number;
    };

interface KeyOf {
  readonly id: string;
  readonly account: string | undefined;
  readonly limit: Limit | undefined;
  weight: number;
  readonly usage: { attempts: number; successes: number; failures: number; aborted: number };
}

interface ProviderOf {
  readonly name: string;
  readonly limits: WorldPlan['providers'][number]['limits'];
  readonly keys: KeyOf[];
  readonly models: readonly string[];
}

/** One call, as its caller and upstream see it. */
interface CallOf {
  readonly id: number;
  readonly latencyMs: number;
  readonly only: string | undefined;
  readonly attempts: { readonly target: Target; outcome: Outcome | 'under way' | 'left' }[];
  underWay: { readonly attempt: Attempt; readonly stop: () => void } | undefined;
  /** When it did something last. */
  at: number;
  hasWaited: boolean;
  isOver: boolean;
}

const TROUBLES: ReadonlySet<unknown> = new Set(['broken', 'unreachable', 'busy', 'busy for 2 s']);

const nameOf = ({ provider: p, key, model }: Target): string => `${p}/${key}/${model}`;

/** A pool beside its reference: whatever happens happens to both. */
export class World {
  readonly clock: VirtualClock = createVirtualClock(START);
  readonly reference: Reference;
  readonly providers: ProviderOf[];
  /** All that there ever were, by id. */
  readonly keys: Map<string, KeyOf> = new Map();
  readonly events: PoolEvent[] = [];
  readonly calls: CallOf[] = [];
  /** What the pool did that it must not do. */
  readonly wrong: string[] = [];
  /** What upstream answers, by names that may leave the key or the model open. */
  readonly #moods = new Map<string, Outcome[]>();
  readonly #model: { readonly pool: Pool; doGenerate(options: object): Promise<unknown> };

  constructor(plan: WorldPlan) {
    this.providers = plan.providers.map(({ keys, models, limits }, p) => ({
      name: `p${p}`,
      limits,
      keys: keys.map((account, k) => this.#key(account, k === 0 ? limits.key : undefined)),
      models: Array.from({ length: models }, (_, m) => `m${m}`),
    }));
    const { limitMs, troubleMs, reprobe, disableAfter, ...others } = plan.settings;
    const now = (): number => this.clock.now();
    const limitsOf = (target: Target): (readonly [string, Limit])[] => this.#limitsOf(target);
    this.reference = new Reference(now, { limitMs, troubleMs, reprobe, disableAfter, limitsOf });
    this.#model = createPooledModel({
      providers: this.providers.map(({ name, keys, models, limits }, p) => ({
        name,
        keys: keys.map(entryOf),
        models: models.map((id, m) => ({ id, ...(m === 0 && limited(limits.model)) })),
        accounts: { acme: { ...limited(limits.account) } },
        ...limited(limits.provider),
        weight: plan.providers[p]?.weight ?? 1,
        create:
          ({ apiKey }: { apiKey: string }) =>
          (model: string) =>
            this.#member(name, apiKey, model),
      })),
      ...others,
      reprobe,
      cooldown:
        troubleMs === undefined
          ? { 'rate-limit': limitMs }
          : {
              'rate-limit': limitMs,
              'server-error': troubleMs,
              network: troubleMs,
              overloaded: troubleMs,
            },
      ...(disableAfter !== undefined && { disableAfter }),
      clock: this.clock,
      random: () => 0.5,
      onEvent: (event: PoolEvent) => this.events.push(event),
    } as never) as never;
  }

  get pool(): Pool {
    return this.#model.pool;
  }

  #limitsOf({ provider: p, key, account, model }: Target): (readonly [string, Limit])[] {
    const { limits } = this.providers.find(({ name }) => name === p)!;
    const ofModel = account === undefined ? `${p}/${key}/${model}` : `${p}/${account}/${model}`;
    const all = [
      [p, limits.provider],
      [`${p}/${key}`, this.keys.get(key)?.limit],
      [ofModel, model === 'm0' ? limits.model : undefined],
      [`${p}/${account}`, account === 'acme' ? limits.account : undefined],
    ] as const;
    return all.flatMap(([name, limit]) => (limit === undefined ? [] : [[name, limit] as const]));
  }

  #key(account: string | undefined, limit?: Limit): KeyOf {
    const usage = { attempts: 0, successes: 0, failures: 0, aborted: 0 };
    const key = { id: `k${this.keys.size}`, account, limit, weight: 1, usage };
    this.keys.set(key.id, key);
    return key;
  }

  #member(name: string, apiKey: string, model: string): object {
    return {
      specificationVersion: 'v4',
      provider: `${name}.chat`,
      modelId: model,
      supportedUrls: {},
      doStream: () => Promise.reject(new Error('not asked for')),
      doGenerate: (options: { prompt: { content: { text: string }[] }[] }) => {
        const call = this.calls[Number(options.prompt[0]?.content[0]?.text)]!;
        return this.#attempt(call, name, apiKey.slice('secret-of-'.length), model);
      },
    };
  }

  /** An attempt reaches upstream. */
  #attempt(call: CallOf, name: string, id: string, model: string): Promise<unknown> {
    const now = this.clock.now();
    const key = this.keys.get(id)!;
    const target = { provider: name, key: id, account: key.account, model };
    this.#checkBegin(call, target);
    const attempt = this.reference.dispatch(target, call.hasWaited);
    const record: CallOf['attempts'][number] = { target, outcome: 'under way' };
    call.attempts.push(record);
    call.at = now;
    const { usage } = key;
    usage.attempts++;
    return new Promise((resolve, reject) => {
      let timer = this.clock.setTimeout(() => {
        timer = this.#onceNoticed(() => {
          call.underWay = undefined;
          call.at = this.clock.now();
          const ends = this.#outcomeOf(target);
          record.outcome = ends;
          if (ends === 'ok') {
            usage.successes++;
            this.reference.succeed(attempt);
            const text = nameOf(target);
            resolve({ content: [{ type: 'text', text }], finishReason: 'stop', usage: {} });
          } else {
            usage.failures++;
            this.reference.fail(attempt, FAILURES[ends]);
            reject(ERRORS[ends]());
          }
        });
      }, call.latencyMs);
      call.underWay = {
        attempt,
        stop: () => {
          this.clock.clearTimeout(timer);
          record.outcome = 'left';
          usage.aborted++;
          this.reference.abort(attempt);
        },
      };
    });
  }

  /** At once, but for what time alone has changed: first that is noticed by both. */
  #onceNoticed(then: () => void): number {
    this.check();
    return this.clock.setTimeout(then, 0);
  }

  /** What upstream answers: by what is closest to the target. */
  #outcomeOf({ provider: p, key, model }: Target): Outcome {
    for (const name of [`${p}/${key}/${model}`, `${p}/${key}/`, `${p}//${model}`, `${p}//`]) {
      const mood = this.#moods.get(name);
      const next = mood?.shift();
      if (next === undefined) continue;
      mood?.push(next);
      return next;
    }
    return 'ok';
  }

  targets(only?: string): Target[] {
    return this.providers
      .filter(({ name }) => only === undefined || name === only)
      .flatMap(({ name, keys, models }) =>
        models.flatMap(model =>
          keys.map(({ id, account }) => ({ provider: name, key: id, account, model })),
        ),
      );
  }

  /** What a call that has nothing under way could use at once, beyond any doubt. */
  #free(call: CallOf): Target[] {
    return this.targets(call.only).filter(
      target =>
        this.weight(target) > 0 &&
        this.reference.openness(target) === 'open' &&
        !call.attempts.some(
          ({ target: { provider: p, model }, outcome: ended }) =>
            ended === 'too long' && p === target.provider && model === target.model,
        ),
    );
  }

  weight({ provider: p, key }: Target): number {
    const of = this.providers.find(({ name }) => name === p);
    return of?.keys.find(({ id }) => id === key)?.weight ?? 0;
  }

  #mustBe(isSo: boolean, what: string): void {
    if (!isSo && !this.reference.isLost) this.wrong.push(`${this.clock.now() - START} ms: ${what}`);
  }

  #checkBegin(call: CallOf, target: Target): void {
    const name = `call ${call.id} at ${nameOf(target)}`;
    const now = this.clock.now();
    this.#mustBe(this.weight(target) > 0, `${name}, which takes no part`);
    this.#mustBe(!call.isOver, `${name} after its end`);
    this.#mustBe(call.underWay === undefined, `${name} beside another attempt`);
    this.#mustBe((call.only ?? target.provider) === target.provider, `${name}, against its will`);
    // No attempt where a wall is, nor beside a probe.
    this.#mustBe(this.reference.openness(target) !== 'closed', `${name}, which is closed`);

    const last = call.attempts.at(-1);
    const isSecond =
      (last?.outcome === 'broken' || last?.outcome === 'unreachable') &&
      last.target.provider === target.provider;
    const before = call.attempts.filter(each => nameOf(each.target) === nameOf(target)).length;
    if (now > call.at && !(isSecond && now === call.at + JITTER_MS)) call.hasWaited = true;
    const troubles = call.attempts.filter(
      each => each.target.provider === target.provider && TROUBLES.has(each.outcome),
    );
    // What it closed may open by now: time has passed elsewhere, or others have got through.
    const isBack = before + troubles.length > 0;
    if (isBack && this.reference.openness(target) !== 'doubtful') call.hasWaited = true;
    this.#mustBe(before < (call.hasWaited ? 4 : 2), `${name} again after ${before} attempts`);
    if (call.hasWaited) return;
    // Each target once, while there is another one.
    const others = this.#free(call).filter(
      free => !call.attempts.some(each => each.target.provider === free.provider),
    );
    this.#mustBe(isSecond || before === 0 || others.length === 0, `${name} again, not elsewhere`);
    // Two attempts in the trouble of a provider; in that of its models one each, and one more.
    const { models } = this.providers.find(each => each.name === target.provider)!;
    const ofProvider = troubles.filter(({ outcome: ended }) => !ended.startsWith('busy')).length;
    const isMeasured = ofProvider < 2 && troubles.length <= models.length;
    this.#mustBe(isMeasured, `${name} after ${troubles.length} troubles there`);
  }

  #checkEnd(call: CallOf, error: unknown): void {
    const last = call.attempts.at(-1)?.outcome;
    if (error === 'left') return;
    if (!PoolExhaustedError.isInstance(error)) {
      const isRefusal = last === 'mistake' || last === 'too long';
      this.#mustBe(isRefusal, `call ${call.id} ends with ${String(error)}`);
      return;
    }
    const hasTried = (target: Target): boolean =>
      call.attempts.some(each => nameOf(each.target) === nameOf(target));
    const hasTrouble = (target: Target): boolean =>
      call.attempts.some(
        each => each.target.provider === target.provider && TROUBLES.has(each.outcome),
      );
    const missed = this.#free(call).find(target => !hasTried(target) && !hasTrouble(target));
    this.#mustBe(missed === undefined, `call ${call.id} fails beside ${missed && nameOf(missed)}`);
    if (call.hasWaited || this.clock.now() > call.at) return;
    // With nothing else left there is one attempt at once where a guess alone speaks against it.
    const left = this.targets(call.only).find(
      target =>
        this.reference.openness(target) === 'doubtful' &&
        this.weight(target) > 0 &&
        !call.attempts.some(each => each.target.provider === target.provider),
    );
    this.#mustBe(left === undefined, `call ${call.id} gives up before ${left && nameOf(left)}`);
  }

  async call(latencyMs: number, only?: string, leavesAfterMs?: number | null): Promise<void> {
    const call: CallOf = {
      id: this.calls.length,
      latencyMs,
      only,
      attempts: [],
      underWay: undefined,
      at: this.clock.now(),
      hasWaited: false,
      isOver: false,
    };
    this.calls.push(call);
    const leaving = new AbortController();
    if (typeof leavesAfterMs === 'number') {
      this.clock.setTimeout(() => {
        this.#onceNoticed(() => {
          if (call.isOver) return;
          call.underWay?.stop();
          call.underWay = undefined;
          call.isOver = true;
          leaving.abort('left');
        });
      }, leavesAfterMs);
    }
    try {
      const result = (await this.#model.doGenerate({
        prompt: [{ role: 'user', content: [{ type: 'text', text: `${call.id}` }] }],
        abortSignal: leaving.signal,
        ...(only !== undefined && { providerOptions: { pool: { only: [only] } } }),
      })) as { content: { text: string }[] };
      call.isOver = true;
      const last = call.attempts.at(-1);
      this.#mustBe(
        result.content[0]?.text === (last && nameOf(last.target)),
        `call ${call.id} has another one's answer`,
      );
    } catch (error) {
      this.#checkEnd(call, error);
      call.isOver = true;
    }
  }

  /** Does as it is told, to whatever there is. */
  change(what: Change): void {
    if (what.type === 'reset') {
      this.#reset(
        what.provider === null ? undefined : this.#providerOf(what.provider),
        what.includes,
      );
      return;
    }
    const { name, keys, models } = this.#providerOf(what.provider);
    const key = keys[what.key % keys.length]!;
    if (what.type === 'addKey') {
      const added = this.#key(key.account);
      keys.push(added);
      this.pool.addKey(name, entryOf(added));
    } else if (what.type === 'removeKey') {
      if (keys.length === 1) return;
      keys.splice(keys.indexOf(key), 1);
      this.pool.removeKey(name, key.id);
    } else if (what.type === 'setWeight') {
      key.weight = what.weight;
      this.pool.setWeight({ provider: name, key: key.id }, what.weight);
    } else if ('ofKey' in what) {
      const model = models[what.model % models.length]!;
      const parts = [what.ofKey ? key.id : '', what.ofModel ? model : ''] as const;
      if ('outcomes' in what) this.#moods.set([name, ...parts].join('/'), [...what.outcomes]);
      else this.#byHand(what.type, name, parts, what.ms);
    }
  }

  #providerOf(number: number): ProviderOf {
    return this.providers[number % this.providers.length]!;
  }

  #byHand(
    what: 'coolDown' | 'disable' | 'enable',
    name: string,
    [key, model]: readonly [string, string],
    ms: number,
  ): void {
    const scope = [key && 'key', model && 'model'].filter(Boolean).join('-') || 'provider';
    const path = `${scope} ${[name, key, model].filter(Boolean).join('/')}`;
    const ref = { provider: name, ...(key && { key }), ...(model && { model }) };
    this.reference[what](path, ms);
    if (what === 'coolDown') this.pool.coolDown(ref, ms);
    else this.pool[what](ref);
  }

  #reset(of: ProviderOf | undefined, includes: boolean): void {
    const keys = new Set(this.providers.flatMap(each => each.keys.map(({ id }) => id)));
    this.reference.reset(name => {
      const [scope = '', path = ''] = name.split(' ');
      const [p, key = ''] = path.split('/');
      return (of === undefined || of.name === p) && (!scope.startsWith('key') || keys.has(key));
    }, includes);
    this.pool.reset({
      ...(of !== undefined && { provider: of.name }),
      ...(includes && { include: ['disabled'] }),
    });
  }

  heal(): void {
    this.#moods.clear();
  }

  /** The pool shows what the reference holds. */
  check(): void {
    if (this.reference.isLost) return;
    for (const { name, keys, targets } of this.pool.status().providers) {
      for (const { id, usage } of keys) {
        const { attempts, aborted, successes, failures } = this.keys.get(id)!.usage;
        const { inFlight } = usage;
        const isCounted =
          usage.attempts === attempts &&
          usage.aborted === aborted &&
          usage.successes === successes &&
          usage.failures === failures &&
          attempts === aborted + successes + failures + inFlight;
        this.#mustBe(isCounted, `usage of ${name}/${id}: ${JSON.stringify(usage)}`);
      }
      for (const { key, model, state, until, headroom } of targets) {
        const target = { provider: name, key, account: this.keys.get(key)?.account, model };
        const held = this.reference.state(target);
        const isSame = held.state === state && held.until === until;
        this.#mustBe(isSame, `${nameOf(target)} is ${state} until ${until}, not ${show(held)}`);
        const room = this.reference.room(target);
        const isRoom = (headroom?.requests ?? Number.POSITIVE_INFINITY) === room;
        this.#mustBe(isRoom, `${nameOf(target)} has room for ${headroom?.requests}, not ${room}`);
      }
    }
  }

  checkWaiting(): void {
    if (this.reference.isLost) return;
    const now = this.clock.now();
    for (const call of this.calls) {
      if (call.isOver || call.underWay !== undefined) continue;
      if (now <= call.at + JITTER_MS) continue;
      const free = this.#free(call).filter(
        target => call.attempts.filter(each => nameOf(each.target) === nameOf(target)).length < 3,
      );
      this.#mustBe(free.length === 0, `call ${call.id} waits beside ${free.map(nameOf).join()}`);
    }
  }
}

const limited = (limits: Limit | undefined): { limits?: Limit } =>
  limits === undefined ? {} : { limits };

const entryOf = ({ id, account, limit }: KeyOf): KeyEntry => ({
  id,
  apiKey: `secret-of-${id}`,
  ...(account !== undefined && { account }),
  ...limited(limit),
});

const show = ({ state, until }: { state: string; until?: number }): string =>
  `${state} until ${until}`;

/** A closure as the reference writes it. */
export function closureOf(event: PoolEvent): string[] {
  if (event.type !== 'cooled' && event.type !== 'disabled') return [];
  const { scope, provider: p, key, account, model } = event;
  const name = `${scope} ${[p, account, key, model].filter(part => part !== undefined).join('/')}`;
  return [event.type === 'cooled' ? `cooled ${name} until ${event.until}` : `disabled ${name}`];
}

