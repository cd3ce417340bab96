import { describe, expect, test } from 'vitest';
import type { Counter } from './counter.ts';
import { fixedWindow, lasting } from './fixed-window.ts';

const minute = lasting(60_000);

/** How many requests pass when `count` come at `now`. */
function passing(counter: Counter, count: number, now: number, amount = 1): number {
  let passed = 0;
  for (let request = 0; request < count; request += 1) {
    if (counter.waitMs(now, amount) > 0) continue;
    counter.take(now, amount);
    passed += 1;
  }
  return passed;
}

describe('a fixed window', () => {
  test('opens with the first request and closes a minute later', () => {
    const counter = fixedWindow(3, minute);
    expect(passing(counter, 2, 5_000)).toBe(2);
    expect(counter.state(5_000)).toEqual({ limit: 3, remaining: 1, resetMs: 60_000 });
    expect(passing(counter, 5, 64_999)).toBe(1);
    expect(counter.waitMs(64_999, 1)).toBe(1);
    expect(counter.waitMs(65_000, 1)).toBe(0);
    expect(counter.state(65_000)).toEqual({ limit: 3, remaining: 3, resetMs: 0 });
    expect(passing(counter, 5, 90_000)).toBe(3);
    expect(counter.waitMs(90_000, 1)).toBe(60_000);
  });

  test('counts amounts: what fits passes, what never fits says so', () => {
    const counter = fixedWindow(100, minute);
    expect(passing(counter, 3, 0, 40)).toBe(2);
    expect(counter.waitMs(0, 20)).toBe(0);
    expect(counter.waitMs(0, 21)).toBe(60_000);
    expect(counter.waitMs(0, 101)).toBe(Number.POSITIVE_INFINITY);
  });

  test('counts what was served beyond it, and takes back', () => {
    const counter = fixedWindow(100, minute);
    counter.take(0, 90);
    counter.take(1_000, 50);
    expect(counter.state(1_000)).toEqual({ limit: 100, remaining: 0, resetMs: 59_000 });
    counter.take(1_000, -50);
    expect(counter.state(1_000).remaining).toBe(10);
    counter.take(1_000, -1_000);
    expect(counter.state(1_000)).toEqual({ limit: 100, remaining: 100, resetMs: 0 });
  });

  test('stays closed while refusals that count keep coming', () => {
    const counter = fixedWindow(2, minute);
    passing(counter, 2, 0);
    counter.refuse(0, 1);
    for (let now = 30_000; now <= 300_000; now += 30_000) {
      expect(counter.waitMs(now, 1)).toBe(30_000);
      counter.refuse(now, 1);
    }
    expect(counter.waitMs(359_999, 1)).toBe(1);
    expect(passing(counter, 5, 360_000)).toBe(2);
  });

  test('that refused nothing takes the amount of a refusal that counts', () => {
    const counter = fixedWindow(10, minute);
    counter.refuse(0, 4);
    expect(counter.state(0).remaining).toBe(6);
    counter.refuse(0, 7);
    expect(counter.state(0).remaining).toBe(0);
  });

  test('of a day ends when the day does, however often it is refused', () => {
    const counter = fixedWindow(2, () => 1_000_000);
    passing(counter, 2, 900_000);
    counter.refuse(950_000, 1);
    expect(counter.waitMs(950_000, 1)).toBe(50_000);
  });

  test('can be used up, and starts over', () => {
    const counter = fixedWindow(5, minute);
    counter.drain(10_000);
    expect(counter.state(10_000)).toEqual({ limit: 5, remaining: 0, resetMs: 60_000 });
    expect(passing(counter, 9, 69_999)).toBe(0);
    expect(passing(counter, 9, 70_000)).toBe(5);
  });
});
