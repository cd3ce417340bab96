import { describe, expect, test } from 'vitest';
import type { Counter } from './counter.ts';
import { tokenBucket } from './token-bucket.ts';

/** How many requests pass when `count` come at `now`. */
function passing(counter: Counter, count: number, now: number): number {
  let passed = 0;
  for (let request = 0; request < count; request += 1) {
    if (counter.waitMs(now, 1) > 0) continue;
    counter.take(now, 1);
    passed += 1;
  }
  return passed;
}

describe('a token bucket', () => {
  test('holds a minute of requests and refills evenly', () => {
    const counter = tokenBucket(6, 60_000);
    expect(passing(counter, 10, 0)).toBe(6);
    expect(counter.waitMs(0, 1)).toBe(10_000);
    expect(counter.state(0)).toEqual({ limit: 6, remaining: 0, resetMs: 60_000 });
    expect(passing(counter, 10, 9_999)).toBe(0);
    expect(passing(counter, 10, 10_000)).toBe(1);
    expect(passing(counter, 10, 35_000)).toBe(2);
    expect(counter.waitMs(35_000, 1)).toBe(5_000);
    expect(passing(counter, 10, 500_000)).toBe(6);
  });

  test('loses nothing to rounding', () => {
    const counter = tokenBucket(7, 60_000);
    passing(counter, 7, 0);
    let passed = 0;
    for (let now = 1; now <= 600_000; now += 1) passed += passing(counter, 1, now);
    expect(passed).toBe(70);
  });

  // rotemweiss57/gpt-newspaper#10: Limit 10000, Used 9348, Requested 5086, try again in 26.604s;
  // x-ratelimit-remaining-tokens 652, x-ratelimit-reset-tokens 56.088s.
  test('counts tokens as OpenAI does', () => {
    const counter = tokenBucket(10_000, 60_000);
    counter.take(0, 9_348);
    expect(counter.waitMs(0, 5_086)).toBeCloseTo(26_604, 5);
    expect(counter.state(0).remaining).toBe(652);
    expect(counter.state(0).resetMs).toBeCloseTo(56_088, 5);
    expect(counter.waitMs(26_604, 5_086)).toBe(0);
    expect(counter.waitMs(0, 10_001)).toBe(Number.POSITIVE_INFINITY);
  });

  // MSU-AI-Agents/fall-2025-course#76: Limit 10000, Used 10000, Requested 1, try again in 8.64s.
  test('counts requests per day as OpenAI does', () => {
    const counter = tokenBucket(10_000, 86_400_000);
    counter.drain(0);
    expect(counter.waitMs(0, 1)).toBeCloseTo(8_640, 5);
    expect(counter.state(0)).toEqual({ limit: 10_000, remaining: 0, resetMs: 86_400_000 });
  });

  test('goes into debt for what was served beyond it, and takes back', () => {
    const counter = tokenBucket(60, 60_000);
    counter.take(0, 60);
    counter.take(0, 30);
    expect(counter.state(0)).toEqual({ limit: 60, remaining: 0, resetMs: 90_000 });
    expect(counter.waitMs(0, 1)).toBe(31_000);
    counter.take(0, -90);
    expect(counter.state(0)).toEqual({ limit: 60, remaining: 60, resetMs: 0 });
  });

  test('stays closed while it is hammered faster than it refills, and only then', () => {
    const counter = tokenBucket(6, 60_000);
    counter.drain(0);
    for (let now = 9_000; now <= 90_000; now += 9_000) {
      expect(counter.waitMs(now, 1)).toBeGreaterThan(0);
      counter.refuse(now, 1);
    }
    expect(counter.waitMs(90_000, 1)).toBe(10_000);
    expect(passing(counter, 2, 100_000)).toBe(1);
    counter.refuse(170_000, 2);
    expect(counter.state(170_000).remaining).toBe(4);
  });
});
