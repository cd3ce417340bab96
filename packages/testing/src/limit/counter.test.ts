import { describe, expect, test } from 'vitest';
import type { Counter } from './counter.ts';
import { fixedWindow, lasting } from './fixed-window.ts';
import { midnight } from './midnight.ts';
import { tokenBucket } from './token-bucket.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** What all counters keep to, each with a time in which its requests come. */
const counters: readonly [string, (limit: number) => Counter, number][] = [
  ['a fixed window of a minute', limit => fixedWindow(limit, lasting(minuteMs)), minuteMs],
  ['a day by the calendar', limit => fixedWindow(limit, midnight('America/Los_Angeles')), dayMs],
  ['a token bucket of a minute', limit => tokenBucket(limit, minuteMs), minuteMs],
  ['a token bucket of a day', limit => tokenBucket(limit, dayMs), dayMs],
];

/** Always the same numbers below `end`. */
function numbers(seed: number): (end: number) => number {
  let state = seed;
  return end => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return Math.floor((state / 4_294_967_296) * end);
  };
}

describe.each(counters)('%s', (_name, create, periodMs) => {
  test('tells exactly when an amount fits', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const next = numbers(seed);
      const limit = 1 + next(1_000);
      const counter = create(limit);
      let now = 1_700_000_000_000;
      for (let request = 0; request < 200; request += 1) {
        now += next(periodMs / 10);
        const amount = 1 + next(limit);
        const wait = counter.waitMs(now, amount);
        const state = counter.state(now);
        // "Fits" and what remains say the same.
        expect(wait === 0).toBe(amount <= state.remaining);
        expect(counter.waitMs(now + wait, amount)).toBe(0);
        expect(wait === 0 || counter.waitMs(now + wait - 1, amount) > 0).toBe(true);
        expect(wait).toBeLessThanOrEqual(state.resetMs);
        expect(counter.waitMs(now + state.resetMs, limit)).toBe(0);
        if (wait === 0) counter.take(now, amount);
      }
    }
  });

  test('lets no more through than it holds and what two windows or a refill add', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const next = numbers(seed);
      const limit = 1 + next(50);
      const counter = create(limit);
      const passed: number[] = [];
      let now = 1_700_000_000_000;
      for (let request = 0; request < 2_000; request += 1) {
        now += next((2 * periodMs) / limit / 10);
        if (counter.waitMs(now, 1) > 0) continue;
        counter.take(now, 1);
        passed.push(now);
      }
      for (const [index, at] of passed.entries()) {
        const within = passed.filter((one, i) => i >= index && one < at + periodMs).length;
        expect(within).toBeLessThanOrEqual(2 * limit);
      }
    }
  });

  test('takes back what it took', () => {
    const counter = create(100);
    counter.take(0, 30);
    counter.take(0, 50);
    counter.take(0, -50);
    expect(counter.state(0).remaining).toBe(70);
  });

  test('is empty when it is used up, and never emptier by refusals', () => {
    const counter = create(100);
    counter.take(0, 20);
    counter.drain(0);
    expect(counter.state(0).remaining).toBe(0);
    const { resetMs } = counter.state(0);
    for (let refused = 0; refused < 50; refused += 1) counter.refuse(0, 90);
    expect(counter.state(0)).toEqual({ limit: 100, remaining: 0, resetMs });
    expect(counter.waitMs(resetMs, 100)).toBe(0);
  });
});
