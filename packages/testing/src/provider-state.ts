import type { FakeBrokenStream, FakeDelivery, FakeFault, FakeRefusalAnswer } from './fake-fault.ts';
import type { FakeAccountConfig } from './fake-limit-config.ts';
import type { Changes } from './fake-provider.ts';
import type {
  FakeKeyConfig,
  FakeModelConfig,
  FakeProviderCondition,
  FakeProviderConfig,
} from './fake-providers-config.ts';
import type { FakeLimitedBy, FakeRefusal } from './fake-request.ts';
import { Limit, type Refusing, type Taken } from './limit/limit.ts';
import {
  isDaily,
  quotaNames,
  type FakeQuota,
  type QuotaState,
  type QuotaStates,
} from './limit/quota-state.ts';
import { merged } from './merged.ts';
import type { Protocol, RefusedRequest, WireAnswer } from './protocols/protocol.ts';
import { scriptedAnswer } from './scripted-answer.ts';

/** What becomes of one request. */
export type Outcome =
  | Answer
  | {
      type: 'refuse';
      refusal: FakeRefusal;
      answer: WireAnswer;
      limitedBy?: FakeLimitedBy;
      retryAfterMs?: number;
    }
  | { type: 'reset' | 'hang'; refusal: FakeRefusal };

/** The request is served. */
interface Answer {
  type: 'answer';
  key: string;
  /** Where the provider keeps what it makes. */
  home: string;
  headers: Record<string, string>;
  /** How the answer is sent, where not as usual. */
  sent?: FakeBrokenStream | FakeDelivery | 'invalid-gzip';
  /** Counts tokens that the answer used beyond those of the prompt; may be negative. */
  takeTokens(tokens: number, now: number): void;
  /** The answer is over. To be called once. */
  leave(): void;
}

/** What a protocol read from a request. */
export interface ParsedRequest {
  secret: string | undefined;
  model: string | undefined;
  /** Those of its prompt. */
  tokens: number;
  path: string;
  stream: boolean;
  /** The prompt ends with a message of the assistant. */
  prefilled: boolean;
  /** The parsed JSON body. */
  body: unknown;
}

/** Whose next request meets a fault; what is left out may be any. */
interface FaultTarget {
  secret?: string;
  model?: string;
}

/** A limit that holds for a request. */
interface Holder {
  of: FakeLimitedBy['of'];
  limit: Limit;
}

/** One key: its id, its behaviour and its limit. */
interface KeyState {
  id: string;
  limit: Limit<FakeKeyConfig>;
}

/** The behaviour of one provider: everything but the wire. */
export class ProviderState {
  readonly protocol: Protocol;
  condition: FakeProviderCondition;
  private readonly name: string;
  private readonly clock: { now(): number };
  private readonly keys = new Map<string, KeyState>();
  private readonly accounts = new Map<string, Limit<FakeAccountConfig>>();
  private readonly models: Map<string, FakeModelConfig>;
  private readonly anyKeyIsGood: boolean;
  /** Secret -> id of keys that the provider does not know. */
  private readonly strangers = new Map<string, string>();
  private faults: { fault: FakeFault; only: FaultTarget }[] = [];
  /** Faults to meet in turn until a time. */
  private spell: { faults: readonly FakeFault[]; until: number; met: number } | undefined;

  constructor(
    name: string,
    protocol: Protocol,
    config: FakeProviderConfig,
    clock: { now(): number },
  ) {
    this.name = name;
    this.clock = clock;
    this.protocol = protocol;
    this.condition = config;
    this.anyKeyIsGood = config.keys === undefined;
    this.models = new Map(Object.entries(config.models ?? {}));
    for (const [secret, key] of Object.entries(config.keys ?? {})) this.addKey(secret, key);
    for (const [account, limit] of Object.entries(config.accounts ?? {})) {
      this.accounts.set(account, new Limit(limit, protocol.day, clock.now()));
    }
  }

  set(changes: Changes<FakeProviderCondition>): void {
    this.condition = merged(this.condition, changes);
  }

  setKey(secret: string, changes: Changes<Omit<FakeKeyConfig, 'id'>>): void {
    const key = this.keys.get(secret) ?? this.addKey(secret, {});
    key.limit.set(changes, this.clock.now());
  }

  setAccount(account: string, changes: Changes<FakeAccountConfig>): void {
    const now = this.clock.now();
    const limit = this.accounts.get(account) ?? new Limit({}, this.protocol.day, now);
    this.accounts.set(account, limit);
    limit.set(changes, now);
  }

  setModel(id: string, changes: Changes<FakeModelConfig>): void {
    this.models.set(id, merged(this.models.get(id) ?? {}, changes));
  }

  failNext(faults: readonly FakeFault[], only: FaultTarget = {}): void {
    for (const fault of faults) this.faults.push({ fault, only });
  }

  failFor(ms: number, faults: readonly FakeFault[]): void {
    this.spell = { faults, until: this.clock.now() + ms, met: 0 };
  }

