import { describe, expect, it } from 'vitest';
import { ToldLimits, type ToldLimit } from './told-limits.ts';

const requests = (remaining: number, resetMs = 60_000, limit = 60): ToldLimit => ({
  name: 'requests',
  counts: 'requests',
  limit,
  remaining,
  resetMs,
});

describe('limits that headers tell', () => {
  it('let through what is left, and no more until the reset', () => {
    const told = new ToldLimits(() => undefined);
    told.tell([requests(2)], false, 1_000);
    expect(told.looksAgainAt(1_000)).toBe(1_000);
    told.begun();
    told.begun();
    expect(told.looksAgainAt(1_000)).toBe(61_000);
    expect(told.looksAgainAt(61_000)).toBe(61_000);
  });

  it('count what is in flight: the provider may not have seen it', () => {
    const told = new ToldLimits(() => undefined);
    for (let i = 0; i < 3; i++) told.begun();
    told.tell([requests(3)], false, 1_000);
    expect(told.looksAgainAt(1_000)).toBe(61_000);
    told.ended();
    told.tell([requests(3)], false, 1_100);
    expect(told.looksAgainAt(1_100)).toBe(1_100);
  });

  it('wait for one request where the reset is that of the whole bucket', () => {
    const told = new ToldLimits(() => undefined);
    told.tell([requests(0)], true, 1_000);
    expect(told.looksAgainAt(1_000)).toBe(2_000);
  });

  it('close for tokens only when none are left', () => {
    const told = new ToldLimits(() => undefined);
    const tokens = { name: 'tokens', counts: 'tokens', limit: 1_000, resetMs: 5_000 };
    told.begun();
    told.tell([{ ...tokens, remaining: 1 }], false, 0);
    expect(told.looksAgainAt(0)).toBe(0);
    told.tell([{ ...tokens, remaining: 0 }], false, 0);
    expect(told.looksAgainAt(0)).toBe(5_000);
  });

  it('say nothing without a remainder or a reset, and forget at a refusal', () => {
    const told = new ToldLimits(() => undefined);
    told.tell([{ name: 'requests', counts: 'requests', limit: 60 }], false, 0);
    expect(told.looksAgainAt(0)).toBe(0);
    told.tell([requests(0)], false, 0);
    told.forget();
    expect(told.looksAgainAt(0)).toBe(0);
  });
});
