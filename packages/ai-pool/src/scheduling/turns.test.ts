import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cycle, Weighted, type Turns } from './turns.ts';

interface One {
  turn: number;
  weight: number;
  readonly position: number;
}

function made(turns: Turns<One>, weights: readonly number[]): One[] {
  return weights.map((weight, position) => {
    const one = { turn: 0, weight, position };
    turns.add(one);
    return one;
  });
}

/** Whose turn it is among some. */
const next = (turns: Turns<One>, some: readonly One[]): One | undefined =>
  some.toSorted((a, b) => turns.rank(a) - turns.rank(b) || a.position - b.position)[0];

/** Hands out so many, among those that are open then. */
function handOut(
  turns: Turns<One>,
  count: number,
  open: (i: number) => readonly One[],
): (number | undefined)[] {
  return Array.from({ length: count }, (_, i) => {
    const one = next(turns, open(i));
    if (one !== undefined) turns.handedOut(one, false);
    return one?.position;
  });
}

describe('a cycle', () => {
  it('goes round in configured order, and passes what is not open', () => {
    const turns = new Cycle(false);
    const all = made(turns, [1, 1, 1, 1]);
    expect(handOut(turns, 6, () => all)).toEqual([0, 1, 2, 3, 0, 1]);
    const others = all.filter(({ position }) => position !== 2);
    expect(handOut(turns, 4, () => others)).toEqual([3, 0, 1, 3]);
    expect(handOut(turns, 3, () => all)).toEqual([0, 1, 2]);
  });

  it('takes no turn for a retry', () => {
    const turns = new Cycle(false);
    const all = made(turns, [1, 1]);
    for (const one of all) turns.handedOut(one, true);
    expect(handOut(turns, 2, () => all)).toEqual([0, 1]);
  });

  it('stays where it is told to stay, and does not return by itself', () => {
    const turns = new Cycle(true);
    const all = made(turns, [1, 1, 1]);
    expect(handOut(turns, 2, () => all)).toEqual([0, 0]);
    expect(handOut(turns, 2, () => all.slice(1))).toEqual([1, 1]);
    expect(handOut(turns, 2, () => all)).toEqual([1, 1]);
    expect(handOut(turns, 1, () => all.slice(0, 1))).toEqual([0]);
  });

  it.each([0, 1, 2, 3, 4, 5, 6])('takes a new one in as the last: after %i', begun => {
    const turns = new Cycle(false);
    const all = made(turns, [1, 1, 1]);
    handOut(turns, begun, () => all);
    const one = { turn: 0, weight: 1, position: 3 };
    turns.add(one);
    const from = begun % 3;
    const expected = [0, 1, 2, 3].map(i => (from + i) % 4);
    expect(handOut(turns, 4, () => [...all, one])).toEqual(expected);
  });
});

describe('weights', () => {
  it('are smooth', () => {
    const turns = new Weighted();
    const all = made(turns, [3, 1]);
    expect(handOut(turns, 8, () => all)).toEqual([0, 1, 0, 0, 0, 1, 0, 0]);
  });

  it('are the shares of what is handed out, at every moment', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(weights, fc.nat(200), (given, count) => {
        const turns = new Weighted();
        const all = made(turns, given);
        const handedOut = handOut(turns, count, () => all);
        const rounds = all.map(
          ({ position, weight }) => handedOut.filter(each => each === position).length / weight,
        );
        const strides = all.map(({ weight }) => 1 / weight);
        for (const [i, a] of rounds.entries()) {
          for (const [j, b] of rounds.entries()) {
            expect(a - b).toBeLessThanOrEqual((strides[i] ?? 0) + (strides[j] ?? 0) + 1e-9);
          }
        }
      }),
    );
  });

  it('are not caught up after a closure', () => {
    const turns = new Weighted();
    const [a, b] = made(turns, [1, 1]) as [One, One];
    handOut(turns, 100, () => [a]);
    const after = handOut(turns, 10, () => [a, b]);
    expect(after.filter(position => position === 1)).toHaveLength(5);
  });

  it('of nothing take no turn, and count again once they are more', () => {
    const turns = new Weighted();
    const [a, b] = made(turns, [0, 1]) as [One, One];
    handOut(turns, 3, () => [b]);
    expect(handOut(turns, 2, () => [a])).toEqual([0, 0]);
    a.weight = 1;
    const after = handOut(turns, 9, () => [a, b]);
    expect(after.filter(position => position === 0)).toHaveLength(5);
  });

  it('begin where the others are', () => {
    const turns = new Weighted();
    const all = made(turns, [1, 1]);
    handOut(turns, 50, () => all);
    const one = { turn: 0, weight: 1, position: 2 };
    turns.add(one);
    const after = handOut(turns, 9, () => [...all, one]);
    expect(after.filter(position => position === 2)).toHaveLength(3);
  });
});
