// Prints the bars that are ratios: what the pool costs, beside what people would use instead.
// Exit code 1 when one is missed. `--row 1,3` measures these rows only.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table, type Line } from './report.ts';

/** Room for all that the measured calls make, so that nothing is collected between them. */
const NO_COLLECTION = ['--min-semi-space-size=64', '--max-semi-space-size=64'];

interface Measurement {
  readonly row: string;
  readonly file: string;
  readonly flags?: readonly string[];
}

const MEASUREMENTS: readonly Measurement[] = [
  { row: '1', file: 'generate-time.ts' },
  { row: '1', file: 'generate-heap.ts', flags: NO_COLLECTION },
  { row: '2', file: 'sdk.ts' },
  { row: '3', file: 'stream-time.ts' },
  { row: '3', file: 'stream-behaviour.ts' },
  { row: '4', file: 'selection.ts' },
  { row: '5', file: 'memory.ts' },
  { row: '6', file: 'parallel.ts' },
  { row: 'size', file: 'size.ts' },
];

/** Each in a process of its own: what one leaves in the compiler and the heap is not the next's. */
async function measure({ file, flags = [] }: Measurement): Promise<Line[]> {
  const lines: Line[] = [];
  const child = fork(join(import.meta.dirname, file), {
    execArgv: ['--expose-gc', '--no-warnings', ...flags],
  });
  child.on('message', message => lines.push(...(message as Line[])));
  const code = await new Promise(resolve => child.on('exit', resolve));
  if (code !== 0) throw new Error(`${file} failed`);
  return lines;
}

const { values } = parseArgs({ options: { row: { type: 'string' } } });
const rows = values.row?.split(',') ?? MEASUREMENTS.map(({ row }) => row);
const unknown = rows.find(row => MEASUREMENTS.every(each => each.row !== row));
if (unknown !== undefined) throw new Error(`no such row: ${unknown}`);

const results: (readonly [row: string, line: Line])[] = [];
for (const measurement of MEASUREMENTS.filter(({ row }) => rows.includes(row))) {
  const start = performance.now();
  const lines = await measure(measurement);
  for (const line of lines) results.push([measurement.row, line]);
  console.error(`${measurement.file}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
console.log(table(results));
const missed = results.filter(([, { met }]) => !met).length;
console.log(missed === 0 ? 'Every bar is met.' : `${missed} missed.`);
process.exitCode = missed === 0 ? 0 : 1;
