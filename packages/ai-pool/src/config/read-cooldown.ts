import type { FailureKind } from '../failure/verdict.ts';
import { nextMidnight } from '../failure/resets.ts';
import {
  asIs,
  fail,
  inside,
  isObject,
  knownOptions,
  milliseconds,
  object,
  readOptions,
  text,
} from './check.ts';
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

/** Where nothing is said: all pauses are guessed. */
export const GUESSED: CooldownPlan = { fixedMs: () => undefined, maxMs: DAY_MS };

/** `cooldown`, of the pool or of a provider. */
export function readCooldown(value: unknown, path: string): CooldownPlan {
  if (typeof value === 'number') {
    const ms = milliseconds(value, path);
    return { ...GUESSED, fixedMs: () => ms };
  }
  const raw = object(value, path);
  knownOptions(raw, [...KINDS, 'max'], path);
  const { max = DAY_MS, ...kinds } = raw;
  const maxMs = milliseconds(max, inside(path, 'max'));
  const fixed = new Map<string, Fixed>();
  for (const [kind, pause] of Object.entries(kinds)) {
    fixed.set(kind, readPause(pause, kind, inside(path, kind)));
  }
  return { fixedMs: (kind, now) => fixed.get(kind)?.(now), maxMs };
}

function readPause(value: unknown, kind: string, path: string): Fixed {
  if (kind !== 'quota' || !isObject(value)) {
    const ms = milliseconds(value, path);
    return () => ms;
  }
  const { dailyReset } = readOptions(value, path, { dailyReset: asIs }, {});
  const at = inside(path, 'dailyReset');
  const zone = text(dailyReset, at);
  try {
    nextMidnight(0, zone);
  } catch {
    return fail(at, `"${zone}" is no time zone`);
  }
  return now => nextMidnight(now, zone) - now;
}
