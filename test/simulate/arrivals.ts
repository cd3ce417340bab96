import { exponential, type Random } from './random.ts';

const MINUTE_MS = 60_000;

/** When the calls of a scenario come: ms since its beginning, in order. */
export type Arrivals = (random: Random, minutes: number, quotaPerMinute: number) => number[];

/** At random moments, on average such a share of all quotas together; from a minute on another. */
export function poisson(load: number, laterLoad = load, fromMinute = 0): Arrivals {
  return (random, minutes, quotaPerMinute) => {
    const times: number[] = [];
    for (let at = 0; ;) {
      const share = at >= fromMinute * MINUTE_MS ? laterLoad : load;
      at += exponential(random, MINUTE_MS / (share * quotaPerMinute));
      if (at >= minutes * MINUTE_MS) return times;
      times.push(at);
    }
  };
}

/** So many at once, once a minute. */
export function bursts(size: number): Arrivals {
  return (_, minutes) =>
    Array.from({ length: minutes * size }, (_burst, i) => Math.floor(i / size) * MINUTE_MS);
}
