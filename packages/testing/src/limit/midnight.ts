import type { WindowEnd } from './fixed-window.ts';

/** The end of the day in a time zone: its next midnight, also where a day has 23 or 25 hours. */
export function midnight(timeZone: string): WindowEnd {
  const wallClock = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });

  /** What the wall clock shows, as if it stood in UTC. */
  function shown(now: number): Date {
    const parts = wallClock.formatToParts(now);
    const part = (name: Intl.DateTimeFormatPartTypes): number =>
      Number(parts.find(({ type }) => type === name)?.value);
    return new Date(
      Date.UTC(
        part('year'),
        part('month') - 1,
        part('day'),
        part('hour'),
        part('minute'),
        part('second'),
      ),
    );
  }

  return now => {
    const today = shown(now);
    const target = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate() + 1);
    // The offset of the coming midnight, which is not always the one of now.
    const near = target + (now - today.getTime());
    const offset = near - shown(near).getTime();
    return Math.floor((target + offset) / 1000) * 1000;
  };
}
