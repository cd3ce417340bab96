import type { Peer, Targets } from './contenders.ts';
import type { Figures } from './figures.ts';

/** One line of the table. */
export interface Line {
  readonly what: string;
  readonly measured: string;
  /** Empty: there is no bar, the figure is for information. */
  readonly bar: string;
  readonly peers: string;
  readonly met: boolean;
}

/** What each file of measurements gives. */
export interface Measurement {
  /** In a process of its own. */
  readonly measure: (targets: Targets, peer: Peer) => Promise<Figures>;
  readonly lines: (figures: Figures, targets: Targets) => Line[];
}

export function table(rows: readonly (readonly [row: string, line: Line])[]): string {
  const head = ['row', 'what', 'measured: median (p25–p75)', 'bar', 'peers', 'verdict'];
  const cells = rows.map(([row, { what, measured, bar, peers, met }]) => {
    const verdict = bar === '' ? '' : met ? 'met' : 'MISSED';
    return [row, what, measured, bar, peers, verdict];
  });
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map(line => line[column]?.length ?? 0)),
  );
  return [head, widths.map(width => '-'.repeat(width)), ...cells]
    .map(line => `| ${line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`)
    .join('\n');
}
