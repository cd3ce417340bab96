/** A stream of random numbers from 0 to 1 that is the same for the same seed (mulberry32). */
export type Random = () => number;

/** @param purpose streams of one seed that differ by purpose do not disturb each other */
export function seeded(seed: number, purpose: string): Random {
  let state = seed;
  for (const letter of purpose) state = Math.imul(state ^ letter.charCodeAt(0), 0x01_00_01_93);
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Time between two events that come at random, on average so long. */
export function exponential(random: Random, mean: number): number {
  return -Math.log(1 - random()) * mean;
}

/** Around a median, with a tail: of 100 draws with spread 0.5 about one is over 3.2 times it. */
export function logNormal(random: Random, median: number, spread: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(spread * normal);
}

/** Mostly little and sometimes very much: on average `mean` before it is cut at `most`. */
export function heavyTailed(random: Random, mean: number, most: number): number {
  const shape = 1.5;
  const least = (mean * (shape - 1)) / shape;
  return Math.min(least / (1 - random()) ** (1 / shape), most);
}

export function shuffled<T>(random: Random, all: readonly T[]): T[] {
  return all
    .map(each => [random(), each] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, each]) => each);
}
