import { describe, expect, it } from 'vitest';
import type { Limits } from '../config/types.ts';
import { Admission } from './barrier.ts';
import { Limiter } from './limiter.ts';

const NOW = 1_000_000;
const MINUTE = 60_000;
const DAY = 86_400_000;

function made(limits: Limits) {
  const freed: number[] = [];
  const limiter = new Limiter(limits, () => freed.push(freed.length));
  return { limiter, freed };
}

describe('what a limit lets through', () => {
  it.each<[Limits, number]>([
    [{ rpm: 2 }, MINUTE],
    [{ rpd: 2 }, DAY],
    [{ tpm: 20 }, MINUTE],
    [{ tpd: 20 }, DAY],
    [{ rpm: 2, rpd: 100, tpm: 1_000 }, MINUTE],
    [{ rpm: 2, rpd: 2 }, DAY],
  ])('%o: two of 10 tokens, and the next one later', (limits, laterMs) => {
    const { limiter } = made(limits);
    for (let i = 0; i < 2; i++) {
      expect(limiter.check(NOW, 10)).toBe(Admission.open);
      limiter.settle(limiter.take(10, NOW), undefined, NOW);
    }
    expect(limiter.check(NOW, 10)).toBe(Admission.wall);
    expect(limiter.expectedAt(NOW, 10)).toBe(NOW + laterMs);
    expect(limiter.check(NOW + laterMs - 1, 10)).toBe(Admission.wall);
    expect(limiter.check(NOW + laterMs, 10)).toBe(Admission.open);
  });

  it('as many at once as are said, whenever they end', () => {
    const { limiter } = made({ maxConcurrency: 2 });
    const [one] = [limiter.take(0, NOW), limiter.take(0, NOW)];
    expect(limiter.check(NOW + DAY)).toBe(Admission.wall);
    expect(limiter.expectedAt(NOW)).toBe(Number.POSITIVE_INFINITY);
    expect(limiter.isProbing).toBe(true);
    limiter.settle(one, undefined, NOW);
    expect(limiter.check(NOW)).toBe(Admission.open);
    expect(limiter.isProbing).toBe(false);
  });

  it('of tokens, what a request of that size needs', () => {
    const { limiter } = made({ tpm: 100 });
    limiter.take(60, NOW);
    expect([0, 1, 40, 41].map(tokens => limiter.check(NOW, tokens))).toEqual([
      Admission.open,
      Admission.open,
      Admission.open,
      Admission.wall,
    ]);
  });
});

describe('what an attempt leaves behind', () => {
  it('is what it has used, in place of what was reserved for it', () => {
    const { limiter } = made({ tpm: 100 });
    const debit = limiter.take(80, NOW);
    limiter.settle(debit, 30, NOW + 1_000);
    expect(limiter.headroom(NOW + 1_000)).toEqual({ tokens: 70 });
    limiter.settle(limiter.take(10, NOW), 90, NOW);
    expect(limiter.headroom(NOW)).toEqual({ tokens: 0 });
    expect(limiter.expectedAt(NOW)).toBe(NOW + MINUTE);
  });

  it('is its request alone where it used nothing', () => {
    const { limiter } = made({ rpm: 5, tpm: 100 });
    limiter.settle(limiter.take(80, NOW), 0, NOW);
    expect(limiter.headroom(NOW)).toEqual({ requests: 4, tokens: 100 });
  });

  it('is nothing where it was never sent', () => {
    const { limiter } = made({ rpm: 5, tpm: 100, maxConcurrency: 3 });
    const debit = limiter.take(80, NOW);
    expect(limiter.headroom(NOW)).toEqual({ requests: 2, tokens: 20 });
    limiter.giveBack(debit, NOW);
    expect(limiter.headroom(NOW)).toEqual({ requests: 3, tokens: 100 });
  });
});

describe('room that somebody looked for', () => {
  it('is told when an attempt ends, once', () => {
    const { limiter, freed } = made({ maxConcurrency: 1 });
    const one = limiter.take(0, NOW);
    limiter.check(NOW);
    limiter.settle(one, undefined, NOW);
    expect(freed).toHaveLength(1);
    limiter.settle(limiter.take(0, NOW), undefined, NOW);
    expect(freed).toHaveLength(1);
  });

  it('is told when tokens are given back', () => {
    const { limiter, freed } = made({ tpm: 100 });
    const one = limiter.take(100, NOW);
    limiter.check(NOW, 50);
    limiter.settle(one, 10, NOW);
    expect(freed).toHaveLength(1);
  });

  it('is not told where there is no more than before', () => {
    const { limiter, freed } = made({ rpm: 1, tpm: 100 });
    const one = limiter.take(10, NOW);
    limiter.check(NOW);
    limiter.settle(one, 10, NOW);
    expect(freed).toEqual([]);
  });
});

it('tells how much of the tightest limit is taken', () => {
  const { limiter } = made({ rpm: 10, tpm: 100, maxConcurrency: 8 });
  expect(limiter.share(NOW)).toBe(0);
  limiter.take(50, NOW);
  expect(limiter.share(NOW)).toBe(0.5);
  for (let i = 0; i < 6; i++) limiter.take(0, NOW);
  expect(limiter.share(NOW)).toBe(7 / 8);
});

it('says nothing of what is not limited', () => {
  const { limiter } = made({ rpm: Number.POSITIVE_INFINITY });
  limiter.take(1_000_000, NOW);
  expect(limiter.headroom(NOW)).toEqual({});
  expect(limiter.share(NOW)).toBe(0);
  expect(limiter.check(NOW, 1_000_000)).toBe(Admission.open);
});
