import { createPooledModel, type ProviderEntry } from 'ai-pool';
import type { LanguageModelV4 } from '@ai-sdk/provider';
import { CALL, mockModel } from './models.ts';
import { report } from './report.ts';
import { timeRounds } from './rounds.ts';
import { duration, times } from './spread.ts';

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

const SELECTIONS: readonly NonNullable<ProviderEntry['keySelection']>[] = [
  'least-recently-used',
  'sticky',
  'round-robin',
  'least-used',
  'random',
  'weighted',
];
/** Shares of the keys that are cooling. */
const SHARES = [0, 0.5, 0.99];

const provider = 'mock';

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
function cool(model: ReturnType<typeof poolOf>, from: number, to: number): void {
  for (let i = from; i < to; i++) model.pool.coolDown({ provider, key: String(i) }, 86_400_000);
}

const runner = (name: string, model: LanguageModelV4) => ({
  name,
  run: async (calls: number) => {
    for (let i = 0; i < calls; i++) await model.doGenerate(CALL);
  },
});

for (const keySelection of SELECTIONS) {
  const few = poolOf(FEW, keySelection);
  const many = poolOf(MANY, keySelection);
  let [fewCool, manyCool] = [0, 0];
  for (const share of SHARES) {
    // At least one stays open.
    const [fewTo, manyTo] = [Math.min(Math.round(FEW * share), FEW - 1), Math.round(MANY * share)];
    cool(few, fewCool, fewTo);
    cool(many, manyCool, manyTo);
    [fewCool, manyCool] = [fewTo, manyTo];
    const rounds = await timeRounds([runner('few', few), runner('many', many)], {
      rounds: 31,
      turnMs: 4,
    });
    const ratio = rounds.ratio('many', 'few');
    const [of, over] = [rounds.of('many'), rounds.of('few')].map(each => duration(each.median));
    report({
      what: `${MANY / 1000}k keys over ${FEW}, ${keySelection}, ${share * 100} % cooling`,
      measured: `${ratio.text(times)}; ${of} over ${over}`,
      bar: `<= ${MOST}x`,
      peers: '',
      met: ratio.median <= MOST,
    });
  }
}