  reset(): void {
    this.faults = [];
    this.spell = undefined;
    const now = this.clock.now();
    for (const { limit } of this.keys.values()) limit.refill(now);
    for (const limit of this.accounts.values()) limit.refill(now);
  }

  /** The id and account to record a secret by. */
  identify(secret: string | undefined): { id?: string; account?: string } {
    if (secret === undefined) return {};
    const key = this.keys.get(secret) ?? (this.anyKeyIsGood ? this.addKey(secret, {}) : undefined);
    if (key) {
      const { account } = key.limit.config;
      return { id: key.id, ...(account !== undefined && { account }) };
    }
    const id = this.strangers.get(secret) ?? `unlisted-${this.strangers.size + 1}`;
    this.strangers.set(secret, id);
    return { id };
  }

  /** The id of a secret that is listed or was seen. */
  keyId(secret: string): string | undefined {
    return this.keys.get(secret)?.id ?? this.strangers.get(secret);
  }

  /** What becomes of a request. Takes it out of the quotas when it is answered. */
  decide(parsed: ParsedRequest, now: number): Outcome {
    const { protocol } = this;
    const { secret, model = 'unknown', tokens, path, stream } = parsed;
    const key = secret === undefined ? undefined : this.keys.get(secret);
    const account = key?.limit.config.account ?? `${this.name}/${key?.id ?? 'unlisted'}`;
    const home = `${this.name} ${account}`;
    const request: RefusedRequest = { now, secret, account, home, model, path, stream, tokens };

    const { down = false } = this.condition;
    if (down === 'reset' || down === 'hang') return { type: down, refusal: 'down' };
    if (down !== false) {
      return refuse('down', protocol.failure(request, down === true ? 503 : down));
    }

    const fault = this.nextFault({ secret, model }, now);
    if (fault === 'reset' || fault === 'hang') return { type: fault, refusal: 'scripted' };
    const refused = this.scripted(fault, request, parsed);
    if (refused) return refused;

    if (!key || key.limit.config.invalid) {
      return refuse('invalid-key', protocol.invalidKey(request));
    }
    const { refuse: keyRefusal, noAccess, leaked } = key.limit.config;
    if (leaked) return refuse('leaked', protocol.leaked(request));
    const ofKey = this.scripted(keyRefusal ?? 'ok', request, parsed);
    if (ofKey) return ofKey;
    const unpaid = this.accountOf(key)?.config.unpaid || key.limit.config.unpaid;
    if (unpaid) return refuse('unpaid', protocol.unpaid(request, unpaid === 402));
    const behaviour = this.models.get(model) ?? {};
    if (behaviour.missing) return refuse('missing-model', protocol.missingModel(request));
    if (noAccess?.includes(model)) return refuse('no-access', protocol.noAccess(request));
    const modelRefusal = this.scripted(behaviour.refuse ?? 'ok', request, parsed);
    if (modelRefusal) return modelRefusal;
    if (behaviour.overloaded) return refuse('overloaded', protocol.overloaded(request));

    const holders = this.holdersOf(key);
    const taken: Taken = { model, tokens };
    const limited = this.limited(holders, taken, request);
    if (limited) return limited;
    const foreign = protocol.foreign?.(request, parsed.body);
    if (foreign) return refuse('foreign', foreign);
    for (const { limit } of holders) {
      limit.take(taken, now);
      limit.inFlight.enter(model);
    }
    return {
      type: 'answer',
      key: key.id,
      home: request.home,
      headers: protocol.healthyHeaders(request, statesOf(holders, model, now)),
      ...(isSent(fault) && { sent: fault }),
      takeTokens(more, then) {
        for (const { limit } of holders) limit.takeTokens({ model, tokens: more }, then);
      },
      leave() {
        for (const { limit } of holders) limit.inFlight.leave(model);
      },
    };
  }

  /** The refusal by the limit that lasts longest, of the key's and its account's. */
  private limited(
    holders: readonly Holder[],
    taken: Taken,
    request: RefusedRequest,
  ): Outcome | undefined {
    const { now, model } = request;
    const before = refusingOf(holders, taken, now);
    const tooLarge = before.find(({ waitMs }) => waitMs === Number.POSITIVE_INFINITY);
    const busy = holders.find(({ limit }) => limit.isBusy(model));
    if (before.length === 0 && !busy) return undefined;
    if (!tooLarge) for (const { limit } of holders) limit.refuse(taken, now);

    // Of refusals that count, only what is left after them is the truth.
    const after = before.length === 0 ? [] : refusingOf(holders, taken, now);
    const longest = after.reduce<(typeof after)[number] | undefined>(
      (found, one) => (found && found.waitMs >= one.waitMs ? found : one),
      undefined,
    );
    if (longest) return this.usedUp(longest, after, statesOf(holders, model, now), request);
    if (!busy) return undefined;
    const { maxConcurrency = 0, retryAfterMs = null } = busy.limit.config;
    return {
      type: 'refuse',
      refusal: 'rate-limit',
      limitedBy: { limit: 'maxConcurrency', of: busy.of },
      answer: this.protocol.busy(request, Math.max(1, maxConcurrency), retryAfterMs),
      ...(retryAfterMs !== null && { retryAfterMs }),
    };
  }

