import { expect, test } from 'vitest';
import { createVirtualClock } from './virtual-clock.ts';

test('stands still until it is moved', async () => {
  const clock = createVirtualClock(1_000);
  expect(clock.now()).toBe(1_000);
  await clock.advance(250);
  expect(clock.now()).toBe(1_250);
});

test('fires due timers in order, each at its own time', async () => {
  const clock = createVirtualClock();
  const fired: [string, number][] = [];
  const note = (name: string) => () => fired.push([name, clock.now()]);
  clock.setTimeout(note('late'), 30);
  clock.setTimeout(note('first'), 10);
  clock.setTimeout(note('second'), 10);
  clock.setTimeout(note('never'), 41);
  clock.setTimeout(note('at once'), -5);
  await clock.advance(40);
  expect(fired).toEqual([
    ['at once', 0],
    ['first', 10],
    ['second', 10],
    ['late', 30],
  ]);
  expect(clock.pending()).toBe(1);
  expect(clock.now()).toBe(40);
});

test('lets what a timer set off settle before the next one', async () => {
  const clock = createVirtualClock();
  const seen: string[] = [];
  clock.setTimeout(() => {
    void (async () => {
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
      seen.push('settled');
      clock.setTimeout(() => seen.push(`on the way at ${clock.now()}`), 5);
    })();
  }, 10);
  clock.setTimeout(() => seen.push('next'), 11);
  await clock.advance(20);
  expect(seen).toEqual(['settled', 'next', 'on the way at 15']);
});

test('does not fire what was cleared', async () => {
  const clock = createVirtualClock();
  let fired = 0;
  const handle = clock.setTimeout(() => (fired += 1), 10);
  clock.setTimeout(() => (fired += 1), 10);
  clock.clearTimeout(handle);
  clock.clearTimeout(handle);
  clock.clearTimeout(undefined);
  expect(clock.pending()).toBe(1);
  await clock.advance(10);
  expect(fired).toBe(1);
});

test('runs all timers, with those that are set on the way', async () => {
  const clock = createVirtualClock();
  let left = 100;
  const again = (): void => {
    left -= 1;
    if (left > 0) clock.setTimeout(again, 1_000);
  };
  clock.setTimeout(again, 1_000);
  await clock.runAll();
  expect([left, clock.now(), clock.pending()]).toEqual([0, 100_000, 0]);
});

test('an error of a callback surfaces', async () => {
  const clock = createVirtualClock();
  clock.setTimeout(() => {
    throw new Error('broken timer');
  }, 1);
  await expect(clock.advance(1)).rejects.toThrow('broken timer');
});
