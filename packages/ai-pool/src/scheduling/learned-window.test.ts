import { expect, it } from 'vitest';
import { LearnedWindow } from './learned-window.ts';

const MINUTE_MS = 60_000;

/** Begins as many as it allows now. */
function most(window: LearnedWindow, now: number, upTo = 1_000): number {
  let count = 0;
  while (count < upTo && window.opensAt(now) <= now) {
    window.begun(now);
    count++;
  }
  return count;
}

it('lets all of it begin at once, and nothing more until the period is over', () => {
  const window = new LearnedWindow(20, MINUTE_MS, 0);
  expect(most(window, 0)).toBe(20);
  expect(window.opensAt(1)).toBe(MINUTE_MS);
});

it('begins a period with its first attempt', () => {
  const window = new LearnedWindow(20, MINUTE_MS, 0);
  most(window, 0);
  most(window, 70_000);
  expect(window.opensAt(70_001)).toBe(130_000);
});

it('begins its first period with the first attempt, too', () => {
  const window = new LearnedWindow(20, MINUTE_MS, 0);
  most(window, 5_000);
  expect(window.opensAt(5_001)).toBe(65_000);
});

it('tries more and more where nothing is refused', () => {
  const window = new LearnedWindow(100, MINUTE_MS, 0);
  const counts = Array.from({ length: 5 }, (_, i) => most(window, i * MINUTE_MS));
  expect(counts).toEqual([100, 110, 165, 577, 1000]);
});

it('is forgotten where it is not used up', () => {
  const window = new LearnedWindow(10, MINUTE_MS, 0);
  most(window, 0, 3);
  expect(most(window, MINUTE_MS)).toBe(15);
  window.begun(10 * MINUTE_MS);
  expect(window.isForgotten).toBe(true);
});

it('survives a rest that is short beside a minute', () => {
  const window = new LearnedWindow(9, 1_000, 0);
  most(window, 0);
  expect(most(window, 5_000)).toBe(10);
});
