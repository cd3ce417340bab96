import { BARE, contenders, FALLBACK, LEAN_RETRY, POOL, POOL_OF_KEYS, RETRY } from './contenders.ts';
import { CALL, mockModel } from './models.ts';
import { report } from './report.ts';
import { timeRounds } from './rounds.ts';
import { duration, times } from './spread.ts';
import { warm } from './warm.ts';

const OVER_BARE = 8;
const OVER_RETRY = 0.6;

const all = contenders(mockModel('first'), mockModel('second'));
await warm(all);
const rounds = await timeRounds(
  all.map(({ name, model }) => ({
    name,
    run: async calls => {
      for (let i = 0; i < calls; i++) await model.doGenerate(CALL);
    },
  })),
  { rounds: 201, turnMs: 2 },
);

const peers = [RETRY, LEAN_RETRY, FALLBACK].map(
  name => `${name} ${times(rounds.ratio(name, BARE).median)}`,
);
for (const pool of [POOL, POOL_OF_KEYS]) {
  const overBare = rounds.ratio(pool, BARE);
  const overRetry = rounds.ratio(pool, RETRY);
  const per = duration(rounds.of(pool).median);
  const bare = duration(rounds.of(BARE).median);
  report(
    {
      what: `doGenerate, ${pool} over bare`,
      measured: `${overBare.text(times)}; ${per} over ${bare}`,
      bar: `<= ${OVER_BARE}x`,
      peers: peers.join(', '),
      met: overBare.median <= OVER_BARE,
    },
    {
      what: `doGenerate, ${pool} over ai-retry`,
      measured: overRetry.text(times),
      bar: `<= ${OVER_RETRY}x`,
      peers: '',
      met: overRetry.median <= OVER_RETRY,
    },
  );
}
