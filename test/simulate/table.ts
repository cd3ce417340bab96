import type { Verdict } from './bars.ts';
import { quantile, type Measures } from './measures.ts';

/** All seeds of one policy in one scenario. */
export interface Result {
  readonly scenario: string;
  readonly group: string;
  readonly policy: string;
  readonly measures: readonly Measures[];
}

export type Figure = (measures: Measures) => number;

/** Of all seeds. */
export interface Spread {
  readonly median: number;
  readonly worst: number;
}

export function spread(figures: readonly number[], isLeast = false): Spread {
  const sorted = figures.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), worst: (isLeast ? sorted[0] : sorted.at(-1)) ?? 0 };
}

const number = (value: number): string =>
  !Number.isFinite(value)
    ? 'never'
    : value >= 10
      ? value.toFixed(0)
      : value.toFixed(value >= 1 ? 2 : 3);

/** What the table shows. */
export const FIGURES: readonly {
  readonly title: string;
  readonly figure: Figure;
  /** The least is the worst. */
  readonly isLeast: boolean;
}[] = [
  { title: 'goodput', figure: ({ goodput }) => goodput, isLeast: true },
  { title: 'waste', figure: ({ waste }) => waste, isLeast: false },
  { title: 'p50, s', figure: ({ p50Ms }) => p50Ms / 1_000, isLeast: false },
  { title: 'p99, s', figure: ({ p99Ms }) => p99Ms / 1_000, isLeast: false },
  {
    title: 'recovery, s',
    figure: ({ recoveryMs }) => (recoveryMs ?? Number.NaN) / 1_000,
    isLeast: false,
  },
  { title: 'fairness', figure: ({ fairness }) => fairness, isLeast: true },
];

export function resultsTable(results: readonly Result[]): string {
  return table(
    ['scenario', 'policy', ...FIGURES.map(({ title }) => title)],
    results.map(({ scenario, policy, measures }) => [
      scenario,
      policy,
      ...FIGURES.map(({ figure, isLeast }) => {
        const { median, worst } = spread(measures.map(figure), isLeast);
        return Number.isNaN(median) ? '' : `${number(median)} (${number(worst)})`;
      }),
    ]),
  );
}

export function barsTable(verdicts: readonly Verdict[]): string {
  return table(
    ['bar', 'scenario', 'median', 'worst', 'possible', 'limit', 'verdict'],
    verdicts.map(({ bar, scenario, median, worst, possible, met }) => [
      bar.text,
      scenario,
      number(median),
      number(worst),
      possible === undefined ? '' : `${number(possible.median)} (${number(possible.worst)})`,
      `${bar.isLeast === true ? '>=' : '<='} ${bar.limit}`,
      met ? 'met' : '**missed**',
    ]),
  );
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...lines.map(line => line[column]?.length ?? 0)),
  );
  return [head, widths.map(width => '-'.repeat(width)), ...lines]
    .map(line => `| ${line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`)
    .join('\n');
}
