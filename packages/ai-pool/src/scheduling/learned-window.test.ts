import { describe, expect, it } from 'vitest';
import { LearnedWindow } from './learned-window.ts';
import { Sharing } from './sharing.ts';

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

function shared(count: number): { window: LearnedWindow; sharing: Sharing } {
  const sharing = new Sharing();
  sharing.isSeen = true;
  return { window: new LearnedWindow(count, MINUTE_MS, 0, sharing), sharing };
}

describe('a window that others use, too', () => {
  it('is kept to, though nothing is refused', () => {
    const { window } = shared(100);
    const counts = Array.from({ length: 5 }, (_, i) => most(window, i * MINUTE_MS));
    expect(counts).toEqual([100, 100, 100, 100, 100]);
  });

  it('is tried beyond after a period in which a call found nothing open', () => {
    const { window, sharing } = shared(100);
    most(window, 0);
    sharing.missedAt = 30_000;
    expect(most(window, MINUTE_MS)).toBe(110);
    expect(most(window, 2 * MINUTE_MS)).toBe(110);
    sharing.missedAt = 150_000;
    expect(most(window, 3 * MINUTE_MS)).toBe(165);
  });

  it('is remembered where it is not used up, and forgotten where it is not used', () => {
    const { window } = shared(10);
    for (let i = 0; i < 5; i++) most(window, i * MINUTE_MS, 3);
    expect(most(window, 5 * MINUTE_MS)).toBe(10);
    expect(most(window, 8 * MINUTE_MS)).toBeGreaterThan(20);
  });
});
