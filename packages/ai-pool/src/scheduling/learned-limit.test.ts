import { describe, expect, it } from 'vitest';
import { LearnedLimit } from './learned-limit.ts';
import { Pace } from './pace.ts';
import { Sharing } from './sharing.ts';

const MINUTE_MS = 60_000;

/** Whether a provider lets one in. */
type Provider = (now: number) => boolean;

/** So many in any minute. */
function sliding(limit: number): Provider {
  let log: number[] = [];
  return now => {
    log = log.filter(at => at + MINUTE_MS > now);
    return log.length < limit && log.push(now) > 0;
  };
}

/** So many in a minute that begins with the first. */
function fixed(limit: number): Provider {
  let [endsAt, used] = [0, 0];
  return now => {
    if (now >= endsAt) [endsAt, used] = [now + MINUTE_MS, 0];
    return used++ < limit;
  };
}

/** So many a minute that come in evenly, and few of them at once. */
function refilling(limit: number, most: number): Provider {
  let [level, at] = [most, 0];
  return now => {
    level = Math.min(most, level + ((now - at) * limit) / MINUTE_MS);
    at = now;
    return level >= 1 && level-- > 0;
  };
}

/**
 * Callers come every so many ms and wait for 5 s at most. Nobody tells them anything: how many
 * were served and refused in each minute.
 */
