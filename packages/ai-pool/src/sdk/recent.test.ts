import { expect, it } from 'vitest';
import { Recent } from './recent.ts';

it('keeps what is used and forgets the rest, within its capacity', () => {
  const recent = new Recent<number, string>(10);
  for (let i = 0; i < 1_000; i++) {
    recent.set(i, `value ${i}`);
    recent.get(0);
  }
  const kept = Array.from({ length: 1_000 }, (_, i) => i).filter(i => recent.get(i) !== undefined);
  expect(kept).toContain(0);
  expect(kept).toContain(999);
  expect(kept.length).toBeLessThanOrEqual(10);
});
