import type { FakeBrokenStream, FakeFault, FakeRefusalAnswer } from './fake-fault.ts';
import { FakeKey } from './fake-key.ts';
import type { Changes } from './fake-provider.ts';
import type {
  FakeKeyConfig,
  FakeModelConfig,
  FakeProviderCondition,
  FakeProviderConfig,
} from './fake-providers-config.ts';
import type { FakeRefusal } from './fake-request.ts';
import { merged } from './merged.ts';
import type { Protocol, RefusedRequest, WireAnswer } from './protocols/protocol.ts';

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

/** The behaviour of one provider: everything but the wire. */
export class ProviderState {
  readonly protocol: Protocol;
  condition: FakeProviderCondition;
  private readonly keys = new Map<string, FakeKey>();
  private readonly anyKeyIsGood: boolean;
  private readonly strangers = new Map<string, string>();
  private readonly models: Map<string, FakeModelConfig>;
  private faults: FakeFault[] = [];

  constructor(protocol: Protocol, config: FakeProviderConfig) {
    this.protocol = protocol;
    this.condition = config;
    this.anyKeyIsGood = config.keys === undefined;
    this.models = new Map(Object.entries(config.models ?? {}));
    for (const [secret, key] of Object.entries(config.keys ?? {})) this.addKey(secret, key);
  }

  set(changes: Changes<FakeProviderCondition>): void {
    this.condition = merged(this.condition, changes);
  }

  setKey(secret: string, changes: Changes<Omit<FakeKeyConfig, 'id'>>): void {
    (this.keys.get(secret) ?? this.addKey(secret, {})).set(changes);
  }

  setModel(id: string, changes: Changes<FakeModelConfig>): void {
    this.models.set(id, merged(this.models.get(id) ?? {}, changes));
  }

  failNext(faults: readonly FakeFault[]): void {
    this.faults.push(...faults);
  }

  reset(): void {
    this.faults = [];
    for (const key of this.keys.values()) key.refill();
  }

  /** The id and account to record a secret by. */
  identify(secret: string | undefined): { id?: string; account?: string } {
    if (secret === undefined) return {};
    const key = this.keys.get(secret) ?? (this.anyKeyIsGood ? this.addKey(secret, {}) : undefined);
    if (key) {
      const { account } = key.config;
      return { id: key.id, ...(account !== undefined && { account }) };
    }
    const known = this.strangers.get(secret);
    if (known !== undefined) return { id: known };
    const id = `unlisted-${this.strangers.size + 1}`;
    this.strangers.set(secret, id);
    return { id };
  }

  /** The id of a secret that is configured or was seen. */
  keyId(secret: string): string | undefined {
    return this.keys.get(secret)?.id ?? this.strangers.get(secret);
  }

  decide(request: ParsedRequest, now: number): Outcome {
    const { down = false } = this.condition;
    const key = request.secret === undefined ? undefined : this.keys.get(request.secret);
    const model = request.model ?? 'unknown';
    const refused: RefusedRequest = {
      now,
      secret: request.secret,
      account: key?.account ?? 'unknown',
      model,
    };
    const { protocol } = this;

    if (down === 'reset' || down === 'hang') return { type: down, refusal: 'down' };
    if (down !== false) {
      return refuse('down', protocol.failure(refused, down === true ? 503 : down));
    }

    const fault = this.faults.shift() ?? 'ok';
    if (fault === 'reset' || fault === 'hang') return { type: fault, refusal: 'scripted' };
    if (fault !== 'ok' && 'status' in fault) return this.freeForm(fault, refused, key);

    if (!key || key.config.invalid) return refuse('invalid-key', protocol.invalidKey(refused));
    if (key.config.refuse) return this.freeForm(key.config.refuse, refused, key);
    const behaviour = this.models.get(model) ?? {};
    if (behaviour.missing) return refuse('missing-model', protocol.missingModel(refused));
    if (key.config.noAccess?.includes(model)) {
      return refuse('no-access', protocol.noAccess(refused));
    }
    if (behaviour.refuse) return this.freeForm(behaviour.refuse, refused, key);
    if (behaviour.overloaded) return refuse('overloaded', protocol.overloaded(refused));

    const { quota } = key;
    if (quota && !quota.take(now)) {
      const stated =
        key.config.retryAfterMs === undefined ? quota.waitMs(now) : key.config.retryAfterMs;
      return {
        type: 'refuse',
        refusal: 'rate-limit',
        answer: protocol.rateLimit(refused, quota.state(now), stated),
        ...(stated !== null && { retryAfterMs: stated }),
      };
    }
    return {
      type: 'answer',
      key: key.id,
      headers: protocol.healthyHeaders(refused, quota?.state(now)),
      ...(fault !== 'ok' && { cut: fault }),
    };
  }

  private freeForm(given: FakeRefusalAnswer, refused: RefusedRequest, key?: FakeKey): Outcome {
    const stated = given.retryAfterMs === undefined ? 60_000 : given.retryAfterMs;
    const limited = given.status === 429 && given.body === undefined;
    const answer = this.freeFormAnswer(given, refused, stated, key);
    return {
      type: 'refuse',
      refusal: 'scripted',
      answer: { ...answer, headers: { ...answer.headers, ...given.headers } },
      ...(limited && stated !== null && { retryAfterMs: stated }),
    };
  }

  private freeFormAnswer(
    { status, body }: FakeRefusalAnswer,
    refused: RefusedRequest,
    retryAfterMs: number | null,
    key: FakeKey | undefined,
  ): WireAnswer {
    if (typeof body === 'string') return { status, headers: {}, body };
    if (body !== undefined) {
      return {
        status,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      };
    }
    const { protocol } = this;
    switch (status) {
      case 429: {
        const quota = key?.quota?.state(refused.now) ?? {
          limit: 10,
          remaining: 0,
          resetMs: 60_000,
        };
        return protocol.rateLimit(refused, { ...quota, remaining: 0 }, retryAfterMs);
      }
      case 401:
        return protocol.invalidKey(refused);
      case 403:
        return protocol.noAccess(refused);
      case 404:
        return protocol.missingModel(refused);
      default:
        return protocol.failure(refused, status);
    }
  }

  private addKey(secret: string, config: FakeKeyConfig): FakeKey {
    const key = new FakeKey(config.id ?? `key-${this.keys.size + 1}`, config);
    this.keys.set(secret, key);
    return key;
  }
}

function refuse(refusal: FakeRefusal, answer: WireAnswer): Outcome {
  return { type: 'refuse', refusal, answer };
}