function use(
  provider: Provider,
  everyMs: number,
  minutes: number,
): { served: number; refused: number }[] {
  const pace = new Pace(true);
  const counts = Array.from({ length: minutes }, () => ({ served: 0, refused: 0 }));
  let [waiting, closedUntil, strikes] = [0, 0, 0];
  for (let now = 0; now < minutes * MINUTE_MS; now += 50) {
    if (now % everyMs === 0) waiting = Math.min(waiting + 1, Math.ceil(5_000 / everyMs));
    const count = counts[Math.floor(now / MINUTE_MS)]!;
    // Those that begin together hear of it together.
    let [through, refused] = [0, 0];
    const isProbe = closedUntil > 0;
    const most = isProbe ? 1 : waiting;
    const isOpen = (): boolean => isProbe || pace.opensAt(now) <= now;
    if (now < closedUntil) continue;
    for (let i = 0; i < most && isOpen(); i++) {
      pace.begun(now);
      if (provider(now)) through++;
      else refused++;
    }
    waiting -= through;
    count.served += through;
    count.refused += refused;
    if (isProbe && through > 0) {
      closedUntil = strikes = 0;
      pace.begin(now);
    }
    for (let i = 0; i < through; i++) pace.gotThrough();
    for (let i = 0; i < refused; i++) {
      const isFirst = i === 0 && !isProbe;
      pace.refused(1, isFirst, now);
      if (i > 0) continue;
      strikes++;
      const ms = pace.guess(now, isFirst) ?? Math.min(1_000 * 2 ** (strikes - 1), MINUTE_MS);
      closedUntil = now + Math.max(ms, 50);
      pace.closed(closedUntil);
    }
  }
  return counts;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

describe('more callers than a provider lets in, and nobody says how many that is', () => {
  for (const [name, provider] of Object.entries({ sliding, fixed })) {
    it.each([12, 30, 60, 100])(`of a ${name} minute: nearly all of %i are used`, limit => {
      const counts = use(provider(limit), Math.floor(MINUTE_MS / limit / 1.5 / 50) * 50, 20);
      const later = counts.slice(4);
      expect(sum(later.map(({ served }) => served))).toBeGreaterThanOrEqual(0.9 * 16 * limit);
      expect(sum(later.map(({ refused }) => refused))).toBeLessThanOrEqual(0.1 * 16 * limit);
    });
  }

  it.each([10, 20, 30, 60])(
    'of a shallow bucket: it is used for hours as at first, of %i',
    limit => {
      const provider = refilling(limit, Math.ceil(limit / 20));
      const counts = use(provider, Math.floor(MINUTE_MS / limit / 1.2 / 50) * 50, 180);
      const served = counts.map(each => each.served);
      expect(sum(served.slice(120))).toBeGreaterThanOrEqual(0.85 * sum(served.slice(0, 60)));
    },
  );
});

/** Of a window that was seen for a minute: at its beginning, all of it open. */
function windowOf(count: number): LearnedLimit {
  const limit = new LearnedLimit(0);
  limit.closed(MINUTE_MS);
  limit.opened(MINUTE_MS, false);
  for (let i = 0; i < count; i++) limit.begun(MINUTE_MS + i);
  limit.begun(MINUTE_MS + 20_000);
  limit.refuses(true, true, MINUTE_MS + 20_000);
  limit.closed(2 * MINUTE_MS);
  limit.opened(2 * MINUTE_MS, false);
  return limit;
}

describe('a window that is not proven', () => {
  it('is not proven by one more than a minute that slides allows', () => {
    const limit = windowOf(30);
    for (let i = 0; i < 2; i++) {
      limit.begun(2 * MINUTE_MS);
      limit.gotThrough();
    }
    // One answer more than what began: it had begun before.
    limit.gotThrough();
    expect(limit.isKnown).toBe(false);
    for (let i = 0; i < 10; i++) limit.gotThrough();
    expect(limit.isKnown).toBe(true);
  });

  it('lets through what got through in the last minute, though part of it before it was closed', () => {
    const limit = new LearnedLimit(0);
    const refuse = (at: number, until: number): void => {
      limit.begun(at);
      limit.refuses(true, true, at);
      limit.closed(until);
      limit.opened(until, false);
    };
    limit.opened(MINUTE_MS, false);
    for (let i = 0; i < 25; i++) limit.begun(61_000 + i);
    refuse(70_000, 80_000);
    for (let i = 0; i < 5; i++) limit.begun(81_000 + i);
    refuse(90_000, 130_000);
    for (let i = 0; i < 30; i++) {
      expect(limit.opensAt(130_000)).toBe(130_000);
      limit.begun(130_000);
    }
    expect(limit.opensAt(130_000)).toBe(190_000);
  });

  it('is said to begin anew, since it may not be whole', () => {
    const limit = windowOf(30);
    for (let i = 0; i < 30; i++) expect(limit.begun(2 * MINUTE_MS + i)).toBe(false);
    expect(limit.opensAt(2 * MINUTE_MS + 100)).toBe(3 * MINUTE_MS);
    expect(limit.begun(3 * MINUTE_MS)).toBe(true);
    expect(limit.begun(3 * MINUTE_MS)).toBe(false);
  });

  it('is as long as it was seen closed, where it may have begun anew unseen', () => {
    const limit = new LearnedLimit(0);
    limit.closed(30_000);
    limit.opened(30_000, true);
    // Ten hours of little, and then too much of it.
    const hours = 600 * MINUTE_MS;
    for (let at = MINUTE_MS; at < hours; at += 2 * MINUTE_MS) limit.begun(at);
    for (let i = 0; i < 61; i++) limit.begun(hours + i * 500);
    limit.refuses(true, true, hours + 30_500);
    limit.closed(hours + MINUTE_MS);
    limit.opened(hours + MINUTE_MS, true);
    let now = hours + MINUTE_MS;
    for (let i = 0; i < 1_000; i++, now += 100) {
      expect(limit.opensAt(now) - now).toBeLessThanOrEqual(MINUTE_MS);
      limit.begun(now);
    }
  });

  it('is one that slides where its second period refuses at once', () => {
    const limit = windowOf(30);
    for (let i = 0; i < 30; i++) limit.begun(2 * MINUTE_MS + i * 1_000);
    for (let i = 0; i < 3; i++) limit.begun(3 * MINUTE_MS + i);
    limit.refuses(true, true, 3 * MINUTE_MS + 50);
    // The next of the last minute is over in a second, not all of them in a minute.
    expect(limit.guess(3 * MINUTE_MS + 50, true)).toBe(950);
  });
});

/** Opens at one minute, is used from so many ms later on, and refuses; its minute ends when stated. */
function refusing(
  sharing: Sharing,
  { firstMs, refusedMs, endsMs }: { firstMs: number; refusedMs: number; endsMs: number },
  count = 5,
): LearnedLimit {
  const limit = new LearnedLimit(10_000, sharing);
  limit.refuses(false, true, 10_000);
  limit.closed(MINUTE_MS);
  limit.opened(MINUTE_MS, true);
  for (let i = 0; i < count; i++) limit.begun(MINUTE_MS + firstMs + i * 1_000);
  limit.begun(MINUTE_MS + refusedMs);
  limit.refuses(true, true, MINUTE_MS + refusedMs);
  limit.closed(MINUTE_MS + endsMs);
  limit.opened(MINUTE_MS + endsMs, true);
  return limit;
}

/** Begins as many as it allows a minute later. */
function allowed(limit: LearnedLimit): number {
  const now = 2 * MINUTE_MS + 1_000;
  let count = 0;
  for (; count < 50 && limit.opensAt(now) <= now; count++) limit.begun(now);
  return count;
}

describe('others who use the same key', () => {
  it('are seen where the minute began when nothing of ours did', () => {
    const sharing = new Sharing();
    refusing(sharing, { firstMs: 700, refusedMs: 30_000, endsMs: 60_400 });
    expect(sharing.isSeen).toBe(true);
  });

  it.each([
    ['it began with our first', { firstMs: 700, refusedMs: 30_000, endsMs: 60_700 }],
    ['its end was rounded up', { firstMs: 700, refusedMs: 30_000, endsMs: 61_600 }],
    ['it may have begun with our last before', { firstMs: 700, refusedMs: 30_000, endsMs: 11_500 }],
    ['it opens again soon', { firstMs: 0, refusedMs: 30_000, endsMs: 32_000 }],
  ])('are not seen where %s', (_, times) => {
    const sharing = new Sharing();
    refusing(sharing, times);
    expect(sharing.isSeen).toBe(false);
  });

  it('leave a share that is known also where it was used up late', () => {
    const late = { firstMs: 700, refusedMs: 55_000, endsMs: 60_400 };
    expect(allowed(refusing(new Sharing(), late))).toBe(5);
    expect(allowed(refusing(new Sharing(), { ...late, endsMs: 61_000 }))).not.toBe(5);
  });
});
