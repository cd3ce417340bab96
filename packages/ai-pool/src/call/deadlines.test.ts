import { createVirtualClock } from '@ai-pool/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deadlines } from './deadlines.ts';

describe('Deadlines', () => {
  it('needs one timer for any number, and none for none', async () => {
    const clock = createVirtualClock();
    const deadlines = new Deadlines(clock);
    const all = [30, 10, 20].map(at => deadlines.add(at, () => undefined));
    expect(clock.pending()).toBe(1);
    for (const deadline of all) deadlines.cancel(deadline);
    expect(clock.pending()).toBe(0);
    expect(deadlines.size).toBe(0);
    await clock.advance(100);
  });

  it('property: each fires once, in order, at its time, unless it is cancelled', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.nat(1_000), cancelled: fc.boolean() }), { maxLength: 60 }),
        async plan => {
          const clock = createVirtualClock();
          const deadlines = new Deadlines(clock);
          const fired: { at: number; now: number }[] = [];
          const made = plan.map(({ at }) =>
            deadlines.add(at, () => fired.push({ at, now: clock.now() })),
          );
          plan.forEach(({ cancelled }, i) => {
            const deadline = made[i];
            if (cancelled && deadline !== undefined) deadlines.cancel(deadline);
          });
          await clock.advance(1_001);
          const expected = plan.filter(({ cancelled }) => !cancelled).map(({ at }) => at);
          expect(fired.map(({ at }) => at)).toEqual(expected.toSorted((a, b) => a - b));
          expect(fired.every(({ at, now }) => at === now)).toBe(true);
          expect(clock.pending()).toBe(0);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('holds delays that timers cannot', async () => {
    const clock = createVirtualClock();
    const deadlines = new Deadlines(clock);
    let fired = false;
    deadlines.add(2 ** 31 + 5, () => {
      fired = true;
    });
    await clock.advance(2 ** 31);
    expect(fired).toBe(false);
    await clock.advance(5);
    expect(fired).toBe(true);
  });
});
