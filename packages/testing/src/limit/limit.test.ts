import { describe, expect, test } from 'vitest';
import type { FakeLimitConfig } from '../fake-limit-config.ts';
import { lasting } from './fixed-window.ts';
import { Limit } from './limit.ts';
import type { ProviderDay } from './provider-day.ts';

const day: ProviderDay = { end: lasting(1_000_000), window: 'fixed', requests: 20 };
const limitOf = (config: FakeLimitConfig): Limit => new Limit(config, day, 0);
const one = { model: 'a', tokens: 10 };

/** Names and waits of what refuses. */
const refusing = (limit: Limit, taken = one, now = 0): [string, number][] =>
  limit.refusing(taken, now).map(({ quota, waitMs }) => [quota, waitMs]);

describe('a limit', () => {
  test('of nothing refuses nothing', () => {
    const limit = limitOf({});
    limit.take(one, 0);
    expect(refusing(limit)).toEqual([]);
    expect(limit.states('a', 0)).toEqual({});
  });

  test('counts all its quotas at once', () => {
    const limit = limitOf({ rpm: 2, tpm: 100, rpd: 3, tpd: 25 });
    limit.take(one, 0);
    expect(limit.states('a', 0)).toEqual({
      rpm: { limit: 2, remaining: 1, resetMs: 60_000 },
      tpm: { limit: 100, remaining: 90, resetMs: 60_000 },
      rpd: { limit: 3, remaining: 2, resetMs: 1_000_000 },
      tpd: { limit: 25, remaining: 15, resetMs: 1_000_000 },
    });
    limit.take(one, 0);
    expect(refusing(limit)).toEqual([
      ['rpm', 60_000],
      ['tpd', 1_000_000],
    ]);
    expect(refusing(limit, one, 60_000)).toEqual([['tpd', 940_000]]);
    expect(refusing(limit, one, 1_000_000)).toEqual([]);
  });

  test('counts each quota by its own window', () => {
    const window = { rpm: 'token-bucket', rpd: 'token-bucket' } as const;
    const limit = limitOf({ rpm: 6, tpm: 60, rpd: 864, window });
    for (let request = 0; request < 6; request += 1) limit.take(one, 0);
    expect(refusing(limit)).toEqual([
      ['rpm', 10_000],
      ['tpm', 60_000],
    ]);
    expect(limit.states('a', 0).rpd?.resetMs).toBeCloseTo(600_000, 5);
  });

  test('says a window for the quotas of a minute', () => {
    const limit = limitOf({ rpm: 1, rpd: 1, window: 'token-bucket' });
    limit.take(one, 0);
    limit.take(one, 0);
    expect(limit.states('a', 0)).toMatchObject({
      rpm: { resetMs: 120_000 },
      rpd: { resetMs: 1_000_000 },
    });
  });

  test('of 0 refuses everything, and names a limit all the same', () => {
    const limit = limitOf({ rpm: 0, tpm: 0, rpd: 0, tpd: 0, maxConcurrency: 0 });
    limit.take(one, 0);
    limit.refuse(one, 0);
    expect(refusing(limit)).toEqual([
      ['rpm', 60_000],
      ['tpm', 60_000],
      ['rpd', 1_000_000],
      ['tpd', 1_000_000],
    ]);
    for (const state of Object.values(limit.states('a', 0))) {
      expect(state.limit).toBeGreaterThan(0);
      expect(state.remaining).toBe(0);
    }
    expect(limit.isBusy('a')).toBe(true);
  });

  test('knows requests that are too large for a whole quota', () => {
    expect(refusing(limitOf({ tpm: 9 }))).toEqual([['tpm', Number.POSITIVE_INFINITY]]);
  });

  test('counts refusals only where it is said', () => {
    const mild = limitOf({ rpm: 5 });
    mild.refuse(one, 0);
    expect(mild.states('a', 0).rpm?.remaining).toBe(5);
    const strict = limitOf({ rpm: 5, tpm: 30, countsRefusals: true });
    strict.refuse(one, 0);
    expect(strict.states('a', 0)).toMatchObject({ rpm: { remaining: 4 }, tpm: { remaining: 20 } });
  });

  test('counts later tokens in the quotas of tokens', () => {
    const limit = limitOf({ rpm: 5, tpm: 30 });
    limit.take(one, 0);
    limit.takeTokens({ model: 'a', tokens: 15 }, 0);
    expect(limit.states('a', 0)).toMatchObject({ rpm: { remaining: 4 }, tpm: { remaining: 5 } });
  });

  test('counts models together or each by itself', () => {
    const other = { model: 'b', tokens: 1 };
    const together = limitOf({ rpm: 1, maxConcurrency: 1 });
    together.take(one, 0);
    together.inFlight.enter('a');
    expect(refusing(together, other)).toHaveLength(1);
    expect(together.isBusy('b')).toBe(true);
    const each = limitOf({ rpm: 1, maxConcurrency: 1, perModel: true });
    each.take(one, 0);
    each.inFlight.enter('a');
    expect(refusing(each, other)).toEqual([]);
    expect([each.isBusy('a'), each.isBusy('b')]).toEqual([true, false]);
    each.inFlight.leave('a');
    expect(each.isBusy('a')).toBe(false);
  });

  test('whose day is used up is open again the next day', () => {
    const limit = limitOf({ dailyQuotaUsedUp: true });
    expect(refusing(limit, one, 400_000)).toEqual([['rpd', 600_000]]);
    expect(limit.states('a', 400_000)).toEqual({
      rpd: { limit: 20, remaining: 0, resetMs: 600_000 },
    });
    expect(refusing(limit, one, 1_000_000)).toEqual([]);
    expect(limit.states('a', 1_000_000).rpd?.remaining).toBe(20);
  });

  test('starts full where it was changed, and only there', () => {
    const limit = limitOf({ rpm: 5, tpm: 50 });
    limit.take(one, 0);
    limit.set({ tpm: 70 }, 0);
    expect(limit.states('a', 0)).toMatchObject({ rpm: { remaining: 4 }, tpm: { remaining: 70 } });
    limit.set({ retryAfterMs: 5 }, 0);
    expect(limit.states('a', 0).rpm?.remaining).toBe(4);
    limit.set({ dailyQuotaUsedUp: true }, 500_000);
    expect(refusing(limit, one, 500_000)).toEqual([['rpd', 1_000_000]]);
    limit.set({ dailyQuotaUsedUp: undefined }, 500_000);
    expect(refusing(limit, one, 500_000)).toEqual([]);
    limit.take(one, 500_000);
    limit.set({ window: 'token-bucket' }, 500_000);
    expect(limit.states('a', 500_000).rpm?.remaining).toBe(5);
    limit.take(one, 500_000);
    limit.refill(500_000);
    expect(limit.states('a', 500_000).rpm?.remaining).toBe(5);
  });
});
