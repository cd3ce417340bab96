import type { Evidence } from './evidence.ts';
import { keysOf, read } from './read.ts';

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
function readDate(text: string, start: number): number | undefined {
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

/** `retryDelay`, `retry_after_ms`, `resets_at`, `resets_in_seconds`, … */
function inBody({ things }: Evidence, now: number): number | undefined {
  for (const thing of things) {
    for (const key of keysOf(thing)) {
      if (!/^(retry_?(after|delay)|resets?_?(at|in))/i.test(key)) continue;
      const wait = readWait(read(thing, key), now, /ms$/i.test(key) ? 1 : 1000);
      if (wait !== undefined) return wait;
    }
  }
  return undefined;
}

/** "try again in 26.604s", "resets at: 2026-05-01 12:00:30 UTC", "regain access on 2026-06-01". */
function inText(text: string, now: number): number | undefined {
  const cue =
    /\b(?:again|retr(?:y|ied|ying)|resets?|wait|available|access)\b[^.;(\d\n]{0,40}(?=\d)/g;
  for (const match of text.matchAll(cue)) {
    const start = match.index + match[0].length;
    // Digits inside of a word (a request id) are no time.
    if (!/[\s:~]/.test(text[start - 1] ?? '')) continue;
    const at = readDate(text, start);
    const wait = at === undefined ? readDuration(text, start) : Math.max(0, at - now);
    if (wait !== undefined) return wait;
  }
  return undefined;
}

/**
 * Reset headers tell when a bucket is full, so only those of a dimension with nothing left count;
 * a day's reset says nothing about a limit per minute.
 */
function inResetHeaders({ family, headers }: Evidence, now: number, isQuota: boolean) {
  let longest: number | undefined;
  for (const [name, value] of Object.entries(headers)) {
    let wait: number | undefined;
    if (/rate-?limit.*remaining/.test(name)) {
      // At Groq the requests are always those of a day.
      const isDay = /da(y|ily)/.test(name) || (family === 'groq' && /requests/.test(name));
      if (/^0+(\.0+)?$/.test(value) && (isQuota || !isDay)) {
        wait = readWait(headers[name.replace('remaining', 'reset')], now);
      }
    } else if (/^(x-)?rate-?limit-reset$/.test(name)) {
      if (headers[name.replace('reset', 'remaining')] === undefined) wait = readWait(value, now);
    } else if (name === 'anthropic-ratelimit-unified-reset' && isQuota) {
      wait = readWait(value, now);
    }
    if (wait !== undefined && wait > (longest ?? 0)) longest = wait;
  }
  return longest;
}

/** The pause that the provider itself states, in ms. */
export function statedWait(evidence: Evidence, now: number, kind: string): number | undefined {
  const { headers } = evidence;
  const isQuota = kind === 'quota';
  return (
    readWait(headers['retry-after-ms'], now, 1) ??
    readWait(headers['x-ms-retry-after-ms'], now, 1) ??
    readWait(headers['retry-after'], now) ??
    inBody(evidence, now) ??
    inText(evidence.text, now) ??
    // Whoever is overloaded does not mean its limits.
    (isQuota || kind === 'rate-limit' ? inResetHeaders(evidence, now, isQuota) : undefined)
  );
}
