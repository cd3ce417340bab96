import type { FakeLimitConfig } from '../fake-limit-config.ts';
import type { Changes } from '../fake-provider.ts';
import { merged } from '../merged.ts';
import type { Counter } from './counter.ts';
import { fixedWindow, lasting } from './fixed-window.ts';
import { InFlight } from './in-flight.ts';
import { noQuota } from './no-quota.ts';
import type { ProviderDay } from './provider-day.ts';
import {
  countsTokens,
  isDaily,
  quotaNames,
  type FakeQuota,
  type QuotaState,
  type QuotaStates,
} from './quota-state.ts';
import { tokenBucket } from './token-bucket.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** What one request takes out of a limit. */
export interface Taken {
  model: string;
  tokens: number;
}

/** A quota that refuses a request. */
export interface Refusing {
  quota: FakeQuota;
  /** Milliseconds until it would serve the request; infinite: never, the request is too large. */
  waitMs: number;
  requested: number;
  state: QuotaState;
}

/** The limit of a key or an account: its quotas, each one for all models or one for each. */
export class Limit<Config extends FakeLimitConfig = FakeLimitConfig> {
  config: Config;
  /** Requests that are being answered. */
  readonly inFlight: InFlight = new InFlight();
  private readonly day: ProviderDay;
  private readonly counters = new Map<FakeQuota, Map<string, Counter>>();
  /** When `dailyQuotaUsedUp` was said. */
  private usedUpAt: number;

  constructor(config: Config, day: ProviderDay, now: number) {
    this.config = config;
    this.day = day;
    this.usedUpAt = now;
  }

  /** A quota that was changed starts full. */
  set(changes: Changes<Config>, now: number): void {
    this.config = merged(this.config, changes);
    const counted = 'window' in changes || 'perModel' in changes;
    for (const quota of quotaNames) if (counted || quota in changes) this.counters.delete(quota);
    if ('dailyQuotaUsedUp' in changes) {
      this.counters.delete('rpd');
      this.usedUpAt = now;
    }
  }

  /** Forgets what was counted. */
  refill(now: number): void {
    this.counters.clear();
    this.usedUpAt = now;
  }

  /** The quotas that refuse a request, the short windows first. */
  refusing(taken: Taken, now: number): Refusing[] {
    const found: Refusing[] = [];
    for (const [quota, counter] of this.countersFor(taken.model)) {
      const requested = amountOf(quota, taken);
      const waitMs = counter.waitMs(now, requested);
      if (waitMs > 0) found.push({ quota, waitMs, requested, state: counter.state(now) });
    }
    return found;
  }

  /** Whether `maxConcurrency` requests are being answered. */
  isBusy(model: string): boolean {
    const { maxConcurrency, perModel = false } = this.config;
    if (maxConcurrency === undefined) return false;
    return this.inFlight.count(perModel ? model : undefined) >= maxConcurrency;
  }

  /** Counts a request that is served. */
  take(taken: Taken, now: number): void {
    for (const [quota, counter] of this.countersFor(taken.model)) {
      counter.take(now, amountOf(quota, taken));
    }
  }

  /** Counts a request that is refused, by whatever limit, where refusals are counted. */
  refuse(taken: Taken, now: number): void {
    if (!this.config.countsRefusals) return;
    for (const [quota, counter] of this.countersFor(taken.model)) {
      counter.refuse(now, amountOf(quota, taken));
    }
  }

  /** Counts tokens that were not known when the request was taken in. */
  takeTokens({ model, tokens }: Taken, now: number): void {
    for (const [quota, counter] of this.countersFor(model)) {
      if (countsTokens(quota)) counter.take(now, tokens);
    }
  }

  states(model: string, now: number): QuotaStates {
    const states: Partial<Record<FakeQuota, QuotaState>> = {};
    for (const [quota, counter] of this.countersFor(model)) states[quota] = counter.state(now);
    return states;
  }

  private *countersFor(model: string): Iterable<[FakeQuota, Counter]> {
    const counted = this.config.perModel === true ? model : '';
    for (const quota of quotaNames) {
      const limit = this.sizeOf(quota);
      if (limit === undefined) continue;
      let counters = this.counters.get(quota);
      if (!counters) this.counters.set(quota, (counters = new Map()));
      let counter = counters.get(counted);
      if (!counter) {
        counter = this.createCounter(quota, limit);
        if (quota === 'rpd' && this.config.dailyQuotaUsedUp) counter.drain(this.usedUpAt);
        counters.set(counted, counter);
      }
      yield [quota, counter];
    }
  }

  private sizeOf(quota: FakeQuota): number | undefined {
    const size = this.config[quota];
    if (size === undefined && quota === 'rpd' && this.config.dailyQuotaUsedUp) {
      return this.day.requests;
    }
    return size;
  }

  private createCounter(quota: FakeQuota, limit: number): Counter {
    const windowEnd = isDaily(quota) ? this.day.end : lasting(minuteMs);
    if (limit === 0) return noQuota(countsTokens(quota) ? 1_000_000 : 10, windowEnd);
    if (this.windowOf(quota) === 'fixed') return fixedWindow(limit, windowEnd);
    return tokenBucket(limit, isDaily(quota) ? dayMs : minuteMs);
  }

  private windowOf(quota: FakeQuota): 'fixed' | 'token-bucket' {
    const { window } = this.config;
    const given = typeof window === 'object' ? window[quota] : undefined;
    if (given !== undefined) return given;
    if (isDaily(quota)) return this.day.window;
    return typeof window === 'string' ? window : 'fixed';
  }
}

function amountOf(quota: FakeQuota, { tokens }: Taken): number {
  return countsTokens(quota) ? tokens : 1;
}
