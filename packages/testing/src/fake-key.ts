import type { Changes } from './fake-provider.ts';
import type { FakeKeyConfig } from './fake-providers-config.ts';
import { merged } from './merged.ts';
import { fixedWindow, tokenBucket, type Quota } from './quota.ts';

/** One key of a fake provider: its behaviour and its quota. */
export class FakeKey {
  readonly id: string;
  config: FakeKeyConfig;
  quota: Quota | undefined;

  constructor(id: string, config: FakeKeyConfig) {
    this.id = id;
    this.config = config;
    this.quota = quotaOf(config);
  }

  /** What limits of this key are counted by. */
  get account(): string {
    return this.config.account ?? this.id;
  }

  /** A changed quota starts full. */
  set(changes: Changes<FakeKeyConfig>): void {
    this.config = merged(this.config, changes);
    if ('rpm' in changes || 'quota' in changes) this.refill();
  }

  refill(): void {
    this.quota = quotaOf(this.config);
  }
}

function quotaOf({ rpm, quota }: FakeKeyConfig): Quota | undefined {
  if (rpm === undefined) return undefined;
  return quota === 'token-bucket' ? tokenBucket(rpm) : fixedWindow(rpm);
}
