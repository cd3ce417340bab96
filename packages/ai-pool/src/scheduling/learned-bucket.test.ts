import { expect, it } from 'vitest';
import { LearnedBucket } from './learned-bucket.ts';

/** A bucket that has refused at 0 and after so long, and has let so many through between. */
function learned(count: number, ms: number): LearnedBucket {
  const bucket = new LearnedBucket(0);
  for (let i = 0; i < count; i++) bucket.begun(ms / 2);
  bucket.refused(ms);
  return bucket;
}

/** How many it lets begin within so long, at the moment that each may. */
function within(bucket: LearnedBucket, from: number, ms: number): number {
  let count = 0;
  for (let at = bucket.opensAt(from); at < from + ms; at = bucket.opensAt(at)) {
    bucket.begun(at);
    count++;
  }
  return count;
}

/** How many it lets begin at once, so long after a refusal. */
const burst = (restMs: number): number => within(learned(50, 50_000), 50_000 + restMs, 1);

it('knows nothing of the first refusal', () => {
  const bucket = new LearnedBucket(0);
  expect(bucket.isKnown).toBe(false);
  expect(bucket.opensAt(10)).toBe(10);
});

it('allows what got through between two refusals, and little more', () => {
  const count = within(learned(50, 50_000), 50_000, 20_000);
  expect(count).toBeGreaterThanOrEqual(20);
  expect(count).toBeLessThanOrEqual(22);
});

it('spreads it evenly', () => {
  const bucket = learned(50, 50_000);
  const first = bucket.opensAt(50_000);
  bucket.begun(first);
  expect(bucket.opensAt(first) - first).toBeGreaterThan(900);
});

it('trusts what it has seen little of less', () => {
  const little = within(learned(2, 4_000), 4_000, 20_000) / 10;
  const much = within(learned(50, 100_000), 100_000, 20_000) / 10;
  expect(little).toBeGreaterThan(much * 1.2);
});

it('lets more begin at once when nothing was refused for a while', () => {
  expect(burst(3_000)).toBe(2);
  expect(burst(40_000)).toBeGreaterThan(5);
});

it('corrects itself by the next refusal', () => {
  const bucket = learned(50, 50_000);
  // Half as much from then on.
  for (let i = 0; i < 75; i++) bucket.begun(100_000);
  bucket.refused(200_000);
  const count = within(bucket, 200_000, 20_000);
  expect(count).toBeLessThan(15);
});

it('forgets attempts that were refused', () => {
  const bucket = new LearnedBucket(0);
  for (let i = 0; i < 20; i++) bucket.begun(5_000);
  for (let i = 0; i < 10; i++) bucket.withdraw();
  bucket.refused(10_000);
  expect(within(bucket, 10_000, 10_000)).toBeLessThanOrEqual(12);
});

it('does not count below nothing what had begun before it', () => {
  const bucket = new LearnedBucket(0);
  for (let i = 0; i < 50; i++) bucket.withdraw();
  for (let i = 0; i < 60; i++) bucket.begun(1_000);
  bucket.refused(60_000);
  expect(within(bucket, 60_000, 20_000)).toBeGreaterThanOrEqual(20);
});

it('learns nothing of hours in which few came', () => {
  const bucket = new LearnedBucket(0);
  for (let i = 1; i <= 300; i++) bucket.begun(i * 120_000);
  const now = 36_060_000;
  for (let i = 0; i < 60; i++) bucket.begun(now - 1_000 * i);
  bucket.refused(now);
  expect(within(bucket, now, 60_000)).toBeGreaterThanOrEqual(20);
});

it('is forgotten when nothing was refused for long', () => {
  const bucket = learned(50, 50_000);
  bucket.begun(60_000);
  expect(bucket.opensAt(3_600_000)).toBe(3_600_000);
  expect(bucket.isKnown).toBe(false);
});
