import { describe, expect, it } from 'vitest';
import { hashOf, suits } from './affinity.ts';

const CONVERSATIONS = 20_000;

/** Names as people give them, and ids as the pool makes them. */
const names: Readonly<Record<string, (i: number) => string>> = {
  numbered: i => `user-${i}`,
  'of hex digits': i =>
    Math.imul(i + 1, 0x9e3779b1)
      .toString(16)
      .slice(-8),
  'of one letter': i => String.fromCodePoint(0x61 + i),
};

function best(conversation: number, candidates: readonly string[]): string {
  let [found, most] = ['', -1];
  for (const each of candidates) {
    const suit = suits(conversation, hashOf(each));
    if (suit > most) [found, most] = [each, suit];
  }
  return found;
}

const conversations = (nameOf: (i: number) => string): number[] =>
  Array.from({ length: CONVERSATIONS }, (_, i) => hashOf(nameOf(i)));

describe('conversations over candidates', () => {
  const sets = [
    ['numbered', 'of hex digits', 8],
    ['numbered', 'of one letter', 3],
    ['numbered', 'numbered', 20],
    ['of hex digits', 'numbered', 5],
  ] as const;

  it.each(sets)('%s, over candidates %s: evenly', (of, over, count) => {
    const candidates = Array.from({ length: count }, (_, i) => names[over]?.(i) ?? '');
    const counts = new Map<string, number>();
    for (const each of conversations(i => names[of]?.(i) ?? '')) {
      const found = best(each, candidates);
      counts.set(found, (counts.get(found) ?? 0) + 1);
    }
    const share = CONVERSATIONS / count;
    expect(counts.size).toBe(count);
    for (const each of counts.values()) {
      // Six standard deviations of a fair draw.
      expect(Math.abs(each - share)).toBeLessThan(6 * Math.sqrt(share));
    }
  });

  it('move only where their own candidate goes or a new one comes', () => {
    const before = ['a', 'b', 'c', 'd', 'e'];
    const without = before.filter(each => each !== 'c');
    const moved = new Map<string, number>();
    let strayed = 0;
    for (const each of conversations(i => `user-${i}`)) {
      const [was, is] = [best(each, before), best(each, without)];
      if (was === 'c') moved.set(is, (moved.get(is) ?? 0) + 1);
      else if (is !== was) strayed++;
    }
    expect(strayed).toBe(0);
    // Those of the one that has gone spread over all others.
    const share = CONVERSATIONS / before.length / without.length;
    for (const each of without) expect(moved.get(each)).toBeGreaterThan(share * 0.8);
  });
});

it('is the same number in every process', () => {
  expect([hashOf(''), hashOf('a'), hashOf('foobar')]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
});
