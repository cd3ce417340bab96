import type { FailureKind } from '../failure/verdict.ts';
import { nextMidnight } from '../failure/resets.ts';
import { asIs, fail, inside, isObject, milliseconds, readOptions, text } from './check.ts';
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
  if (typeof value === 'number') return { ...GUESSED, fixedMs: fixedMs(value, path) };
  const pauses = Object.fromEntries(KINDS.map(kind => [kind, fixedMs]));
  const checks = { ...pauses, quota: quotaMs, max: milliseconds };
  const { max, ...fixed } = readOptions(value, path, checks, { max: DAY_MS });
  const ofKind: Readonly<Record<string, Fixed | undefined>> = fixed;
  return { fixedMs: (kind, now) => ofKind[kind]?.(now), maxMs: max };
}

function fixedMs(value: unknown, path: string): () => number {
  const ms = milliseconds(value, path);
  return () => ms;
}

function quotaMs(value: unknown, path: string): Fixed {
  if (!isObject(value)) return fixedMs(value, path);
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
