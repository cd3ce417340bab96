import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Urn } from './urn.ts';

it('draws one of those that are in it, and takes away the one that was drawn', () => {
  const action = fc.oneof(
    fc.record({ push: fc.nat(1_000) }),
    fc.constant('pop' as const),
    fc.constant('draw' as const),
  );
  const draws = fc.array(fc.double({ min: 0, max: 0.999_999, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 100 }), draws, (actions, numbers) => {
      let next = 0;
      const urn = new Urn<number>(() => numbers[next++ % numbers.length] ?? 0);
      const inside: number[] = [];
      for (const [i, each] of actions.entries()) {
        if (each === 'draw') urn.rerank(i);
        else if (each !== 'pop') {
          urn.push(each.push);
          inside.push(each.push);
        } else if (urn.first !== undefined) {
          inside.splice(inside.indexOf(urn.first), 1);
          urn.pop();
        }
        expect(urn.first === undefined).toBe(inside.length === 0);
        expect([undefined, ...inside]).toContain(urn.first);
      }
    }),
  );
});

it('draws each as often as the others', () => {
  let state = 7;
  const urn = new Urn<number>(() => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647);
  for (let i = 0; i < 10; i++) urn.push(i);
  const counts = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 10_000; i++) {
    urn.rerank(i);
    counts[urn.first ?? 0] = (counts[urn.first ?? 0] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(120);
});
