// Prints the bars that are ratios: what the pool costs, beside what people would use instead.
// Exit code 1 when one is missed. `--row 1,3` measures these rows only.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Targets } from './contenders.ts';
import { together, type Figures } from './figures.ts';
import { table, type Line, type Measurement } from './report.ts';

interface Entry {
  readonly row: string;
  readonly file: string;
  /** Default: models. */
  readonly targets?: Targets;
  /**
   * Measured in so many processes, one after the other: what the compiler makes of the same code
   * differs from one to the next, now and then by far.
   */
  readonly processes?: number;
  readonly flags?: readonly string[];
}

/** Room for all that the measured calls make, so that nothing is collected between them. */
const NO_COLLECTION = ['--min-semi-space-size=64', '--max-semi-space-size=64'];

const ENTRIES: readonly Entry[] = [
  { row: '1', file: 'generate-time.ts', targets: 'models', processes: 5 },
  { row: '1', file: 'generate-time.ts', targets: 'keys', processes: 5 },
  { row: '1', file: 'generate-heap.ts', targets: 'models', flags: NO_COLLECTION },
  { row: '1', file: 'generate-heap.ts', targets: 'keys', flags: NO_COLLECTION },
  { row: '2', file: 'sdk.ts', processes: 3 },
  { row: '3', file: 'stream-time.ts', targets: 'models', processes: 5 },
  { row: '3', file: 'stream-time.ts', targets: 'keys', processes: 5 },
  { row: '3', file: 'stream-behaviour.ts' },
  { row: '4', file: 'selection.ts' },
  { row: '5', file: 'memory.ts' },
  { row: '6', file: 'parallel.ts', targets: 'models' },
  { row: '6', file: 'parallel.ts', targets: 'keys' },
  { row: 'size', file: 'size.ts' },
];

/** In a process of its own: what one leaves in the compiler and the heap is not the next's. */
async function measure(path: string, targets: Targets, flags: readonly string[]): Promise<Figures> {
  const child = fork(join(import.meta.dirname, 'run.ts'), [path, targets], {
    execArgv: ['--expose-gc', '--no-warnings', ...flags],
  });
  let figures: Figures | undefined;
  child.on('message', message => {
    figures = message as Figures;
  });
  await new Promise(resolve => child.on('exit', resolve));
  if (figures === undefined) throw new Error(`${path} failed`);
  return figures;
}

const { values } = parseArgs({ options: { row: { type: 'string' } } });
const rows = values.row?.split(',') ?? ENTRIES.map(({ row }) => row);
const unknown = rows.find(row => ENTRIES.every(entry => entry.row !== row));
if (unknown !== undefined) throw new Error(`no such row: ${unknown}`);

const results: (readonly [row: string, line: Line])[] = [];
for (const { row, file, targets = 'models', processes = 1, flags = [] } of ENTRIES) {
  if (!rows.includes(row)) continue;
  const start = performance.now();
  const path = join(import.meta.dirname, file);
  const all: Figures[] = [];
  for (let i = 0; i < processes; i++) all.push(await measure(path, targets, flags));
  const { lines } = (await import(path)) as Measurement;
  for (const line of lines(together(all), targets)) results.push([row, line]);
  console.error(`${file}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
console.log(table(results));
const missed = results.filter(([, { met }]) => !met).length;
console.log(missed === 0 ? 'Every bar is met.' : `${missed} missed.`);
process.exitCode = missed === 0 ? 0 : 1;
