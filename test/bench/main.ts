// Prints the bars that are ratios: what the pool costs, beside what people would use instead.
// Exit code 1 when one is missed. `--row 1,3` measures these rows only.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { beside, PEERS, type Peer, type Targets } from './contenders.ts';
import { together, type Figures } from './figures.ts';
import { table, type Line, type Measurement } from './report.ts';

interface Entry {
  readonly row: string;
  readonly file: string;
  /** Default: models. */
  readonly targets?: Targets;
  /**
   * Measured in so many processes with each peer, one after the other: what the compiler makes of
   * the same code differs from one to the next, now and then by far. With one peer at a time, since
   * an application has one: what another does makes the SDK's code slower for all.
   */
  readonly processesPerPeer?: number;
  readonly flags?: readonly string[];
}

/** Room for all that the measured calls make, so that nothing is collected between them. */
const NO_COLLECTION = ['--min-semi-space-size=64', '--max-semi-space-size=64'];

const ENTRIES: readonly Entry[] = [
  { row: '1', file: 'generate-time.ts', targets: 'models', processesPerPeer: 3 },
  { row: '1', file: 'generate-time.ts', targets: 'keys', processesPerPeer: 3 },
  { row: '1', file: 'generate-heap.ts', targets: 'models', flags: NO_COLLECTION },
  { row: '1', file: 'generate-heap.ts', targets: 'keys', flags: NO_COLLECTION },
  { row: '2', file: 'sdk.ts', processesPerPeer: 2 },
  { row: '3', file: 'stream-time.ts', targets: 'models', processesPerPeer: 3 },
  { row: '3', file: 'stream-time.ts', targets: 'keys', processesPerPeer: 3 },
  { row: '3', file: 'stream-behaviour.ts' },
  { row: '4', file: 'selection.ts' },
  { row: '5', file: 'memory.ts' },
  { row: '6', file: 'parallel.ts', targets: 'models' },
  { row: '6', file: 'parallel.ts', targets: 'keys' },
  { row: 'size', file: 'size.ts' },
];

/** In a process of its own: what one leaves in the compiler and the heap is not the next's. */
async function measure(
  path: string,
  targets: Targets,
  peer: Peer,
  flags: readonly string[],
): Promise<Figures> {
  const child = fork(join(import.meta.dirname, 'run.ts'), [path, targets, peer], {
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

/** Under a name of their own, too: a peer's figures are compared with those of its processes. */
const paired = (figures: Figures, peer: Peer): Figures => ({
  ...figures,
  ...Object.fromEntries(
    Object.entries(figures).map(([name, rounds]) => [beside(name, peer), rounds]),
  ),
});

const { values } = parseArgs({ options: { row: { type: 'string' } } });
const rows = values.row?.split(',') ?? ENTRIES.map(({ row }) => row);
const unknown = rows.find(row => ENTRIES.every(entry => entry.row !== row));
if (unknown !== undefined) throw new Error(`no such row: ${unknown}`);

const results: (readonly [row: string, line: Line])[] = [];
for (const { row, file, targets = 'models', processesPerPeer, flags = [] } of ENTRIES) {
  if (!rows.includes(row)) continue;
  const start = performance.now();
  const path = join(import.meta.dirname, file);
  const all: Figures[] = [];
  for (let i = 0; i < (processesPerPeer ?? 1); i++) {
    for (const peer of processesPerPeer === undefined ? PEERS.slice(-1) : PEERS) {
      const figures = await measure(path, targets, peer, flags);
      all.push(processesPerPeer === undefined ? figures : paired(figures, peer));
    }
  }
  const { lines } = (await import(path)) as Measurement;
  for (const line of lines(together(all), targets)) results.push([row, line]);
  console.error(`${file}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
console.log(table(results));
const missed = results.filter(([, { met }]) => !met).length;
console.log(missed === 0 ? 'Every bar is met.' : `${missed} missed.`);
process.exitCode = missed === 0 ? 0 : 1;
