import { bursts, poisson, type Arrivals } from './arrivals.ts';
import type { Counting } from './hidden-limit.ts';
import type { Hint, HiddenProvider } from './hidden-provider.ts';

export const KEYS = 8;

/** Something that happens to the provider at a time. */
interface Happening {
  readonly minute: number;
  readonly happen: (provider: HiddenProvider, largestKey: number) => void;
}

export interface Scenario {
  readonly group: string;
  readonly name: string;
  readonly minutes: number;
  readonly counting: Counting;
  readonly hint: Hint;
  readonly arrivals: Arrivals;
  readonly maxWaitMs?: number;
  readonly happenings?: readonly Happening[];
  /** All quotas change by a factor at a minute. */
  readonly tier?: { readonly minute: number; readonly factor: number };
  /** Minutes between which something is out of order. */
  readonly outage?: { readonly from: number; readonly to: number; readonly of: 'all' | 'largest' };
  /** Keys per account; the keys' users do not know. */
  readonly keysPerAccount?: number;
  /** Tokens count, not requests, so many per request of the quota. */
  readonly tokens?: number;
  /** In ms; a minute where it is not said. */
  readonly windowMs?: number;
  /** Pools that know nothing of each other. */
  readonly processes?: number;
}

const COUNTINGS: readonly Counting[] = [
  'fixed window',
  'token bucket',
  'deep bucket',
  'sliding window',
  'counts refusals',
  'locks out',
];
const HINTS: readonly Hint[] = ['retry-after', 'headers', 'nothing'];

const steady = [0.5, 0.9, 1.5].flatMap(load =>
  COUNTINGS.flatMap(counting =>
    HINTS.map((hint): Scenario => ({
      group: `${load}x`,
      name: `${load}x, ${counting}, ${hint}`,
      minutes: 5,
      counting,
      hint,
      arrivals: poisson(load),
    })),
  ),
);

const inBursts = COUNTINGS.slice(0, 3).flatMap(counting =>
  HINTS.map((hint): Scenario => ({
    group: 'bursts',
    name: `bursts, ${counting}, ${hint}`,
    minutes: 5,
    counting,
    hint,
    arrivals: bursts(300),
    maxWaitMs: 60_000,
  })),
);

const outage = (of: 'all' | 'largest', status: 429 | 503, from: number, to: number): Scenario => ({
  group: 'outages',
  name: `${of === 'all' ? 'full outage' : 'largest key out'}, ${status}`,
  minutes: to + 4,
  counting: 'fixed window',
  hint: 'retry-after',
  arrivals: poisson(of === 'all' ? 0.9 : 0.7),
  outage: { from, to, of },
  happenings: [
    {
      minute: from,
      happen: ({ outages }, largest) => {
        for (let key = 0; key < KEYS; key++) {
          if (of === 'all' || key === largest) outages.set(key, status);
        }
      },
    },
    { minute: to, happen: ({ outages }) => outages.clear() },
  ],
});

const tier = (factor: number, load: number): Scenario => ({
  group: 'tiers',
  name: `quotas x${factor} after 5 min, load ${load}x of the higher`,
  minutes: 10,
  counting: 'fixed window',
  hint: 'nothing',
  arrivals: poisson(factor > 1 ? load * factor : load),
  tier: { minute: 5, factor },
  happenings: [{ minute: 5, happen: provider => provider.resize(factor) }],
});

const pools = (processes: number): Scenario => ({
  group: 'processes',
  name: `${processes} ${processes === 1 ? 'pool' : 'pools'} on the same keys`,
  minutes: 15,
  counting: 'fixed window',
  hint: 'retry-after',
  arrivals: poisson(0.9),
  processes,
});

const shortWindows = [0.9, 1.5].flatMap(load =>
  (['fixed window', 'sliding window'] as const).flatMap(counting =>
    HINTS.map((hint): Scenario => ({
      group: 'short windows',
      name: `${counting} of 20 s, ${hint}, load ${load}x`,
      minutes: 5,
      counting,
      hint,
      arrivals: poisson(load),
      windowMs: 20_000,
    })),
  ),
);

export const SCENARIOS: readonly Scenario[] = [
  ...steady,
  ...inBursts,
  outage('largest', 429, 2, 7),
  outage('largest', 503, 2, 7),
  outage('all', 503, 2, 3),
  ...HINTS.map((hint): Scenario => ({
    group: 'accounts',
    name: `two keys per account, ${hint}`,
    minutes: 5,
    counting: 'fixed window',
    hint,
    arrivals: poisson(0.9),
    keysPerAccount: 2,
  })),
  ...COUNTINGS.slice(0, 2).map((counting): Scenario => ({
    group: 'tokens',
    name: `tokens, ${counting}`,
    minutes: 5,
    counting,
    hint: 'retry-after',
    arrivals: poisson(0.9),
    tokens: 1_000,
  })),
  tier(2, 0.75),
  tier(0.5, 0.9),
  ...shortWindows,
  pools(1),
  pools(4),
];
