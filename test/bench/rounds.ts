import type { Figures } from './figures.ts';

/** Something to time, that waits for nothing: does it so many times. */
export interface Runner {
  readonly name: string;
  readonly run: (times: number) => Promise<void>;
}

interface RoundsOptions {
  readonly rounds: number;
  /**
   * A runner's turn takes about so long: far above the timer's resolution, and well below the time
   * that a busy machine leaves to a process at a stretch. So most turns are not interrupted, and
   * the median is one of those.
   */
  readonly turnMs: number;
  /**
   * Every runner runs for so long before: until the compiler has done its work. What runs once per
   * stream needs tens of thousands of them, or some processes are measured before it has.
   */
  readonly warmUpMs: number;
}

/**
 * Nanoseconds per call, in every round.
 *
 * Why not tinybench or mitata: they time one candidate after the other and give each its own
 * statistics. On a busy machine the minute of the one is not the minute of the other. Here every
 * round times every runner, so that what slows the machine slows them alike, and only figures of
 * the same round are compared.
 */
export async function timeRounds(
  runners: readonly Runner[],
  { rounds, turnMs, warmUpMs }: RoundsOptions,
): Promise<Figures> {
  const turns = new Map<Runner, number>();
  for (const runner of runners) turns.set(runner, await warmUp(runner, turnMs, warmUpMs));
  return interleave(runners, rounds, async runner => {
    const times = turns.get(runner) ?? 1;
    return (await timed(runner, times)) / times;
  });
}

/**
 * Bytes of heap per call, in every round: what the heap has grown by after many calls without a
 * collection between them. Needs a young generation that has room for all (main.ts gives it).
 */
export async function heapRounds(
  runners: readonly Runner[],
  rounds: number,
  calls: number,
): Promise<Figures> {
  for (const runner of runners) await warmUp(runner, 1, 400);
  return interleave(runners, rounds, async runner => {
    const before = process.memoryUsage().heapUsed;
    await runner.run(calls);
    return (process.memoryUsage().heapUsed - before) / calls;
  });
}

/** Every runner in every round, each time in another order, each with an empty young generation. */
async function interleave(
  runners: readonly Runner[],
  rounds: number,
  measure: (runner: Runner) => Promise<number>,
): Promise<Figures> {
  const figures: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    const first = round % runners.length;
    const order = [...runners.slice(first), ...runners.slice(0, first)];
    // Both ways round, so that nobody always comes after the same one.
    if (Math.floor(round / runners.length) % 2 === 1) order.reverse();
    for (const runner of order) {
      globalThis.gc?.({ type: 'minor' });
      (figures[runner.name] ??= []).push(await measure(runner));
    }
  }
  return figures;
}

/** How many calls fill a turn. */
async function warmUp(runner: Runner, turnMs: number, warmUpMs: number): Promise<number> {
  const end = performance.now() + warmUpMs;
  let times = 1;
  for (;;) {
    const ms = (await timed(runner, times)) / 1e6;
    if (performance.now() >= end) return Math.max(1, Math.round((times * turnMs) / ms));
    if (ms < turnMs) times *= 2;
  }
}

async function timed(runner: Runner, times: number): Promise<number> {
  const start = process.hrtime.bigint();
  await runner.run(times);
  return Number(process.hrtime.bigint() - start);
}
