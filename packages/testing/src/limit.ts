import type { Changes } from './fake-provider.ts';
import type { FakeLimitConfig } from './fake-providers-config.ts';
import { merged } from './merged.ts';
import { fixedWindow, noQuota, tokenBucket, type Quota } from './quota.ts';

/** The limit of a key or an account: one quota, or one for each model. */
export class Limit<Config extends FakeLimitConfig = FakeLimitConfig> {
  config: Config;
  private readonly quotas = new Map<string, Quota>();

  constructor(config: Config) {
    this.config = config;
  }

  /** A limit that was changed starts full. */
  set(changes: Changes<Config>): void {
    this.config = merged(this.config, changes);
    if ('rpm' in changes || 'window' in changes || 'perModel' in changes) this.refill();
  }

  refill(): void {
    this.quotas.clear();
  }

  /** `undefined`: without limit. */
  quotaFor(model: string): Quota | undefined {
    const { rpm, window, perModel = false } = this.config;
    if (rpm === undefined) return undefined;
    const counted = perModel ? model : '';
    let quota = this.quotas.get(counted);
    if (!quota) {
      if (rpm === 0) quota = noQuota;
      else quota = window === 'token-bucket' ? tokenBucket(rpm) : fixedWindow(rpm);
      this.quotas.set(counted, quota);
    }
    return quota;
  }
}
