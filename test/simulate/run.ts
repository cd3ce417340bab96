import type { LanguageModelV4 } from '@ai-sdk/provider';
import { HiddenProvider, type Attempt } from './hidden-provider.ts';
import type { Policy } from './policies.ts';
import { heavyTailed, seeded, shuffled } from './random.ts';
import { KEYS, type Scenario } from './scenarios.ts';
import { inVirtualTime } from './virtual-time.ts';

const MINUTE_MS = 60_000;
/** The hidden quotas lie between these, in requests per minute. */
const LEAST = 10;
const MOST = 120;
/** Every so manieth call is a stream. */
const STREAM_EVERY = 4;

/**
 * After so many attempts a caller leaves. Only parallel calls of ai-retry come to that: they share
 * its current model, lose count of what they have tried, and would go on for ever.
 */
const MOST_ATTEMPTS = KEYS;

/** One call, as its caller saw it. */
interface CallRecord {
  readonly call: number;
  readonly at: number;
  readonly endedAt: number;
  readonly served: boolean;
}

/** Everything that was seen in one run. */
export interface Recording {
  readonly scenario: Scenario;
  readonly calls: readonly CallRecord[];
  readonly attempts: readonly Attempt[];
  /** Per account, in requests per minute at the beginning. */
  readonly quotas: readonly number[];
  readonly largestKey: number;
  /** Pauses of keys, as the pool told them. */
  readonly pauses: readonly { readonly key: number; readonly at: number; readonly until: number }[];
}

/**
 * One quota from each of eight equal bands, so that every seed has small keys and large ones.
 *
 * @param step a window of a third of a minute lets a third of it through: no half requests
 */
function drawQuotas(seed: number, count: number, step: number): number[] {
  const random = seeded(seed, 'quotas');
  const inSteps = (quota: number): number => Math.round(quota / step) * step;
  const band = (MOST - LEAST) / count;
  const quotas = Array.from({ length: count }, (_, i) => inSteps(LEAST + band * (i + random())));
  return shuffled(random, quotas);
}

export function simulate(policy: Policy, scenario: Scenario, seed: number): Promise<Recording> {
  return inVirtualTime(async time => {
    const { keysPerAccount = 1, tokens = 1, windowMs = MINUTE_MS } = scenario;
    const quotas = drawQuotas(seed, KEYS / keysPerAccount, MINUTE_MS / windowMs);
    const largestKey = quotas.indexOf(Math.max(...quotas)) * keysPerAccount;
    const sizes = seeded(seed, 'tokens');
    const drawn: number[] = [];
    const amount = (call: number): number =>
      tokens === 1 ? 1 : (drawn[call] ??= heavyTailed(sizes, tokens, 10 * tokens));
    const callers = new Map<number, { attempts: number; readonly leaves: AbortController }>();
    const provider = new HiddenProvider(
      {
        counting: scenario.counting,
        hint: scenario.hint,
        windowMs,
        quotas: quotas.map(quota => quota * tokens),
        accounts: Array.from({ length: KEYS }, (_, key) => Math.floor(key / keysPerAccount)),
        amount,
        onAttempt(call) {
          const caller = callers.get(call);
          if (caller !== undefined && ++caller.attempts > MOST_ATTEMPTS) caller.leaves.abort();
        },
      },
      time,
      seeded(seed, 'latency'),
    );
    const pauses: { key: number; at: number; until: number }[] = [];
    const pools = Array.from({ length: scenario.processes ?? 1 }, (_, process) =>
      policy.create({
        provider,
        keys: KEYS,
        time,
        random: seeded(seed, `pool ${process}`),
        maxWaitMs: scenario.maxWaitMs,
        onPause: (key, until) => pauses.push({ key, at: time.now(), until }),
      }),
    );
    for (const { minute, happen } of scenario.happenings ?? []) {
      time.setTimeout(() => happen(provider, largestKey), minute * MINUTE_MS);
    }
    const sum = quotas.reduce((all, quota) => all + quota, 0);
    const arrivals = scenario.arrivals(seeded(seed, 'arrivals'), scenario.minutes, sum);
    const spread = seeded(seed, 'spread');
    const calls: CallRecord[] = [];
    const arrive = (call: number): void => {
      const at = arrivals[call];
      if (at === undefined) return;
      time.setTimeout(
        () => {
          const model = pools[Math.floor(spread() * pools.length)] as LanguageModelV4;
          const leaves = new AbortController();
          callers.set(call, { attempts: 0, leaves });
          const record = (served: boolean): void => {
            callers.delete(call);
            calls.push({ call, at, endedAt: time.now(), served });
          };
          ask(model, call, leaves.signal).then(
            () => record(true),
            () => record(false),
          );
          arrive(call + 1);
        },
        Math.max(at - time.now(), 0),
      );
    };
    arrive(0);
    await time.run();
    return { scenario, calls, attempts: provider.attempts, quotas, largestKey, pauses };
  });
}

async function ask(model: LanguageModelV4, call: number, abortSignal: AbortSignal): Promise<void> {
  const options = {
    // Callers that ask the same are taken for one that asks again.
    prompt: [{ role: 'user' as const, content: [{ type: 'text' as const, text: `call ${call}` }] }],
    headers: { call: String(call) },
    abortSignal,
  };
  if (call % STREAM_EVERY !== 0) {
    await model.doGenerate(options);
    return;
  }
  let finished = false;
  for await (const part of (await model.doStream(options)).stream) {
    if (part.type === 'error') throw part.error;
    finished ||= part.type === 'finish';
  }
  if (!finished) throw new Error('no finish');
}
