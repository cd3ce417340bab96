const unitMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * A duration at a position of a text: `34.4s`, `7m12s`, `120ms`, `2 minutes and 5 seconds`.
 * `7m12s` has no word boundary inside, so the letter after a unit is what ends it.
 */
export function readDuration(text: string, start = 0): number | undefined {
  const part =
    /(?:,|and|\s)*(\d+(?:\.\d+)?)\s*(?:(ms|milli\w*)|(s|m|h|d|w)(?:|ec|in|our|r|ay|eek|onds?|econds?|inutes?)s?)(?![a-z])/y;
  part.lastIndex = start;
  let sum: number | undefined;
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    const size = match[2] === undefined ? (unitMs[match[3] ?? ''] ?? 0) : 1;
    sum = (sum ?? 0) + Number(match[1]) * size;
  }
  return sum;
}

/** Epoch ms of a date at a position of a text; a date without a zone is UTC. */
export function readDate(text: string, start: number): number | undefined {
  const date =
    /(\d{4}-\d\d-\d\d)(?:(?:t|,? at |,? )(\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)\s*([+-]\d\d:?\d\d)?)?/iy;
  date.lastIndex = start;
  const [, day, time = '00:00', zone = 'Z'] = date.exec(text) ?? [];
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T${time}${zone}`);
  return Number.isNaN(at) ? undefined : at;
}

/**
 * How long from now, in ms, from a number (10 digits are epoch seconds, 13 epoch milliseconds,
 * small ones a delta in `unit`), a duration, an ISO date or an HTTP date. The past is 0.
 */
export function readWait(value: unknown, now: number, unit = 1000): number | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  const trimmed = text.trim().toLowerCase();
  if (/^\d+(\.\d+)?$/.test(trimmed)) {
    const number = Number(trimmed);
    if (number >= 1e14) return undefined;
    if (number >= 1e11) return Math.max(0, number - now);
    return number >= 1e9 && unit === 1000 ? Math.max(0, number * 1000 - now) : number * unit;
  }
  const duration = readDuration(trimmed);
  if (duration !== undefined) return duration;
  const at = readDate(trimmed, 0) ?? (/^[a-z]{3,9},? /.test(trimmed) ? Date.parse(text) : NaN);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
