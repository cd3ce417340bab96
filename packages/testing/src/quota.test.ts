import { describe, expect, test } from 'vitest';
import { fixedWindow, noQuota, tokenBucket, type Quota } from './quota.ts';

/** How many requests pass when `count` come at `now`. */
function passing(quota: Quota, count: number, now: number): number {
  let passed = 0;
  for (let request = 0; request < count; request += 1) {
    if (quota.waitMs(now) > 0) continue;
    quota.take(now);
    passed += 1;
  }
  return passed;
}

describe('fixed window', () => {
  test('opens with the first request and closes a minute later', () => {
    const quota = fixedWindow(3);
    expect(passing(quota, 2, 5_000)).toBe(2);
    expect(quota.state(5_000)).toEqual({ limit: 3, remaining: 1, resetMs: 60_000 });
    expect(passing(quota, 5, 64_999)).toBe(1);
    expect(quota.waitMs(64_999)).toBe(1);
    expect(quota.waitMs(65_000)).toBe(0);
    expect(quota.state(65_000)).toEqual({ limit: 3, remaining: 3, resetMs: 0 });
    expect(passing(quota, 5, 90_000)).toBe(3);
    expect(quota.waitMs(90_000)).toBe(60_000);
  });
});

describe('token bucket', () => {
  test('holds a minute of requests and refills evenly', () => {
    const quota = tokenBucket(6);
    expect(passing(quota, 10, 0)).toBe(6);
    expect(quota.waitMs(0)).toBe(10_000);
    expect(quota.state(0)).toEqual({ limit: 6, remaining: 0, resetMs: 60_000 });
    expect(passing(quota, 10, 9_999)).toBe(0);
    expect(passing(quota, 10, 10_000)).toBe(1);
    expect(passing(quota, 10, 35_000)).toBe(2);
    expect(quota.waitMs(35_000)).toBe(5_000);
    expect(passing(quota, 10, 500_000)).toBe(6);
  });

  test('loses nothing to rounding', () => {
    const quota = tokenBucket(7);
    passing(quota, 7, 0);
    let passed = 0;
    for (let now = 1; now <= 600_000; now += 1) passed += passing(quota, 1, now);
    expect(passed).toBe(70);
  });
});

test('no quota at all names a limit all the same', () => {
  expect(noQuota.waitMs(0)).toBe(60_000);
  expect(noQuota.state(0).limit).toBeGreaterThan(0);
});
