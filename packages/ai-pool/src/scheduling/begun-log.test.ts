import { describe, expect, it } from 'vitest';
import { BegunLog } from './begun-log.ts';

const logOf = (...times: number[]): BegunLog => {
  const log = new BegunLog();
  for (const time of times) log.add(time, 1_000);
  return log;
};

describe('the log of what began', () => {
  it('counts what began between two times, the later one included', () => {
    const log = logOf(10, 20, 20, 30);
    expect(log.between(10, 30)).toBe(3);
    expect(log.between(0, 19)).toBe(1);
    expect(log.between(30, 99)).toBe(0);
    // Of what was counted too early, nothing is counted twice.
    expect(log.between(30, 10) + log.between(10, 30)).toBe(0);
  });

  it('finds when so many had begun after a time', () => {
    const log = logOf(10, 20, 20, 30);
    expect(log.nth(1, 10)).toBe(20);
    expect(log.nth(3, 10)).toBe(30);
    expect(log.nth(4, 10)).toBeUndefined();
  });

  it('does not count what is taken out of it', () => {
    const log = logOf(10, 20, 20, 30);
    log.remove(20);
    log.remove(15);
    expect(log.between(0, 30)).toBe(3);
  });

  it('forgets what is old, and the oldest where there are many', () => {
    const log = new BegunLog();
    for (let at = 0; at <= 1_000; at++) log.add(at, 100);
    expect(log.between(-1, 2_000)).toBe(100);
    for (let i = 0; i < 901; i++) log.add(1_000, 100);
    expect(log.between(-1, 2_000)).toBe(501);
  });
});
