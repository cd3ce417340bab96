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

/** Closed by a refusal that tells for how long, and open again then. */
function closed(pace: Pace, at: number, ms: number): void {
  pace.refused(1, true, at);
  pace.closed(at + ms);
  pace.begin(at + ms);
}

/** So many begin, and all get through. */
function served(pace: Pace, at: number, count: number): void {
  for (let i = 0; i < count; i++) {
    pace.begun(at);
    pace.gotThrough();
  }
}

/** A limit that opens again a minute after the first attempt, for the second time. */
function learnedWindow(count: number): Pace {
  const pace = new Pace(true);
  closed(pace, 1_000, 59_000);
  served(pace, 60_000, count);
  pace.begun(80_000);
  closed(pace, 80_000, 40_000);
  return pace;
}

describe('a learned limit', () => {
  it('is a window where it opens again after a minute, once more got through than one that slides allows', () => {
    const pace = learnedWindow(30);
    expect(most(pace, 120_000)).toBe(1);
    pace.gotThrough();
    expect(most(pace, 120_000)).toBe(2);
    for (let i = 0; i < 20; i++) pace.gotThrough();
    expect(most(pace, 120_000)).toBe(27);
    expect(pace.opensAt(130_000)).toBe(180_000);
    pace.refused(100, true, 150_000);
    pace.closed(180_000);
    pace.begin(180_000);
    expect(most(pace, 180_000)).toBe(29);
  });

  it('is used slowly when a window begins anew that may slide', () => {
    const pace = learnedWindow(30);
    most(pace, 120_000);
    expect(most(pace, 125_000)).toBe(29);
    expect(most(pace, 180_000)).toBe(1);
    pace.gotThrough();
    expect(most(pace, 180_000)).toBe(2);
  });

  it('takes a window that seems a little longer than a minute for one', () => {
    const pace = new Pace(true);
    closed(pace, 1_000, 59_000);
    served(pace, 60_000, 10);
    closed(pace, 80_000, 50_000);
    for (let i = 0; i < 40; i++) pace.gotThrough();
    most(pace, 130_000);
    expect(pace.opensAt(131_000)).toBe(190_000);
  });

  it('is a bucket where it opens again earlier: what refills, and a little more', () => {
    const pace = new Pace(true);
    closed(pace, 0, 1_000);
    // One a second gets through, and every tenth second one more is refused.
    for (let now = 1_000; now <= 100_000; now += 1_000) {
      pace.begun(now);
      pace.gotThrough();
      if (now % 10_000 === 0) closed(pace, now, 500);
    }
    let count = 0;
    for (let now = 101_000; now < 131_000; now += 10) count += most(pace, now);
    expect(count).toBeGreaterThanOrEqual(27);
    expect(count).toBeLessThanOrEqual(35);
  });

  it('is not learned from the first pause: nobody knows what came before it', () => {
    const pace = new Pace(true, 100);
    for (let i = 0; i < 20; i++) pace.refused(i, i === 0, 500);
    pace.begin(1_000);
    for (let i = 0; i < 40; i++) pace.gotThrough();
    expect(most(pace, 1_000, 200)).toBe(200);
  });

  it('does not count what began before anything was known', () => {
    const pace = new Pace(true, 100);
    closed(pace, 0, 1_000);
    served(pace, 1_000, 3);
    for (let i = 0; i < 50; i++) pace.refused(i, false, 1_500);
    pace.refused(101, true, 3_000);
    pace.begin(3_500);
    let paced = 0;
    for (let now = 3_500; now < 6_500; now += 10) paced += most(pace, now);
    expect(paced).toBeGreaterThanOrEqual(2);
  });

  it('is not learned from outages', () => {
    const pace = new Pace(false);
    pace.begin(1_000);
    pace.begin(2_000);
    for (let i = 0; i < 50; i++) pace.gotThrough();
    expect(most(pace, 2_000, 200)).toBe(200);
  });
});

/** A bucket that has just opened again, before anything has come back. */
const opened = (isStated: boolean): Pace => {
  const pace = new Pace(true);
  closed(pace, 0, 1_000);
  served(pace, 1_000, 3);
  pace.refused(1, true, 10_000);
  pace.begin(10_100, isStated);
  return pace;
};

describe('the end of a pause', () => {
  it('lets one find out where the provider stated it, whatever was learned', () => {
    expect(most(opened(true), 10_100)).toBe(1);
  });

  it('lets no further one through after a probe', () => {
    expect(most(opened(false), 10_100)).toBe(0);
  });
});

describe('a guess from a learned limit', () => {
  it('is the end of the window', () => {
    const pace = learnedWindow(30);
    most(pace, 120_000);
    pace.refused(200, true, 150_000);
    expect(pace.guess(150_000, true)).toBe(30_000);
  });

  it('is a minute from the first attempt where nothing came back soon before', () => {
    const pace = new Pace(true);
    closed(pace, 1_000, 50_000);
    served(pace, 52_000, 10);
    pace.refused(1, true, 70_000);
    expect(pace.guess(70_000, true)).toBe(42_000);
  });

  it('is none while nobody knows what got through in the last minute', () => {
    const pace = new Pace(true);
    closed(pace, 1_000, 30_000);
    served(pace, 32_000, 10);
    pace.refused(1, true, 50_000);
    expect(pace.guess(50_000, true)).toBeUndefined();
  });

  it('is a minute anew where the end of a window refuses, too', () => {
    const pace = learnedWindow(30);
    most(pace, 120_000);
    pace.refused(200, true, 150_000);
    expect(pace.guess(150_000, true)).toBe(30_000);
    pace.refused(201, false, 180_000);
    expect(pace.guess(180_000, false)).toBe(60_000);
    pace.refused(202, false, 240_000);
    expect(pace.guess(240_000, false)).toBeUndefined();
  });

  it('is none where nobody has asked whether something came back', () => {
    const pace = new Pace(true);
    pace.refused(1, true, 1_000);
    pace.refused(2, false, 5_000);
    pace.closed(7_000);
    pace.begin(40_000);
    served(pace, 40_000, 10);
    pace.refused(3, true, 50_000);
    expect(pace.guess(50_000, true)).toBeUndefined();
  });

  it('is none where something came back soon', () => {
    const pace = new Pace(true);
    closed(pace, 1_000, 3_000);
    served(pace, 5_000, 10);
    pace.refused(1, true, 8_000);
    expect(pace.guess(8_000, true)).toBeUndefined();
  });
});
