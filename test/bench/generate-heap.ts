import { BARE, contenders, FALLBACK, LEAN_RETRY, POOL, POOL_OF_KEYS, RETRY } from './contenders.ts';
import { CALL, mockModel } from './models.ts';
import { report } from './report.ts';
import { heapRounds } from './rounds.ts';
import { kilobytes } from './spread.ts';
import { warm } from './warm.ts';

const MOST = 2_000;

const all = contenders(mockModel('first'), mockModel('second'));
await warm(all);
const rounds = await heapRounds(
  all.map(({ name, model }) => ({
    name,
    run: async calls => {
      for (let i = 0; i < calls; i++) await model.doGenerate(CALL);
    },
  })),
  31,
  2_000,
);

const peers = [RETRY, LEAN_RETRY, FALLBACK, BARE].map(
  name => `${name} ${kilobytes(rounds.of(name).median)}`,
);
for (const pool of [POOL, POOL_OF_KEYS]) {
  const heap = rounds.of(pool);
  report({
    what: `doGenerate, heap per call, ${pool}`,
    measured: heap.text(kilobytes),
    bar: `<= ${kilobytes(MOST)}`,
    peers: peers.join(', '),
    met: heap.median <= MOST,
  });
}
