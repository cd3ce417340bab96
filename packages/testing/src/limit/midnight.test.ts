import { expect, test } from 'vitest';
import { midnight } from './midnight.ts';

const end = (timeZone: string, at: string): string =>
  new Date(midnight(timeZone)(Date.parse(at))).toISOString();

test.each([
  ['UTC', '2026-04-28T12:00:00Z', '2026-04-29T00:00:00.000Z'],
  ['UTC', '2026-04-28T23:59:59.999Z', '2026-04-29T00:00:00.000Z'],
  ['UTC', '2026-04-29T00:00:00Z', '2026-04-30T00:00:00.000Z'],
  ['UTC', '2026-12-31T18:00:00Z', '2027-01-01T00:00:00.000Z'],
  // Summer and winter time.
  ['America/Los_Angeles', '2026-05-01T12:00:00Z', '2026-05-02T07:00:00.000Z'],
  ['America/Los_Angeles', '2026-05-02T06:59:59.999Z', '2026-05-02T07:00:00.000Z'],
  ['America/Los_Angeles', '2026-05-02T07:00:00Z', '2026-05-03T07:00:00.000Z'],
  ['America/Los_Angeles', '2026-01-15T07:59:00Z', '2026-01-15T08:00:00.000Z'],
  // A day of 23 hours, and one of 25.
  ['America/Los_Angeles', '2026-03-08T08:00:00Z', '2026-03-09T07:00:00.000Z'],
  ['America/Los_Angeles', '2026-11-01T07:00:00Z', '2026-11-02T08:00:00.000Z'],
])('the day in %s at %s ends at %s', (timeZone, at, expected) => {
  expect(end(timeZone, at)).toBe(expected);
});

test('midnight comes once per day, each hour of two years', () => {
  const next = midnight('America/Los_Angeles');
  const ends = new Set<number>();
  for (let now = Date.parse('2026-01-01T08:00:00Z'), hours = 0; hours < 2 * 365 * 24; hours += 1) {
    const at = next(now);
    expect(at).toBeGreaterThan(now);
    expect(at - now).toBeLessThanOrEqual(25 * 3_600_000);
    ends.add(at);
    now += 3_600_000;
  }
  expect(ends.size).toBe(2 * 365);
});
