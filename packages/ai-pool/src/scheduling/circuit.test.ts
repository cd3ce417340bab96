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

it.each([1, 50, 1_000, 10_000])(
  'hardly ever opens at random errors of 1 %%, and only by three in a row: one outcome per %i ms',
  everyMs => {
    let state = 1;
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const circuit = new Circuit();
    const opened: number[] = [];
    let inARow = 0;
    for (let i = 0; i < 1_000_000; i++) {
      const fails = random() < 0.01;
      inARow = fails ? inARow + 1 : 0;
      if (!fails) circuit.success(i * everyMs);
      else if (circuit.failure(i * everyMs)) opened.push(inARow);
    }
    // Three in a row come once in a million.
    expect(opened.length).toBeLessThanOrEqual(5);
    expect(opened.filter(length => length < 3)).toEqual([]);
  },
);

it('forgets what is long past', () => {
  const circuit = new Circuit();
  for (let i = 0; i < 4; i++) {
    circuit.failure(i);
    circuit.success(i);
  }
  circuit.success(100_000);
  expect(circuit.failure(100_001)).toBe(false);
});
