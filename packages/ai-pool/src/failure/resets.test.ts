import { describe, expect, it } from 'vitest';
import { nextMidnight, nextReset } from './resets.ts';

const iso = (at: number): string => new Date(at).toISOString();

describe('midnight Pacific', () => {
  it.each([
    ['in summer', '2026-05-01T12:00:00Z', '2026-05-02T07:00:00.000Z'],
    ['in winter', '2026-01-15T12:00:00Z', '2026-01-16T08:00:00.000Z'],
    ['the evening before', '2026-05-02T06:59:59.500Z', '2026-05-02T07:00:00.000Z'],
    ['at midnight itself', '2026-05-02T07:00:00Z', '2026-05-03T07:00:00.000Z'],
    // Clocks go forward on 2026-03-08 at 10:00Z and back on 2026-11-01 at 09:00Z.
    ['the day before summer begins', '2026-03-07T20:00:00Z', '2026-03-08T08:00:00.000Z'],
    ['the day on which summer begins', '2026-03-08T09:00:00Z', '2026-03-09T07:00:00.000Z'],
    ['the day before summer ends', '2026-10-31T20:00:00Z', '2026-11-01T07:00:00.000Z'],
    ['the day on which summer ends', '2026-11-01T08:00:00Z', '2026-11-02T08:00:00.000Z'],
    ['at the end of a year', '2026-12-31T20:00:00Z', '2027-01-01T08:00:00.000Z'],
  ])('%s', (_, now, reset) => {
    expect(iso(nextReset('pacific-day', Date.parse(now)))).toBe(reset);
  });

  it('is never now or past', () => {
    for (
      let at = Date.parse('2026-03-07T00:00:00Z');
      at < Date.parse('2026-03-10T00:00:00Z');
      at += 900_000
    ) {
      const wait = nextReset('pacific-day', at) - at;
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(25 * 3_600_000);
    }
  });
});

it('knows zones of half an hour', () => {
  expect(iso(nextMidnight(Date.parse('2026-05-01T12:00:00Z'), 'Asia/Kolkata'))).toBe(
    '2026-05-01T18:30:00.000Z',
  );
});

it('ends days and months in UTC', () => {
  const now = Date.parse('2026-12-31T12:00:00Z');
  expect(iso(nextReset('utc-day', now))).toBe('2027-01-01T00:00:00.000Z');
  expect(iso(nextReset('utc-month', now))).toBe('2027-01-01T00:00:00.000Z');
  expect(iso(nextReset('utc-month', Date.parse('2026-05-14T12:00:00Z')))).toBe(
    '2026-06-01T00:00:00.000Z',
  );
});
