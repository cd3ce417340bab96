import type { FakeBrokenStream, FakeFault, FakeRefusalAnswer } from './fake-fault.ts';
import type { Changes } from './fake-provider.ts';
import type {
  FakeKeyConfig,
  FakeLimitConfig,
  FakeModelConfig,
  FakeProviderCondition,
  FakeProviderConfig,
} from './fake-providers-config.ts';
import type { FakeRefusal } from './fake-request.ts';
import { Limit } from './limit.ts';
import { merged } from './merged.ts';
import type { Protocol, QuotaState, RefusedRequest, WireAnswer } from './protocols/protocol.ts';
import { scriptedAnswer } from './scripted-answer.ts';

/** What becomes of one request. */
export type Outcome =
  | { type: 'answer'; key: string; headers: Record<string, string>; cut?: FakeBrokenStream }
  | { type: 'refuse'; refusal: FakeRefusal; answer: WireAnswer; retryAfterMs?: number }
  | { type: 'reset' | 'hang'; refusal: FakeRefusal };

/** What a protocol read from a request. */
export interface ParsedRequest {
  secret: string | undefined;
  model: string | undefined;
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
  private readonly keys = new Map<string, KeyState>();
  private readonly accounts = new Map<string, Limit>();
  private readonly models: Map<string, FakeModelConfig>;
  private readonly anyKeyIsGood: boolean;
  /** Secret -> id of keys that the provider does not know. */
  private readonly strangers = new Map<string, string>();
  private faults: FakeFault[] = [];

  constructor(name: string, protocol: Protocol, config: FakeProviderConfig) {
    this.name = name;
    this.protocol = protocol;
    this.condition = config;
    this.anyKeyIsGood = config.keys === undefined;
    this.models = new Map(Object.entries(config.models ?? {}));
    for (const [secret, key] of Object.entries(config.keys ?? {})) this.addKey(secret, key);
    for (const [account, limit] of Object.entries(config.accounts ?? {})) {
      this.accounts.set(account, new Limit(limit));
    }
  }

  set(changes: Changes<FakeProviderCondition>): void {
    this.condition = merged(this.condition, changes);
  }

  setKey(secret: string, changes: Changes<Omit<FakeKeyConfig, 'id'>>): void {
    const key = this.keys.get(secret) ?? this.addKey(secret, {});
    key.limit.set(changes);
  }

  setAccount(account: string, changes: Changes<FakeLimitConfig>): void {
    const limit = this.accounts.get(account) ?? new Limit({});
    this.accounts.set(account, limit);
    limit.set(changes);
  }

  setModel(id: string, changes: Changes<FakeModelConfig>): void {
    this.models.set(id, merged(this.models.get(id) ?? {}, changes));
  }

  failNext(faults: readonly FakeFault[]): void {
    this.faults.push(...faults);
  }

  reset(): void {
    this.faults = [];
    for (const { limit } of this.keys.values()) limit.refill();
    for (const limit of this.accounts.values()) limit.refill();
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
  decide({ secret, model = 'unknown' }: ParsedRequest, now: number): Outcome {
    const { protocol } = this;
    const key = secret === undefined ? undefined : this.keys.get(secret);
    const account = key?.limit.config.account ?? `${this.name}/${key?.id ?? 'unlisted'}`;
    const request: RefusedRequest = { now, secret, account, model };

    const { down = false } = this.condition;
    if (down === 'reset' || down === 'hang') return { type: down, refusal: 'down' };
    if (down !== false) {
      return refuse('down', protocol.failure(request, down === true ? 503 : down));
    }

    const fault = this.faults.shift() ?? 'ok';
    if (fault === 'reset' || fault === 'hang') return { type: fault, refusal: 'scripted' };
    if (fault !== 'ok' && 'status' in fault) return this.scripted(fault, request);

    if (!key || key.limit.config.invalid) {
      return refuse('invalid-key', protocol.invalidKey(request));
    }
    const { refuse: keyRefusal, noAccess } = key.limit.config;
    if (keyRefusal) return this.scripted(keyRefusal, request);
    const behaviour = this.models.get(model) ?? {};
    if (behaviour.missing) return refuse('missing-model', protocol.missingModel(request));
    if (noAccess?.includes(model)) return refuse('no-access', protocol.noAccess(request));
    if (behaviour.refuse) return this.scripted(behaviour.refuse, request);
    if (behaviour.overloaded) return refuse('overloaded', protocol.overloaded(request));

    const limited = this.rateLimited(key, request);
    if (limited) return limited;
    for (const limit of this.limitsOf(key)) limit.quotaFor(model)?.take(now);
    const quota = this.limitsOf(key)
      .map(limit => limit.quotaFor(model)?.state(now))
      .filter(state => state !== undefined)
      .reduce<QuotaState | undefined>(
        (least, state) => (least && least.remaining <= state.remaining ? least : state),
        undefined,
      );
    return {
      type: 'answer',
      key: key.id,
      headers: protocol.healthyHeaders(request, quota),
      ...(fault !== 'ok' && { cut: fault }),
    };
  }

  /** The refusal by the limit that lasts longest, of the key's and its account's. */
  private rateLimited(key: KeyState, request: RefusedRequest): Outcome | undefined {
    const { now, model } = request;
    let longest: { waitMs: number; limit: Limit; state: QuotaState } | undefined;
    for (const limit of this.limitsOf(key)) {
      const quota = limit.quotaFor(model);
      const waitMs = quota?.waitMs(now) ?? 0;
      if (quota && waitMs > (longest?.waitMs ?? 0)) {
        longest = { waitMs, limit, state: quota.state(now) };
      }
    }
    if (!longest) return undefined;
    const { retryAfterMs = longest.waitMs } = longest.limit.config;
    return {
      type: 'refuse',
      refusal: 'rate-limit',
      answer: this.protocol.rateLimit(request, longest.state, retryAfterMs),
      ...(retryAfterMs !== null && { retryAfterMs }),
    };
  }

  private limitsOf({ limit }: KeyState): Limit[] {
    const { account } = limit.config;
    const shared = account === undefined ? undefined : this.accounts.get(account);
    return shared ? [shared, limit] : [limit];
  }

  private scripted(given: FakeRefusalAnswer, request: RefusedRequest): Outcome {
    return {
      type: 'refuse',
      refusal: 'scripted',
      ...scriptedAnswer(this.protocol, given, request),
    };
  }

  private addKey(secret: string, config: FakeKeyConfig): KeyState {
    const id = config.id ?? `key-${this.keys.size + 1}`;
    const key = { id, limit: new Limit(config) };
    this.keys.set(secret, key);
    return key;
  }
}

function refuse(refusal: FakeRefusal, answer: WireAnswer): Outcome {
  return { type: 'refuse', refusal, answer };
}
