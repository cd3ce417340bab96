import { expect, it } from 'vitest';
import { Circuit } from './circuit.ts';

it('opens at the third failure in a row', () => {
  const circuit = new Circuit();
  expect([0, 1, 2].map(at => circuit.failure(at))).toEqual([false, false, true]);
});

it('opens when half of at least 10 outcomes in 30 s fail', () => {
  const circuit = new Circuit();
  const opened: number[] = [];
  for (let i = 0; i < 12; i++) {
    if (i % 2 === 0) circuit.success(i);
    else if (circuit.failure(i)) opened.push(i);
  }
  expect(opened[0]).toBe(9);
});

it('never opens at a steady error rate of 1 %', () => {
  const circuit = new Circuit();
  let opened = 0;
  for (let i = 0; i < 100_000; i++) {
    if (i % 100 === 99) opened += circuit.failure(i * 10) ? 1 : 0;
    else circuit.success(i * 10);
  }
  expect(opened).toBe(0);
});

it('forgets what is long past', () => {
  const circuit = new Circuit();
  for (let i = 0; i < 4; i++) {
    circuit.failure(i);
    circuit.success(i);
  }
  circuit.success(100_000);
  expect(circuit.failure(100_001)).toBe(false);
});
