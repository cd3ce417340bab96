import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from './bars.ts';
import { chart } from './charts.ts';
import type { Policy } from './policies.ts';
import { barsTable, FIGURES, resultsTable, spread, type Result } from './table.ts';

/** What one run has found. */
export interface Run {
  readonly policies: readonly Policy[];
  readonly results: readonly Result[];
  readonly verdicts: readonly Verdict[];
}

/** Writes a run into the page, and its charts and figures into the folder of the page's name. */
export function writePage(page: string, run: Run): void {
  const folder = page.replace(/\.md$/, '');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'goodput.svg'),
    chart(run.results, {
      title: 'Goodput: served calls, as a share of what could be served',
      figure: measures => measures.goodput,
      place: share => share,
      ticks: [0, 0.2, 0.4, 0.6, 0.8, 1],
    }),
  );
  writeFileSync(
    join(folder, 'waste.svg'),
    chart(run.results, {
      title: 'Waste: failed attempts per served call, by powers of ten',
      figure: measures => measures.waste,
      place: value => (Math.log10(Math.max(value, 1e-3)) + 3) / 5,
      ticks: [0.001, 0.01, 0.1, 1, 10, 100],
    }),
  );
  writeFileSync(join(folder, 'results.json'), `[\n${figures(run).join(',\n')}\n]\n`);
  const parts = {
    policies: run.policies.map(({ name, text }) => `- **${name}**: ${text}`).join('\n'),
    bars: barsTable(run.verdicts),
    results: resultsTable(run.results),
  };
  let text = readFileSync(page, 'utf8');
  for (const [name, part] of Object.entries(parts)) {
    const [before, rest = ''] = text.split(`<!-- ${name} -->\n`);
    const [, after = ''] = rest.split(`<!-- end of ${name} -->`);
    text = `${before}<!-- ${name} -->\n\n${part}\n\n<!-- end of ${name} -->${after}`;
  }
  writeFileSync(page, text);
}

/** Median and worst of the seeds of every figure: a line for each policy in each scenario. */
function figures({ results }: Run): string[] {
  return results.map(({ scenario, policy, measures }) =>
    JSON.stringify({
      scenario,
      policy,
      seeds: measures.length,
      ...Object.fromEntries(
        FIGURES.map(({ title, figure, isLeast }) => {
          const { median, worst } = spread(measures.map(figure), isLeast);
          return [title, [rounded(median), rounded(worst)]];
        }),
      ),
    }),
  );
}

const rounded = (value: number): number => Number(value.toPrecision(4));
