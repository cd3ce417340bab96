import { describe, expect, it } from 'vitest';
import { Pace } from './pace.ts';

/** Begins as many as it allows now. */
function most(pace: Pace, now: number, upTo = 1_000): number {
  let count = 0;
  while (count < upTo && pace.opensAt(now) <= now) {
    pace.begun(now);
    count++;
  }
  return count;
}

describe('a slow start', () => {
  it('lets one through, then two more for each that gets through', () => {
    const pace = new Pace(false);
    pace.begin(1_000);
    expect(most(pace, 1_000)).toBe(1);
    pace.gotThrough();
    expect(most(pace, 1_100)).toBe(2);
    pace.gotThrough();
    pace.gotThrough();
    expect(most(pace, 1_200)).toBe(4);
  });

  it('is over after 5 s, whatever came of it', () => {
    const pace = new Pace(false);
    pace.begin(1_000);
    most(pace, 1_000);
    expect(pace.opensAt(1_100)).toBe(6_000);
    expect(most(pace, 6_000, 50)).toBe(50);
  });
});

/** A limit that was run into: `served` of so many got through between two pauses. */
function learned(served: number, refused: number, periodMs: number): Pace {
  const pace = new Pace(true);
  pace.begin(1_000);
  for (let i = 0; i < served; i++) {
    pace.begun(1_000);
    pace.gotThrough();
  }
  for (let i = 0; i < refused; i++) {
    pace.begun(1_000);
    pace.refused();
  }
  pace.begin(1_000 + periodMs);
  return pace;
}

describe('a learned rate', () => {
  it('is what got through between two pauses, per so much time', () => {
    const pace = learned(10, 5, 60_000);
    expect(most(pace, 61_000)).toBe(10);
    expect(pace.opensAt(62_000)).toBe(121_000);
    expect(most(pace, 121_000)).toBe(10);
  });

  it('is not learned from the first pause: nobody knows what came before it', () => {
    const pace = new Pace(true);
    for (let i = 0; i < 20; i++) pace.refused();
    pace.begin(1_000);
    for (let i = 0; i < 40; i++) pace.gotThrough();
    expect(most(pace, 1_000, 200)).toBe(200);
  });

  it('tries a little more from time to time, and falls back when that is refused', () => {
    const pace = learned(100, 20, 60_000);
    expect(most(pace, 61_000)).toBe(100);
    expect(most(pace, 121_000)).toBe(102);
    pace.refused();
    pace.refused();
    pace.begin(181_000);
    expect(most(pace, 181_000)).toBe(100);
  });

  it('is forgotten where it is not used up', () => {
    const pace = learned(10, 5, 60_000);
    most(pace, 61_000, 3);
    expect(most(pace, 121_000)).toBe(15);
    most(pace, 61_000 + 3_600_000, 1);
    expect(most(pace, 61_000 + 3_601_000, 500)).toBe(500);
  });

  it('survives a rest that is short beside a minute', () => {
    const pace = learned(10, 90, 1_000);
    expect(most(pace, 12_000)).toBe(10);
  });

  it('is not learned from outages', () => {
    const pace = new Pace(false);
    pace.begin(1_000);
    for (let i = 0; i < 50; i++) pace.refused();
    pace.begin(2_000);
    for (let i = 0; i < 50; i++) pace.gotThrough();
    expect(most(pace, 2_000, 200)).toBe(200);
  });
});
