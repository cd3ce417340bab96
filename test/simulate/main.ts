// Shows what the pool makes of quotas that it does not know, beside what people would use instead.
// Exit code 1 when a bar is missed. `--scenario '0.9x|bursts'` runs those whose name has one of
// these words, `--policy ai-pool` these policies, `--seeds 3` fewer seeds, `--first-seed 11` others;
// `--page docs/benchmark.md` writes the tables into that page and the charts beside it.
import { parseArgs } from 'node:util';
import { verdicts } from './bars.ts';
import { measure, type Measures } from './measures.ts';
import { writePage } from './page.ts';
import { LIMIT, POLICIES, POOL } from './policies.ts';
import { simulate } from './run.ts';
import { SCENARIOS } from './scenarios.ts';
import { barsTable, resultsTable, type Result } from './table.ts';

// There are millions of refusals, and nobody reads where they come from.
Error.stackTraceLimit = 0;

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: '' },
    policy: { type: 'string', default: '' },
    seeds: { type: 'string', default: '10' },
    'first-seed': { type: 'string', default: '1' },
    page: { type: 'string' },
  },
});

const hasOneOf =
  (words: string) =>
  ({ name }: { readonly name: string }): boolean =>
    words.split('|').some(word => name.includes(word.trim()));
const scenarios = SCENARIOS.filter(hasOneOf(values.scenario));
if (scenarios.length === 0) throw new Error(`no such scenario: ${values.scenario}`);
const policies = POLICIES.filter(hasOneOf(values.policy));
const seeds = Array.from(
  { length: Number(values.seeds) },
  (_, i) => i + Number(values['first-seed']),
);

const start = performance.now();
const results: Result[] = [];
for (const scenario of scenarios) {
  for (const policy of policies) {
    if (policy.group !== undefined && policy.group !== scenario.group) continue;
    const measures: Measures[] = [];
    for (const seed of seeds) measures.push(measure(await simulate(policy, scenario, seed)));
    results.push({ scenario: scenario.name, group: scenario.group, policy: policy.name, measures });
  }
}
const resultsOf = (name: string): Map<string, readonly Measures[]> =>
  new Map(
    results
      .filter(({ policy }) => policy === name)
      .map(({ scenario, measures }) => [scenario, measures]),
  );
const found = verdicts(resultsOf(POOL), resultsOf(LIMIT));
console.log(`Median (worst) of ${seeds.length} seeds:\n`);
console.log(resultsTable(results));
console.log(`\n${barsTable(found)}`);
if (values.page !== undefined) {
  writePage(values.page, { policies, results, verdicts: found });
}
const missed = found.filter(({ met }) => !met).length;
console.log(missed === 0 ? 'Every bar is met.' : `${missed} missed.`);
console.error(`${((performance.now() - start) / 1_000).toFixed(0)} s`);
process.exitCode = missed === 0 ? 0 : 1;
