import type { Measures } from './measures.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { spread, type Spread } from './table.ts';

/** A policy's measures by scenario, one per seed. */
type Results = ReadonlyMap<string, readonly Measures[]>;

/** What the pool must reach in one scenario, in the worst seed. */
interface Bar {
  readonly text: string;
  readonly applies: (scenario: Scenario) => boolean;
  /** @param results of the same policy, and which seed it is */
  readonly figure: (measures: Measures, results: Results, seed: number) => number;
  readonly limit: number;
  readonly isLeast?: boolean;
  /** Nobody does without some refusals: to be seen beside what is possible. */
  readonly hasPrice?: boolean;
}

export interface Verdict extends Spread {
  readonly bar: Bar;
  readonly scenario: string;
  readonly met: boolean;
  /** The same figure of what is possible. */
  readonly possible: Spread | undefined;
}

const ONE_POOL = '1 pool on the same keys';

const inGroup =
  (group: string, of: (scenario: Scenario) => boolean = () => true) =>
  (scenario: Scenario): boolean =>
    scenario.group === group && of(scenario);
const isBucket = ({ counting }: Scenario): boolean => counting.endsWith('bucket');
const isWindow = (scenario: Scenario): boolean => !isBucket(scenario);
const told = ({ hint }: Scenario): boolean => hint === 'retry-after';
const untold = (scenario: Scenario): boolean => !told(scenario);
const goodput = ({ goodput: figure }: Measures): number => figure;
const waste = ({ waste: figure }: Measures): number => figure;
const out = (of: 'all' | 'largest') => (scenario: Scenario) => scenario.outage?.of === of;
const isWall = (scenario: Scenario): boolean =>
  out('largest')(scenario) && scenario.name.endsWith('429');
const later = ({ bursts }: Measures): typeof bursts => bursts.slice(2);

/**
 * @param results of the pool
 * @param limits what is possible
 */
export function verdicts(results: Results, limits: Results): Verdict[] {
  const found: Verdict[] = [];
  for (const bar of BARS) {
    for (const { name } of SCENARIOS.filter(bar.applies)) {
      const reached = figures(bar, name, results);
      if (reached === undefined) continue;
      const { worst } = reached;
      const met = bar.isLeast === true ? worst >= bar.limit : worst <= bar.limit;
      const possible = bar.hasPrice === true ? figures(bar, name, limits) : undefined;
      found.push({ bar, scenario: name, ...reached, met, possible });
    }
  }
  return found;
}

function figures(bar: Bar, scenario: string, results: Results): Spread | undefined {
  const all = results.get(scenario);
  return (
    all &&
    spread(
      all.map((measures, seed) => bar.figure(measures, results, seed)),
      bar.isLeast,
    )
  );
}

const BARS: readonly Bar[] = [
  {
    text: '0.9x: goodput',
    applies: inGroup('0.9x'),
    figure: goodput,
    limit: 0.99,
    hasPrice: true,
    isLeast: true,
  },
  {
    text: '0.9x: waste with Retry-After',
    applies: inGroup('0.9x', told),
    figure: waste,
    limit: 0.03,
    hasPrice: true,
  },
  {
    text: '0.9x: waste without',
    applies: inGroup('0.9x', untold),
    figure: waste,
    limit: 0.05,
    hasPrice: true,
  },
  {
    text: 'bursts on buckets: served',
    applies: inGroup('bursts', isBucket),
    figure: ({ bursts }) => Math.min(...bursts.map(({ served }) => served)),
    limit: 0.99,
    isLeast: true,
  },
  {
    text: 'bursts on buckets: waste of the first',
    applies: inGroup('bursts', isBucket),
    figure: ({ bursts }) => bursts[0]?.waste ?? 0,
    limit: 1.5,
    hasPrice: true,
  },
  {
    text: 'bursts on buckets: waste from the third on',
    applies: inGroup('bursts', isBucket),
    figure: measures => Math.max(...later(measures).map(({ waste: figure }) => figure)),
    limit: 0.2,
    hasPrice: true,
  },
  {
    text: 'bursts on windows: p99 of added latency, s',
    applies: inGroup('bursts', isWindow),
    figure: ({ p99Ms }) => p99Ms / 1_000,
    limit: 1,
  },
  {
    text: 'bursts on windows: waste',
    applies: inGroup('bursts', isWindow),
    figure: ({ bursts }) => Math.max(...bursts.map(({ waste: figure }) => figure)),
    limit: 0.35,
    hasPrice: true,
  },
  {
    text: '1.5x: goodput',
    applies: inGroup('1.5x'),
    figure: goodput,
    limit: 0.95,
    hasPrice: true,
    isLeast: true,
  },
  {
    text: '1.5x: p50 of added latency, s',
    applies: inGroup('1.5x'),
    figure: ({ p50Ms }) => p50Ms / 1_000,
    limit: 0.5,
  },
  {
    text: 'a wall ends: probes',
    applies: isWall,
    figure: ({ probes }) => probes?.most ?? Number.POSITIVE_INFINITY,
    limit: 1,
  },
  {
    text: 'a wall ends: recovery after expiry, s',
    applies: isWall,
    figure: ({ probes }) => (probes?.lateMs ?? Number.POSITIVE_INFINITY) / 1_000,
    limit: 2,
  },
  {
    text: 'full outage: attempts per call',
    applies: out('all'),
    figure: ({ outageAttempts }) => outageAttempts ?? Number.POSITIVE_INFINITY,
    limit: 1.2,
  },
  {
    text: 'full outage: back at baseline after, s',
    applies: out('all'),
    figure: ({ recoveryMs }) => (recoveryMs ?? Number.POSITIVE_INFINITY) / 1_000,
    limit: 30,
  },
  {
    text: 'four pools: waste over that of one',
    applies: ({ processes = 1 }) => processes > 1,
    figure: (measures, results, seed) =>
      measures.waste / (results.get(ONE_POOL)?.[seed]?.waste ?? 0),
    limit: 1.5,
    hasPrice: true,
  },
  {
    text: 'four pools: waste',
    applies: ({ processes = 1 }) => processes > 1,
    figure: waste,
    limit: 0.03,
    hasPrice: true,
  },
];
