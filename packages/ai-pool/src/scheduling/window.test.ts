import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Window, type Taken } from './window.ts';

const MS = 60_000;

/** Each taking by itself, however many there are. */
class Exact {
  readonly takings: { at: number; amount: number }[] = [];

  take(amount: number, now: number): { at: number; amount: number } {
    const taken = { at: now, amount };
    this.takings.push(taken);
    return taken;
  }

  used(now: number, ms: number): number {
    let used = 0;
    for (const { at, amount } of this.takings) if (at + ms > now) used += amount;
    return used;
  }
}

describe('a window', () => {
  it('counts what was taken within its length, to the millisecond', () => {
    const window = new Window(3, MS);
    for (const at of [1_000, 2_000, 30_000]) window.take(1, at);
    expect(window.room(30_000)).toBe(0);
    expect(window.opensAt(1, 30_000)).toBe(61_000);
    expect(window.opensAt(2, 30_000)).toBe(62_000);
    expect([60_999, 61_000, 61_999, 62_000, 90_000].map(at => window.room(at))).toEqual([
      0, 1, 1, 2, 3,
    ]);
  });

  it('lets nothing twice through where a refilled bucket would', () => {
    const window = new Window(60, MS);
    for (let i = 0; i < 60; i++) window.take(1, 59_999);
    // A bucket of 60 that refills one per second would have room again.
    expect(window.room(100_000)).toBe(0);
  });

  it('waits for all of it where somebody asks for more than there ever is', () => {
    const window = new Window(100, MS);
    expect(window.opensAt(500, 1_000)).toBe(1_000);
    window.take(500, 1_000);
    window.take(1, 2_000);
    expect(window.room(2_000)).toBe(-401);
    expect(window.opensAt(1, 2_000)).toBe(61_000);
    expect(window.opensAt(500, 2_000)).toBe(62_000);
  });

  it('takes back what was not used, and counts what was used beyond', () => {
    const window = new Window(100, MS);
    const one = window.take(60, 1_000);
    window.correct(one, -50, 20_000);
    expect(window.room(20_000)).toBe(90);
    const other = window.take(10, 20_000);
    window.correct(other, 100, 30_000);
    expect(window.room(30_000)).toBe(-20);
    expect(window.opensAt(1, 30_000)).toBe(80_000);
    // What is over by now changes nothing.
    window.correct(one, -10, 70_000);
    window.correct(other, -110, 90_000);
    expect(window.room(90_000)).toBe(100);
  });

  it('counts a steady drip no shorter than it lasts', () => {
    const window = new Window(10_000, MS);
    const exact = new Exact();
    for (let now = 0; now < 300_000; now += 37) {
      window.take(1, now);
      exact.take(1, now);
      const used = 10_000 - window.room(now);
      expect(used).toBeGreaterThanOrEqual(exact.used(now, MS));
      expect(used).toBeLessThanOrEqual(exact.used(now, MS + MS / 60));
    }
  });
});

/** What is done to a window, and how much later. */
const step = fc.record({
  afterMs: fc.oneof(fc.nat(50), fc.nat(3_000), fc.nat(40_000)),
  amount: fc.integer({ min: 1, max: 50 }),
  /** Which of those taken before is corrected, and to what share of its amount. */
  corrects: fc.option(
    fc.record({ back: fc.nat(200), share: fc.double({ min: 0, max: 3, noNaN: true }) }),
  ),
});

it('never counts less than was taken, and forgets a sixtieth late at most', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 400 }), steps => {
      const window = new Window(1_000, MS);
      const exact = new Exact();
      const open: { taken: Taken; exact: { amount: number; at: number } }[] = [];
      let now = 1_000;
      for (const { afterMs, amount, corrects } of steps) {
        now += afterMs;
        open.push({ taken: window.take(amount, now), exact: exact.take(amount, now) });
        if (corrects !== null) {
          const [one] = open.splice(Math.max(open.length - 1 - corrects.back, 0), 1);
          if (one !== undefined) {
            const by = Math.round(one.exact.amount * (corrects.share - 1));
            window.correct(one.taken, by, now);
            one.exact.amount += by;
          }
        }
        const used = 1_000 - window.room(now);
        expect(used).toBeGreaterThanOrEqual(exact.used(now, MS));
        expect(used).toBeLessThanOrEqual(exact.used(now, MS + MS / 60));

        for (const wanted of [1, 200, 5_000]) {
          const at = window.opensAt(wanted, now);
          const least = Math.min(wanted, 1_000);
          expect(1_000 - exact.used(at, MS)).toBeGreaterThanOrEqual(least);
          const tooSoon = at - 1 < now || 1_000 - exact.used(at - 1, MS + MS / 60) < least;
          expect(tooSoon).toBe(true);
        }
      }
    }),
    { numRuns: 60 },
  );
});
