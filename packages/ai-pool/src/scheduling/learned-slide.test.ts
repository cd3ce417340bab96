import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LearnedLimit } from './learned-limit.ts';
import { LearnedSlide } from './learned-slide.ts';

const MINUTE_MS = 60_000;

/**
 * A provider that lets so many through in any minute; where it counts refusals, they take room.
 * What comes back is how long to wait, in ms; 0: it is served.
 */
function provider(limit: number, countsRefusals = false): (now: number) => number {
  let log: number[] = [];
  return now => {
    log = log.filter(at => at + MINUTE_MS > now);
    const isServed = log.length < limit;
    if (isServed || countsRefusals) log.push(now);
    return isServed ? 0 : (log.at(-limit) ?? now) + MINUTE_MS - now;
  };
}

/** Asks as often as it may, every so many ms: how many were served and refused in each minute. */
function use(
  slide: LearnedSlide,
  ask: (now: number) => number,
  { minutes, everyMs }: { readonly minutes: number; readonly everyMs: number },
): { served: number; refused: number }[] {
  const counts = Array.from({ length: minutes }, () => ({ served: 0, refused: 0 }));
  let closedUntil = 0;
  for (let now = 0; now < minutes * MINUTE_MS; now += everyMs) {
    if (now < closedUntil || (slide.isKnown && slide.opensAt(now) > now)) continue;
    const count = counts[Math.floor(now / MINUTE_MS)];
    slide.begun(now);
    const waitMs = ask(now);
    if (waitMs === 0) count!.served++;
    else {
      count!.refused++;
      slide.refused(true, now);
      closedUntil = now + waitMs;
    }
  }
  return counts;
}

describe('a minute that slides', () => {
  it('is known by refusals that come whenever the same number got through', () => {
    const slide = new LearnedSlide(0);
    const minutes = use(slide, provider(30), { minutes: 12, everyMs: 1_000 });
    expect(slide.isKnown).toBe(true);
    const last = minutes.slice(4);
    expect(Math.min(...last.map(({ served }) => served))).toBeGreaterThanOrEqual(29);
    // It tries for more now and then.
    expect(Math.max(...last.map(({ refused }) => refused))).toBeLessThanOrEqual(2);
  });

  it('counts refusals where the provider does', () => {
    const slide = new LearnedSlide(0);
    const minutes = use(slide, provider(30, true), { minutes: 15, everyMs: 500 });
    const { served, refused } = minutes.slice(8).reduce((sum, each) => ({
      served: sum.served + each.served,
      refused: sum.refused + each.refused,
    }));
    expect(served).toBeGreaterThanOrEqual(7 * 27);
    expect(refused).toBeLessThanOrEqual(7 * 3);
  });

  it('is not believed of a bucket that refills', () => {
    // Ten at once, one every two seconds: asked for now and then, each refusal comes at another number.
    let level = 10;
    let at = 0;
    const slide = new LearnedSlide(0);
    let start = 0;
    for (const restMs of [50, 5, 60, 15, 5, 35, 60, 5, 20, 60, 10, 55, 5, 25, 60].map(
      s => s * 1_000,
    )) {
      start += restMs;
      for (let i = 0; i < 30; i++) {
        const now = start + i;
        level = Math.min(10, level + (now - at) / 2_000);
        at = now;
        slide.begun(now);
        if (level >= 1) level--;
        else {
          slide.refused(true, now);
          break;
        }
      }
    }
    expect(slide.isKnown).toBe(false);
  });

  it('knows nothing before it has seen a minute', () => {
    const slide = new LearnedSlide(0);
    slide.begun(1_000);
    slide.refused(true, 50_000);
    expect(slide.isComplete(59_999)).toBe(false);
    expect(slide.isOpen(59_999)).toBe(true);
  });

  it('takes no notice of those that were refused together with the first', () => {
    const slide = new LearnedSlide(0);
    for (let i = 0; i < 30; i++) slide.begun(MINUTE_MS + i);
    slide.refused(true, MINUTE_MS + 100);
    for (let i = 0; i < 9; i++) slide.refused(false, MINUTE_MS + 100);
    slide.believe();
    expect(slide.used(MINUTE_MS + 200)).toBe(20);
    expect(slide.opensAt(MINUTE_MS + 200)).toBe(2 * MINUTE_MS);
  });
});

/** 30 in 30 s, and one that was refused: that is the limit. */
function full(): LearnedSlide {
  const slide = new LearnedSlide(0);
  for (let i = 0; i <= 30; i++) slide.begun(MINUTE_MS + i * 1_000);
  slide.refused(true, MINUTE_MS + 30_000);
  slide.believe();
  return slide;
}

function probe(slide: LearnedSlide, at: number): void {
  slide.begun(at);
  slide.refused(false, at, false);
}

describe('a probe that is refused', () => {
  it('was not counted before it began, as those were that began with the first', () => {
    const slide = full();
    probe(slide, MINUTE_MS + 31_000);
    expect(slide.count).toBe(30);
    slide.refused(false, MINUTE_MS + 31_000, true);
    expect(slide.count).toBe(29);
  });

  it('though one of the last minute is over: those that were refused take room, too', () => {
    const slide = full();
    const at = 2 * MINUTE_MS + 1;
    expect(slide.opensAt(at)).toBe(at);
    probe(slide, at);
    expect(slide.opensAt(at)).toBeGreaterThan(at);
  });
});

it('a learned limit that is known never closes for ever, whatever comes', () => {
  const step = fc.record({
    ms: fc.nat(20_000),
    what: fc.constantFrom('begun', 'begun', 'begun', 'through', 'refused', 'also refused', 'opens'),
    isStated: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), steps => {
      const limit = new LearnedLimit(0);
      let now = 0;
      for (const { ms, what, isStated } of steps) {
        now += ms;
        if (what === 'begun') limit.begun(now);
        else if (what === 'through') limit.gotThrough();
        else if (what === 'opens') limit.opened(now, isStated);
        else {
          limit.refuses(true, what === 'refused', now);
          limit.closed(now + (limit.guess(now, what === 'refused') ?? ms));
        }
        const at = limit.opensAt(now);
        expect(at).toBeGreaterThanOrEqual(now);
        expect(Number.isFinite(at)).toBe(true);
      }
      // After a long rest it lets something through.
      now += 3_600_000;
      for (let i = 0; i < 3; i++) now = Math.max(now, limit.opensAt(now));
      expect(limit.opensAt(now)).toBe(now);
    }),
  );
});
