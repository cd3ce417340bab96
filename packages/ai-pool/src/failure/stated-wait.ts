import { readDate, readDuration, readWait } from './durations.ts';
import type { Evidence } from './evidence.ts';
import { quotaFacts } from './quota-facts.ts';
import { keysOf, read } from './read.ts';

/** `retryDelay`, `retry_after_ms`, `resets_at`, `resets_in_seconds`, … */
function inBody({ things }: Evidence, now: number): number | undefined {
  for (const thing of things) {
    for (const key of keysOf(thing)) {
      if (!/^(retry_?(after|delay)|resets?_?(at|in)|estimated_time)/i.test(key)) continue;
      const wait = readWait(read(thing, key), now, /ms$/i.test(key) ? 1 : 1000);
      if (wait !== undefined) return wait;
    }
  }
  return undefined;
}

/** "try again in 26.604s", "resets at: 2026-05-01 12:00:30 UTC", "regain access on 2026-06-01". */
function inText(text: string, now: number): number | undefined {
  const cue =
    /\b(?:again|retr(?:y|ied|ying)|resets?|wait|available|access|until)\b[^.;(\d\n]{0,40}(?=\d)/g;
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

/** A day's reset says nothing about a limit per minute. */
function inResetHeaders({ family, headers }: Evidence, now: number, isQuota: boolean) {
  // Where nothing is said about what remains, the one reset there is means what is used up.
  const waits = quotaFacts(headers, now, family)
    .filter(
      ({ remaining, limit, per }) => (remaining ?? limit ?? 0) === 0 && (isQuota || per !== 'day'),
    )
    .map(({ resetMs = 0 }) => resetMs);
  return Math.max(...waits, 0) || undefined;
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
