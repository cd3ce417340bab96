import { BARE, contenders, FALLBACK, LEAN_RETRY, POOL, POOL_OF_KEYS, RETRY } from './contenders.ts';
import { CALL, mockModel, read } from './models.ts';
import { report } from './report.ts';
import { timeRounds } from './rounds.ts';
import { duration, times } from './spread.ts';
import { warm } from './warm.ts';

const OVER_BARE = 2.4;
const OVER_FALLBACK = 1;

const all = contenders(mockModel('first'), mockModel('second'));
await warm(all);
const rounds = await timeRounds(
  all.map(({ name, model }) => ({
    name,
    run: async calls => {
      for (let i = 0; i < calls; i++) {
        const { stream } = await model.doStream(CALL);
        await read(stream.getReader());
      }
    },
  })),
  { rounds: 201, turnMs: 2 },
);

const peers = [RETRY, LEAN_RETRY, FALLBACK].map(
  name => `${name} ${times(rounds.ratio(name, BARE).median)}`,
);
for (const pool of [POOL, POOL_OF_KEYS]) {
  const overBare = rounds.ratio(pool, BARE);
  const overFallback = rounds.ratio(pool, FALLBACK);
  const per = duration(rounds.of(pool).median);
  const bare = duration(rounds.of(BARE).median);
  report(
    {
      what: `doStream, ${pool} over bare`,
      measured: `${overBare.text(times)}; ${per} over ${bare}`,
      bar: `<= ${OVER_BARE}x`,
      peers: peers.join(', '),
      met: overBare.median <= OVER_BARE,
    },
    {
      what: `doStream, ${pool} over ai-fallback`,
      measured: overFallback.text(times),
      bar: `<= ${OVER_FALLBACK}x`,
      peers: '',
      met: overFallback.median <= OVER_FALLBACK,
    },
  );
}
