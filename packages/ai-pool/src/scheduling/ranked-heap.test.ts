import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RankedHeap } from './ranked-heap.ts';

const action = fc.oneof(
  fc.record({ push: fc.nat(20), rank: fc.nat(9) }),
  fc.record({ rerank: fc.nat(9) }),
  fc.constant('pop' as const),
);

it('has the least first, and of equal ones the one that is put first', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 100 }), actions => {
      const heap = new RankedHeap<number>((a, b) => a < b);
      let items: { item: number; rank: number }[] = [];
      for (const each of actions) {
        const [first] = items;
        if (each === 'pop') {
          if (first !== undefined) heap.pop();
          items = items.slice(1);
        } else if ('rerank' in each) {
          if (first !== undefined) {
            first.rank = each.rerank;
            heap.rerank(each.rerank);
          }
        } else {
          heap.push(each.push, each.rank);
          items.push({ item: each.push, rank: each.rank });
        }
        items = items.toSorted((a, b) => a.rank - b.rank || a.item - b.item);
        expect([heap.first, heap.rank]).toEqual([
          items[0]?.item,
          items[0]?.rank ?? Number.POSITIVE_INFINITY,
        ]);
      }
    }),
  );
});
