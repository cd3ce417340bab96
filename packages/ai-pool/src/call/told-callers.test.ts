import { expect, it } from 'vitest';
import { ToldCallers } from './told-callers.ts';

it('gives callers their place back when they come on time', () => {
  const told = new ToldCallers();
  told.add('one', 2_000, 100);
  told.add('two', 3_000, 200);
  expect(told.count(1_000)).toBe(2);
  expect(told.take('one', 2_000)).toBe(100);
  expect(told.take('one', 2_000)).toBeUndefined();
  expect(told.count(2_000)).toBe(1);
});

it('takes who comes too early for somebody else, but for what timers are early', () => {
  const told = new ToldCallers();
  told.add('one', 2_000, 100);
  expect(told.take('one', 1_900)).toBeUndefined();
  expect(told.take('one', 1_997)).toBe(100);
});

it('forgets who does not come', () => {
  const told = new ToldCallers();
  told.add('one', 2_000, 100);
  expect(told.count(7_000)).toBe(1);
  expect(told.count(7_001)).toBe(0);
  expect(told.any).toBe(false);
  expect(told.take('one', 7_001)).toBeUndefined();
});

it('gives those who ask the same one place each', () => {
  const told = new ToldCallers();
  told.add('same', 2_000, 100);
  told.add('same', 4_000, 200);
  expect(told.take('same', 2_000)).toBe(100);
  expect(told.take('same', 2_000)).toBeUndefined();
  expect(told.take('same', 4_000)).toBe(200);
});

it('remembers the latest 1,000', () => {
  const told = new ToldCallers();
  for (let i = 0; i < 1_500; i++) told.add(`caller ${i}`, 2_000, i);
  expect(told.count(2_000)).toBe(1_000);
  expect(told.take('caller 499', 2_000)).toBeUndefined();
  expect(told.take('caller 500', 2_000)).toBe(500);
  expect(told.take('caller 1499', 2_000)).toBe(1_499);
});
