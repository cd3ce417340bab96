import type { FailureKind } from '../failure/verdict.ts';
import { nextMidnight } from '../failure/resets.ts';
import { fail, isObject, knownOptions, milliseconds, object, text } from './check.ts';
import type { CooldownPlan } from './plan.ts';

const DAY_MS = 86_400_000;
const KINDS: readonly FailureKind[] = [
  'rate-limit',
  'quota',
  'billing',
  'auth',
  'permission',
  'blocked',
  'model-not-found',
  'context-length',
  'too-large',
  'content-filter',
  'unsupported',
  'bad-request',
  'overloaded',
  'server-error',
  'timeout',
  'network',
  'bad-response',
  'aborted',
  'unknown',
];

type Fixed = (now: number) => number;

/** `cooldown`, of the pool or of a provider. */
export function readCooldown(value: unknown, path: string): CooldownPlan {
  if (value === undefined) return { fixedMs: () => undefined, maxMs: DAY_MS };
  if (typeof value === 'number') {
    const ms = milliseconds(value, path);
    return { fixedMs: () => ms, maxMs: DAY_MS };
  }
  const raw = object(value, path);
  knownOptions(raw, [...KINDS, 'max'], path);
  const { max = DAY_MS, ...kinds } = raw;
  const maxMs = milliseconds(max, `${path}.max`);
  const fixed = new Map<string, Fixed>();
  for (const [kind, pause] of Object.entries(kinds)) {
    fixed.set(kind, readPause(pause, kind, `${path}.${kind}`));
  }
  return { fixedMs: (kind, now) => fixed.get(kind)?.(now), maxMs };
}

function readPause(value: unknown, kind: string, path: string): Fixed {
  if (kind !== 'quota' || !isObject(value)) {
    const ms = milliseconds(value, path);
    return () => ms;
  }
  knownOptions(value, ['dailyReset'], path);
  const zone = text(value['dailyReset'], `${path}.dailyReset`);
  try {
    nextMidnight(0, zone);
  } catch {
    return fail(`${path}.dailyReset`, `"${zone}" is no time zone`);
  }
  return now => nextMidnight(now, zone) - now;
}
