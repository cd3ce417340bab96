import { describe, expect, it } from 'vitest';
import { ToldLimits, type ToldLimit } from './told-limits.ts';

const requests = (remaining: number, resetMs = 60_000, limit = 60): ToldLimit => ({
  name: 'requests',
  counts: 'requests',
  limit,
  remaining,
  resetMs,
});

/** How many may begin at once. */
const most = (told: ToldLimits, now: number): number => {
  let count = 0;
  while (count < 1_000 && told.looksAgainAt(now) <= now) {
    told.begun(now);
    count++;
  }
  return count;
};

describe('limits that headers tell', () => {
  it('let through what is left, and no more until the reset', () => {
    const told = new ToldLimits(() => undefined);
    told.tell([requests(2)], false, 1_000);
    expect(told.looksAgainAt(1_000)).toBe(1_000);
    told.begun(1_000);
    told.begun(1_000);
    expect(told.looksAgainAt(1_000)).toBe(61_000);
    expect(told.looksAgainAt(61_000)).toBe(61_000);
  });

  it('count what is in flight: the provider may not have seen it', () => {
    const told = new ToldLimits(() => undefined);
    for (let i = 0; i < 3; i++) told.begun(1_000);
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
    told.begun(1_000);
    told.tell([{ ...tokens, remaining: 1 }], false, 0);
    expect(told.looksAgainAt(0)).toBe(0);
    told.tell([{ ...tokens, remaining: 0 }], false, 0);
    expect(told.looksAgainAt(0)).toBe(5_000);
  });

  it('are open at the reset where nobody says how much the whole is', () => {
    const told = new ToldLimits(() => undefined);
    const rest = { name: 'requests', counts: 'requests', resetMs: 5_000 };
    told.tell([{ ...rest, remaining: 0 }], false, 0);
    expect(told.looksAgainAt(0)).toBe(5_000);
    expect(most(told, 5_000)).toBe(1_000);
    told.tell([{ ...rest, remaining: 2_000 }], false, 6_000);
    // Begun before anybody looks.
    told.begun(20_000);
    expect(most(told, 20_000)).toBe(1_000);
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

describe('what comes back', () => {
  it('is the whole at the end of a window, and no more until it is told anew', () => {
    const told = new ToldLimits(() => undefined);
    told.tell([requests(40)], false, 1_000);
    expect(most(told, 61_000)).toBe(60);
    expect(told.looksAgainAt(61_000)).toBe(66_000);
    told.tell([requests(100)], false, 62_000);
    expect(most(told, 62_000)).toBe(40);
  });

  it('is tried by one where it was used up: of a window that slides only the oldest is back', () => {
    const told = new ToldLimits(() => undefined);
    told.tell([requests(0)], false, 1_000);
    expect(most(told, 61_000)).toBe(1);
    told.tell([requests(0, 2_000)], false, 61_500);
    expect(told.looksAgainAt(61_500)).toBe(63_500);
    told.tell([requests(59)], false, 62_000);
    expect(most(told, 62_000)).toBe(58);
  });

  it('is the whole where the one that tries is not answered soon', () => {
    const told = new ToldLimits(() => undefined);
    told.tell([requests(0)], false, 1_000);
    expect(most(told, 61_000)).toBe(1);
    expect(told.looksAgainAt(61_000)).toBe(66_000);
    expect(most(told, 66_000)).toBe(60);
  });

  it('is little by little in a bucket', () => {
    const told = new ToldLimits(() => undefined);
    told.tell([requests(0)], true, 1_000);
    expect(most(told, 11_000)).toBe(10);
    expect(told.looksAgainAt(11_000)).toBe(12_000);
    expect(most(told, 3_600_000)).toBe(60);
  });

  it('counts from when the answered attempt began', () => {
    const told = new ToldLimits(() => undefined);
    told.tell([requests(0)], false, 9_000, { at: 1_000 });
    expect(told.looksAgainAt(9_000)).toBe(61_000);
  });

  it('is told by answers that overtake each other', () => {
    const told = new ToldLimits(() => undefined);
    const [first = 0, ...others] = Array.from({ length: 10 }, () => told.begun(0));
    for (const number of others) {
      told.ended();
      told.tell([requests(60 - number)], false, 1_000, { at: 0, number });
    }
    // The slowest one knows nothing of those after it.
    told.ended();
    told.tell([requests(60 - first)], false, 8_000, { at: 0, number: first });
    expect(most(told, 8_000)).toBe(50);
  });
});
