import type { LanguageModelV4 } from '@ai-sdk/provider';
import { createPooledModel, type ProviderEntry } from 'ai-pool';
import { duration, ratio, Spread, times, type Figures } from './figures.ts';
import { CALL, mockModel } from './models.ts';
import type { Line } from './report.ts';
import { timeRounds, type Runner } from './rounds.ts';

/**
 * Choosing a key and settling it, with many keys against few. It is timed through `doGenerate`,
 * since that is where users pay for it, over a ready-made model that answers at once: nothing is
 * built per key, so that what grows with the keys is the choice alone. What does not grow is timed
 * with it; it is less than a microsecond, and a choice that walks over the keys takes a
 * thousand times as long with 100,000 of them.
 */
const FEW = 10;
const MANY = 100_000;
const MOST = 3;

const SELECTIONS: readonly Extract<ProviderEntry['keySelection'], string>[] = [
  'least-recently-used',
  'sticky',
  'round-robin',
  'least-used',
  'random',
  'weighted',
  'headroom',
];
/** Shares of the keys that are cooling. */
const SHARES = [0, 0.5, 0.99];

const provider = 'mock';

type Pooled = ReturnType<typeof poolOf>;

function poolOf(keys: number, keySelection: ProviderEntry['keySelection']) {
  return createPooledModel({
    providers: [
      {
        name: provider,
        models: [mockModel('model')],
        keySelection,
        keys: Array.from({ length: keys }, (_, i) => ({
          id: String(i),
          apiKey: `sk-${i.toString().padStart(16, '0')}`,
        })),
      },
    ],
  });
}

/** So many keys from the first on: a choice that walks over them has to pass them all. */
function cool(model: Pooled, from: number, to: number): void {
  for (let i = from; i < to; i++) model.pool.coolDown({ provider, key: String(i) }, 86_400_000);
}

const runner = (name: string, model: LanguageModelV4): Runner => ({
  name,
  run: async calls => {
    for (let i = 0; i < calls; i++) await model.doGenerate(CALL);
  },
});

const named = (keys: number, keySelection: string, share: number): string =>
  `${keys} keys, ${keySelection}, ${share * 100} % cooling`;

export async function measure(): Promise<Figures> {
  const figures: Record<string, readonly number[]> = {};
  for (const keySelection of SELECTIONS) {
    const few = poolOf(FEW, keySelection);
    const many = poolOf(MANY, keySelection);
    let [fewCool, manyCool] = [0, 0];
    for (const share of SHARES) {
      // At least one stays open.
      const fewTo = Math.min(Math.round(FEW * share), FEW - 1);
      const manyTo = Math.round(MANY * share);
      cool(few, fewCool, fewTo);
      cool(many, manyCool, manyTo);
      [fewCool, manyCool] = [fewTo, manyTo];
      const runners = [
        runner(named(FEW, keySelection, share), few),
        runner(named(MANY, keySelection, share), many),
      ];
      // Every key may be met once before: what is made or put aside then is not made again.
      for (const { run } of runners) await run(MANY);
      const options = { rounds: 101, turnMs: 0.7, warmUpMs: 50 };
      Object.assign(figures, await timeRounds(runners, options));
    }
  }
  return figures;
}

export function lines(figures: Figures): Line[] {
  return SELECTIONS.flatMap(keySelection =>
    SHARES.map(share => {
      const few = named(FEW, keySelection, share);
      const many = named(MANY, keySelection, share);
      const over = ratio(figures, many, few);
      const [of, base] = [many, few].map(name => duration(new Spread(figures[name]).median));
      return {
        what: `${many}, over ${FEW}`,
        measured: `${over.text(times)}; ${of} over ${base}`,
        bar: `<= ${MOST}x`,
        peers: '',
        met: over.median <= MOST,
      };
    }),
  );
}
