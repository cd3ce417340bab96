import { describe, expect, it } from 'vitest';
import { Speed } from './speed.ts';

describe('speed', () => {
  it('is unknown until something was measured, also at time zero', () => {
    const speed = new Speed();
    expect(speed.ms).toBeUndefined();
    speed.answered(0, 0);
    expect(speed.ms).toBe(0);
  });

  it('follows a peak at once, and comes down slowly', () => {
    const speed = new Speed();
    speed.answered(100, 0);
    speed.answered(900, 1_000);
    expect(speed.ms).toBe(900);
    speed.answered(100, 2_000);
    expect(speed.ms).toBeGreaterThan(800);
    speed.answered(100, 62_000);
    expect(speed.ms).toBeLessThan(105);
  });

  it('comes down by the time that passes, not by the number of answers', () => {
    const [few, many] = [new Speed(), new Speed()];
    for (const speed of [few, many]) speed.answered(1_000, 0);
    for (let now = 100; now <= 10_000; now += 100) many.answered(100, now);
    few.answered(100, 10_000);
    expect(many.ms).toBeCloseTo(few.ms ?? 0, 3);
  });

  it('takes a failure for a slow answer, however fast it failed', () => {
    const speed = new Speed();
    speed.answered(200, 0);
    speed.failed(3, 1_000);
    expect(speed.ms).toBe(600);
    speed.failed(5_000, 2_000);
    expect(speed.ms).toBe(5_000);
  });

  it('forgets a long outage within minutes', () => {
    const speed = new Speed();
    speed.answered(200, 0);
    for (let i = 0; i < 2_000; i++) speed.failed(1, i);
    expect(speed.ms).toBe(120_000);
    speed.answered(200, 120_000);
    expect(speed.ms).toBeLessThan(1_000);
  });
});
