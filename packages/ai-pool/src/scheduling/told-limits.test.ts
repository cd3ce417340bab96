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

/** One of five began at 0, two at 2 s, two at 10 s, and one at 60 s was told that the next fits at 62 s. */
const sliding = (): ToldLimits => {
  const told = new ToldLimits(() => undefined);
  told.tell([requests(5, 60_000, 5)], false, 0);
  const answered = (at: number, remaining: number, resetMs: number): void => {
    const number = told.begun(at);
    told.ended();
    told.tell([requests(remaining, resetMs, 5)], false, at, { at, number });
  };
  answered(0, 4, 60_000);
  answered(2_000, 3, 58_000);
  answered(2_000, 2, 58_000);
  answered(10_000, 1, 50_000);
  answered(10_000, 0, 50_000);
  answered(60_000, 0, 2_000);
  return told;
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
    told.forget(0, 0);
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
    told.ended();
    told.tell([requests(0, 2_000)], false, 61_500);
    expect(told.looksAgainAt(61_500)).toBe(63_600);
    told.tell([requests(59)], false, 62_000);
    expect(most(told, 62_000)).toBe(59);
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

describe('a window that slides', () => {
  it('gives each back a period after it began, without being told', () => {
    const told = sliding();
    expect(told.looksAgainAt(60_500)).toBe(62_100);
    expect(most(told, 62_100)).toBe(2);
    expect(told.looksAgainAt(62_100)).toBe(70_100);
    expect(most(told, 70_100)).toBe(2);
    expect(told.looksAgainAt(70_100)).toBe(120_100);
    expect(most(told, 600_000)).toBe(5);
  });

  it('counts what came back while an answer was under way, and what began', () => {
    const told = sliding();
    const number = told.begun(62_100);
    told.begun(62_100);
    // Written when one of both was back: the other came and went since.
    told.ended();
    told.tell([requests(1, 8_000, 5)], false, 71_000, { at: 62_100, number });
    expect(most(told, 71_000)).toBe(2);
  });

  it('is tried at the told reset by one, where others have taken what comes back', () => {
    const told = sliding();
    expect(most(told, 62_100)).toBe(2);
    told.ended();
    told.ended();
    told.tell([requests(0, 3_000, 5)], false, 63_000);
    expect(told.looksAgainAt(63_000)).toBe(66_100);
    expect(most(told, 66_100)).toBe(1);
    // Of its own two have come back at 70.1 s, of which one was taken.
    expect(told.looksAgainAt(66_100)).toBe(70_100);
  });

  it('is known to slide after a refusal, and what was refused does not come back', () => {
    const told = sliding();
    expect(most(told, 62_100)).toBe(2);
    told.forget(62_100, 62_150);
    expect(told.looksAgainAt(62_150)).toBe(67_150);
    expect(most(told, 67_150)).toBe(1);
    expect(told.looksAgainAt(67_150)).toBe(70_100);
    expect(most(told, 70_100)).toBe(2);
    // The one at 60 s, one of two at 62.1 s, and the others as they began.
    expect(most(told, 122_200)).toBe(2);
  });

  it('opens again where nobody tells anything any more', () => {
    const told = sliding();
    told.tell([requests(0, 3_000, 5)], false, 63_000, { at: 63_000, number: 0 });
    expect(told.looksAgainAt(63_000)).toBe(123_000);
    expect(most(told, 123_000)).toBe(1);
  });

  it('is no window that begins anew with what is left of it', () => {
    const told = new ToldLimits(() => undefined);
    told.tell([requests(0)], false, 0);
    expect(most(told, 60_000)).toBe(1);
    told.ended();
    told.tell([requests(4, 60_000, 5)], false, 61_000, { at: 60_000, number: 1 });
    expect(most(told, 61_000)).toBe(4);
    expect(told.looksAgainAt(61_000)).toBe(120_000);
    expect(most(told, 120_000)).toBe(1);
  });
});
