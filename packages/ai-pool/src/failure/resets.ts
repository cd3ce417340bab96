/** A documented moment at which a limit starts anew. */
export type Reset = 'pacific-day' | 'utc-day' | 'utc-month';

const formats: Record<string, Intl.DateTimeFormat> = {};

/** Wall-clock time of a zone, as if it were UTC. */
function wallClock(at: number, timeZone: string): number {
  const format = (formats[timeZone] ??= new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    dateStyle: 'short',
    timeStyle: 'medium',
  }));
  // 5/14/26, 05:00:00
  const [month = 1, day, year = 0, hour, minute, second] = (
    format.format(at).match(/\d+/g) ?? []
  ).map(Number);
  return Date.UTC(2000 + year, month - 1, day, hour, minute, second);
}

/** Epoch ms of the next midnight in a time zone, daylight saving included. */
export function nextMidnight(now: number, timeZone: string): number {
  // Wall clocks count whole seconds.
  const second = now - (now % 1000);
  const wall = wallClock(second, timeZone);
  const midnight = Math.floor(wall / 86_400_000 + 1) * 86_400_000;
  // The offset at midnight may differ from the one now, so it is read again there.
  const at = midnight - (wall - second);
  return midnight - (wallClock(at, timeZone) - at);
}

/** Epoch ms of a documented reset. */
export function nextReset(reset: Reset, now: number): number {
  const date = new Date(now);
  return reset === 'utc-month'
    ? Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
    : nextMidnight(now, reset === 'utc-day' ? 'UTC' : 'America/Los_Angeles');
}
