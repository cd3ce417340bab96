import { burstMinutes } from './hidden-limit.ts';
import type { Recording } from './run.ts';

const MINUTE_MS = 60_000;
/** The share of calls served, and how long they wait, is looked at in slices of so many ms. */
const SLICE_MS = 5_000;
/** Back to normal is what stays so for longer than a window: what is scarce is so once a minute. */
const STEADY_SLICES = 15;

/** What one run comes to. */
export interface Measures {
  /** Served calls over those that could have been: what came, or what the quotas allow. */
  readonly goodput: number;
  /** Refused or failed attempts per served call. */
  readonly waste: number;
  /** What waiting and failed attempts add to a served call, in ms: half of them have less. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Jain's index of how much of its quota each key or account was used: 1 is evenly. */
  readonly fairness: number;
  /** From the end of an outage or the change of a tier until all is as it should be. */
  readonly recoveryMs: number | undefined;
  readonly bursts: readonly { readonly served: number; readonly waste: number }[];
  /** Of the largest key's outage, as a wall. */
  readonly probes: Probes | undefined;
  /** Attempts per call that came while everything was out of order. */
  readonly outageAttempts: number | undefined;
}

interface Probes {
  /** Attempts between the end of a pause and the outcome of the first of them, at most. */
  readonly most: number;
  /** From the end of the last pause to the first attempt that got through. */
  readonly lateMs: number;
}

export function measure(recording: Recording): Measures {
  const { calls, attempts } = recording;
  const served = calls.filter(call => call.served);
  const added = addedMs(recording).toSorted((a, b) => a - b);
  return {
    goodput: Math.min(served.length / possible(recording), 1),
    waste: (attempts.length - served.length) / Math.max(served.length, 1),
    p50Ms: quantile(added, 0.5),
    p99Ms: quantile(added, 0.99),
    fairness: fairness(recording),
    recoveryMs: recovery(recording),
    bursts: recording.scenario.group === 'bursts' ? perBurst(recording) : [],
    probes: probes(recording),
    outageAttempts: outageAttempts(recording),
  };
}

export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] ?? 0;
}

/** Per served call: from its arrival to its end, without the time of the attempt that answered. */
function addedMs({ calls, attempts }: Recording): number[] {
  const own = new Map<number, number>();
  for (const { call, ms, served } of attempts) if (served) own.set(call, ms);
  return calls
    .filter(({ served }) => served)
    .map(({ call, at, endedAt }) => Math.max(endedAt - at - (own.get(call) ?? 0), 0));
}

/**
 * How many calls could have been served: in each stretch of time what came or what fits. Room that
 * refusals take, where they count, is not subtracted: to do without them is the art.
 */
function possible({ calls, quotas, scenario }: Recording): number {
  const { minutes, outage, tier, counting } = scenario;
  const sum = quotas.reduce((all, quota) => all + quota, 0);
  const changes = [0, outage?.from, outage?.to, tier?.minute, minutes].filter(
    minute => minute !== undefined,
  );
  let all = 0;
  for (const [i, from] of changes.entries()) {
    const to = changes[i + 1];
    if (to === undefined) break;
    const came = calls.filter(({ at }) => at >= from * MINUTE_MS && at < to * MINUTE_MS).length;
    const isOut = outage !== undefined && from === outage.from;
    const missing = !isOut ? 0 : outage.of === 'all' ? sum : Math.max(...quotas);
    const factor = tier !== undefined && from >= tier.minute ? tier.factor : 1;
    // Buckets are full at first.
    const atFirst = i === 0 ? burstMinutes(counting) : 0;
    all += Math.min(came, (sum - missing) * factor * (to - from + atFirst));
  }
  return all;
}

function fairness({ attempts, quotas, scenario }: Recording): number {
  const { keysPerAccount = 1 } = scenario;
  const used = quotas.map(() => 0);
  for (const { key, served } of attempts) {
    const account = Math.floor(key / keysPerAccount);
    if (served) used[account] = (used[account] ?? 0) + 1 / (quotas[account] ?? 1);
  }
  const sum = used.reduce((all, each) => all + each, 0);
  const squares = used.reduce((all, each) => all + each * each, 0);
  return (sum * sum) / (used.length * squares);
}

function recovery(recording: Recording): number | undefined {
  const { scenario, attempts, largestKey } = recording;
  const { outage, tier } = scenario;
  if (outage?.of === 'largest') {
    const from = outage.to * MINUTE_MS;
    const first = attempts.find(
      ({ key, at, served }) => key === largestKey && at >= from && served,
    );
    return (first?.at ?? Number.POSITIVE_INFINITY) - from;
  }
  const minute = outage?.to ?? (tier !== undefined && tier.factor > 1 ? tier.minute : undefined);
  return minute === undefined ? undefined : steadyFrom(recording, minute * MINUTE_MS);
}

/** Until the slices are good, and stay so for a while: nearly all served, most without a wait. */
function steadyFrom({ calls, scenario }: Recording, from: number): number {
  const last = (scenario.minutes * MINUTE_MS - from) / SLICE_MS;
  let good = 0;
  for (let slice = 0; slice < last; slice++) {
    const start = from + slice * SLICE_MS;
    const own = calls.filter(({ at }) => at >= start && at < start + SLICE_MS);
    const quick = own.filter(({ at, endedAt, served }) => served && endedAt - at < 5_000);
    good = quick.length >= 0.95 * own.length ? good + 1 : 0;
    if (good === STEADY_SLICES) return (slice + 1 - STEADY_SLICES) * SLICE_MS;
  }
  return Number.POSITIVE_INFINITY;
}

function perBurst({ calls, attempts, scenario }: Recording): { served: number; waste: number }[] {
  const burstOf = new Map(calls.map(({ call, at }) => [call, Math.floor(at / MINUTE_MS)]));
  return Array.from({ length: scenario.minutes }, (_, burst) => {
    const own = calls.filter(({ call }) => burstOf.get(call) === burst);
    const served = own.filter(call => call.served).length;
    const tried = attempts.filter(({ call }) => burstOf.get(call) === burst).length;
    return { served: served / own.length, waste: (tried - served) / Math.max(served, 1) };
  });
}

function probes({ scenario, pauses, attempts, largestKey }: Recording): Probes | undefined {
  const { outage } = scenario;
  if (outage?.of !== 'largest' || pauses.length === 0) return undefined;
  const from = outage.from * MINUTE_MS;
  const to = outage.to * MINUTE_MS;
  const own = attempts.filter(({ key, at }) => key === largestKey && at >= from);
  const ends = pauses
    .filter(({ key, at }) => key === largestKey && at >= from && at < to)
    .map(({ until }) => until);
  let most = 0;
  for (const end of ends) {
    const first = own.find(({ at }) => at >= end);
    if (first === undefined) continue;
    // A probe that is not refused for two seconds has settled the question.
    const known = first.at + Math.min(first.knownMs, 2_000);
    const tried = own.filter(({ at }) => at >= first.at && at < known);
    most = Math.max(most, tried.length);
  }
  const last = Math.max(...ends);
  const through = own.find(({ at, served }) => at >= last && served);
  return { most, lateMs: (through?.at ?? Number.POSITIVE_INFINITY) - last };
}

function outageAttempts({ scenario, calls, attempts }: Recording): number | undefined {
  const { outage } = scenario;
  if (outage?.of !== 'all') return undefined;
  const during = ({ at }: { readonly at: number }): boolean =>
    at >= outage.from * MINUTE_MS && at < outage.to * MINUTE_MS;
  return attempts.filter(during).length / calls.filter(during).length;
}
