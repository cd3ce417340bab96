import { spread, type Figure, type Result } from './table.ts';

const ROW = 15;
const LEFT = 250;
const WIDTH = 420;
const TOP = 44;

/** Readable on white and on black. */
const COLOURS: Readonly<Record<string, string>> = {
  'ai-pool': '#0a7d33',
  'ai-retry': '#c2410c',
  'ai-fallback': '#2563eb',
  'ordered list': '#888888',
  'told once': '#a16207',
};

export interface ChartOptions {
  readonly title: string;
  readonly figure: Figure;
  /** Where a figure lies, from 0 to 1. */
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

/** One line per scenario, and on it one dot per policy: the median of the seeds. */
export function chart(results: readonly Result[], options: ChartOptions): string {
  const { title, figure, place, ticks } = options;
  const scenarios = [...new Set(results.map(({ scenario }) => scenario))];
  const bottom = TOP + scenarios.length * ROW;
  const x = (value: number): number =>
    Math.round(LEFT + WIDTH * Math.min(Math.max(place(value), 0), 1));
  const legend = Object.entries(COLOURS).map(
    ([policy, colour], i) =>
      `<circle cx="${LEFT + i * 84}" cy="28" r="4" fill="${colour}"/><text x="${LEFT + 8 + i * 84}" y="32">${policy}</text>`,
  );
  const grid = ticks.map(
    tick =>
      `<path d="M${x(tick)} ${TOP - 6}V${bottom}" stroke="#8884"/><text x="${x(tick)}" y="${bottom + 12}" text-anchor="middle">${tick}</text>`,
  );
  const rows = scenarios.map((scenario, i) => {
    const y = TOP + i * ROW + 4;
    const dots = results
      .filter(({ scenario: of, policy }) => of === scenario && policy in COLOURS)
      // The pool's comes last, over the others.
      .toReversed()
      .map(
        ({ policy, measures }) =>
          `<circle cx="${x(spread(measures.map(figure)).median)}" cy="${y}" r="4" fill="${COLOURS[policy]}"/>`,
      );
    return `<text x="${LEFT - 14}" y="${y + 4}" text-anchor="end">${scenario}</text>${dots.join('')}`;
  });
  const height = bottom + 20;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + 20} ${height}" font-family="sans-serif" font-size="10" fill="#777">`,
    `<text x="8" y="14" font-size="12">${title}</text>`,
    ...legend,
    ...grid,
    ...rows,
    '</svg>\n',
  ].join('\n');
}
