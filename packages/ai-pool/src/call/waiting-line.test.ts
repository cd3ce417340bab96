import { describe, expect, it } from 'vitest';
import { WaitingLine, type Waiter } from './waiting-line.ts';

/** A line before something that lets so many through, and who went, in order. */
function made() {
  const line = new WaitingLine();
  const served: string[] = [];
  const asked: string[] = [];
  let now = 0;
  let room = 0;
  const wait = (name: string, since: number, wants?: unknown): Waiter => {
    const waiter: Waiter = {
      since,
      wants,
      tryNow() {
        asked.push(name);
        if (room === 0) return false;
        room--;
        served.push(name);
        line.leave(waiter, now);
        return true;
      },
    };
    line.join(waiter, now);
    return waiter;
  };
  return {
    line,
    served,
    asked,
    wait,
    at: (time: number): void => {
      now = time;
    },
    open: (count: number): void => {
      room = count;
      line.serve(now);
    },
  };
}

describe('serving', () => {
  it('goes by how long each has waited, whenever it joined', () => {
    const { wait, open, served } = made();
    for (const [name, since] of [
      ['second', 20],
      ['third', 20],
      ['first', 10],
      ['fourth', 30],
    ] as const) {
      wait(name, since);
    }
    open(2);
    expect(served).toEqual(['first', 'second']);
    open(5);
    expect(served).toEqual(['first', 'second', 'third', 'fourth']);
  });

  it('passes nobody by who can use what there is', () => {
    const { line, wait, open, served } = made();
    line.join({ since: 1, wants: undefined, tryNow: () => false }, 0);
    wait('other', 2);
    open(1);
    expect(served).toEqual(['other']);
  });

  it('asks once for all who want the same', () => {
    const { wait, open, asked, served } = made();
    const wants = {};
    for (let i = 0; i < 100; i++) wait(`${i}`, i, wants);
    open(0);
    expect(asked).toEqual(['0']);
    open(3);
    expect(served).toEqual(['0', '1', '2']);
    expect(asked).toHaveLength(1 + 3 + 1);
  });

  it('does not begin anew while it serves', () => {
    const { line, wait, open, served } = made();
    const waiter: Waiter = {
      since: 1,
      wants: undefined,
      tryNow: now => {
        line.serve(now);
        return false;
      },
    };
    line.join(waiter, 0);
    wait('other', 2);
    open(1);
    expect(served).toEqual(['other']);
  });

  it('is done once for all that opens at one moment', async () => {
    const { line, wait, asked } = made();
    wait('one', 1);
    for (let i = 0; i < 5; i++) line.wake(() => 0);
    expect(asked).toEqual([]);
    await Promise.resolve();
    expect(asked).toEqual(['one']);
  });
});

describe('newcomers', () => {
  it('may hardly wait once somebody has been waiting for 5 s', () => {
    const { line, wait, at } = made();
    expect(line.allowance(0)).toBe(Number.POSITIVE_INFINITY);
    wait('one', 0);
    expect(line.allowance(4_999)).toBe(Number.POSITIVE_INFINITY);
    expect(line.allowance(5_000)).toBe(500);
    at(6_000);
    const other = wait('other', 6_000);
    line.leave(other, 6_000);
    expect(line.allowance(6_000)).toBe(500);
  });

  it('also where all look in vain at the same moment and go on waiting', () => {
    const { line, wait, at } = made();
    for (let now = 0; now <= 6_000; now += 1_000) {
      at(now);
      const all = [wait('one', 0), wait('two', 0)];
      at(now + 1_000);
      if (now < 6_000) for (const each of all) line.leave(each, now + 1_000);
    }
    expect(line.allowance(7_000)).toBe(500);
  });

  it('wait as they like again once the line was empty', () => {
    const { line, wait, at } = made();
    line.leave(wait('one', 0), 9_000);
    expect(line.allowance(9_000)).toBe(Number.POSITIVE_INFINITY);
    at(9_500);
    wait('two', 9_500);
    expect(line.allowance(10_000)).toBe(Number.POSITIVE_INFINITY);
    expect(line.allowance(14_500)).toBe(500);
  });
});

describe('somebody’s turn', () => {
  it('comes as fast as the line moves', () => {
    const { line, wait, at, open } = made();
    for (let i = 0; i < 100; i++) wait(`${i}`, i);
    expect(line.turnIn(50, 0)).toBe(0);
    for (let second = 1; second <= 4; second++) {
      at(second * 1_000);
      open(10);
    }
    expect(line.turnIn(50, 4_000)).toBe(5_000);
  });

  it('goes by the last seconds where it moves otherwise than before', () => {
    const { line, wait, at, open } = made();
    for (let i = 0; i < 400; i++) wait(`${i}`, i);
    at(1_000);
    open(100);
    for (let second = 2; second <= 60; second++) {
      at(second * 1_000);
      open(2);
    }
    // 2 per second: 20 others are served in 10 s.
    expect(line.turnIn(20, 60_000)).toBeGreaterThan(8_000);
    expect(line.turnIn(20, 60_000)).toBeLessThan(13_000);
  });
});