  private usedUp(
    { quota, state, requested, waitMs, of, limit }: Refusing & Holder,
    refusing: readonly Refusing[],
    states: QuotaStates,
    request: RefusedRequest,
  ): Outcome {
    const tooLarge = waitMs === Number.POSITIVE_INFINITY;
    const truth = tooLarge ? null : waitMs;
    const stated = (isDaily(quota) ? this.protocol.day.statedMs : undefined) ?? truth;
    const { retryAfterMs = tooLarge ? null : stated } = limit.config;
    const used = { quota, state, requested, refusing, states: { ...states, [quota]: state } };
    let refusal: FakeRefusal = isDaily(quota) ? 'quota' : 'rate-limit';
    if (tooLarge) refusal = 'too-large';
    return {
      type: 'refuse',
      refusal,
      limitedBy: { limit: quota, of },
      answer: this.protocol.usedUp(request, used, retryAfterMs),
      ...(retryAfterMs !== null && { retryAfterMs }),
    };
  }

  private holdersOf(key: KeyState): Holder[] {
    const own: Holder = { of: 'key', limit: key.limit };
    const shared = this.accountOf(key);
    return shared ? [{ of: 'account', limit: shared }, own] : [own];
  }

  private accountOf({ limit }: KeyState): Limit<FakeAccountConfig> | undefined {
    const { account } = limit.config;
    return account === undefined ? undefined : this.accounts.get(account);
  }

  private nextFault(asked: { secret: string | undefined; model: string }, now: number): FakeFault {
    const index = this.faults.findIndex(
      ({ only: { secret = asked.secret, model = asked.model } }) =>
        secret === asked.secret && model === asked.model,
    );
    const [next] = index < 0 ? [] : this.faults.splice(index, 1);
    if (next !== undefined) return next.fault;
    const { spell } = this;
    if (!spell || now >= spell.until) return 'ok';
    return spell.faults[spell.met++ % spell.faults.length] ?? 'ok';
  }

  /** The refusal that was asked for, where it concerns the request. */
  private scripted(
    given: FakeFault,
    request: RefusedRequest,
    { prefilled }: ParsedRequest,
  ): Outcome | undefined {
    if (isRefusal(given)) {
      const answer = scriptedAnswer(this.protocol, given, request);
      return { type: 'refuse', refusal: 'scripted', ...answer };
    }
    switch (given) {
      case 'html-page':
        return refuse('scripted', htmlPage);
      case 'context-length':
        return refuse('scripted', this.protocol.contextLength(request));
      case 'content-filter':
        return refuse('scripted', this.protocol.contentFilter(request));
      case 'no-prefill':
        return prefilled ? refuse('scripted', this.protocol.noPrefill(request)) : undefined;
      case 'ok':
      case 'reset':
      case 'hang':
      case 'invalid-gzip':
        return undefined;
    }
    // What is neither is an answer, however it is sent.
    return undefined;
  }

  private addKey(secret: string, config: FakeKeyConfig): KeyState {
    const id = config.id ?? `key-${this.keys.size + 1}`;
    const key = { id, limit: new Limit(config, this.protocol.day, this.clock.now()) };
    this.keys.set(secret, key);
    return key;
  }
}

function isRefusal(fault: FakeFault): fault is FakeRefusalAnswer {
  return typeof fault === 'object' && 'status' in fault;
}

function isSent(fault: FakeFault): fault is FakeBrokenStream | FakeDelivery | 'invalid-gzip' {
  return fault === 'invalid-gzip' || (typeof fault === 'object' && !isRefusal(fault));
}

/** What a proxy or a login wall answers in the API's place. */
const htmlPage: WireAnswer = {
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body:
    '<!doctype html>\n<html lang="en">\n<head><title>Sign in</title></head>\n' +
    '<body><h1>Sign in to continue</h1></body>\n</html>\n',
};

function refuse(refusal: FakeRefusal, answer: WireAnswer): Outcome {
  return { type: 'refuse', refusal, answer };
}

/** The quotas that refuse, the short windows first. */
function refusingOf(holders: readonly Holder[], taken: Taken, now: number): (Refusing & Holder)[] {
  const all = holders.flatMap(holder =>
    holder.limit.refusing(taken, now).map(refusing => ({ ...refusing, ...holder })),
  );
  return quotaNames.flatMap(name => all.filter(({ quota }) => quota === name));
}

/** The quotas as they stand: of key and account the one with less left. */
function statesOf(holders: readonly Holder[], model: string, now: number): QuotaStates {
  const least: Partial<Record<FakeQuota, QuotaState>> = {};
  for (const { limit } of holders) {
    const states = limit.states(model, now);
    for (const quota of quotaNames) {
      const state = states[quota];
      const other = least[quota];
      if (state && (!other || state.remaining < other.remaining)) least[quota] = state;
    }
  }
  return least;
}
