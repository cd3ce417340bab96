import { classifyFailure } from '../failure/classify-failure.ts';
import type { Verdict } from '../failure/verdict.ts';
import type { Provider, Target } from '../scheduling/targets.ts';
import type { CallContext } from './attempt.ts';
import { AttemptFailure, CallerFault, errorOf, isA } from './faults.ts';

/** How to read what a provider says. */
export function dialectOf({ family }: Provider, now: number): { provider?: string; now: number } {
  return family === undefined ? { now } : { provider: family, now };
}

/** The verdict on a failed attempt: built in, unless the user's `classify` knows better. */
export function judge(call: CallContext, error: unknown, target: Target): Verdict {
  if (isA(error, CallerFault)) throw error;
  const { signal } = call;
  const { plan } = call.core;
  const { provider } = target.route;
  const verdict = isA(error, AttemptFailure)
    ? error.verdict
    : classifyFailure(error, { ...dialectOf(provider, plan.clock.now()), signal });
  if (plan.classify === undefined) return verdict;
  const cause = errorOf(error);
  try {
    const context = { ...target.ref, verdict };
    return { ...verdict, ...plan.classify(call.clean(cause, target.key), context) };
  } catch (thrown) {
    throw new CallerFault(thrown);
  }
}
