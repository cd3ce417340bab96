import {
  BARE,
  beside,
  contenders,
  PEERS,
  POOL,
  RETRY,
  type Peer,
  type Targets,
} from './contenders.ts';
import { duration, ratio, Spread, times, type Figures } from './figures.ts';
import { CALL, mockModel } from './models.ts';
import type { Line } from './report.ts';
import { timeRounds } from './rounds.ts';
import { warm } from './warm.ts';

const OVER_BARE = 8;
const OVER_RETRY = 0.6;

export async function measure(targets: Targets, peer: Peer): Promise<Figures> {
  const all = contenders(mockModel('first'), mockModel('second'), targets, [peer]);
  await warm(all);
  const runners = all.map(({ name, model }) => ({
    name,
    run: async (calls: number) => {
      for (let i = 0; i < calls; i++) await model.doGenerate(CALL);
    },
  }));
  return timeRounds(runners, { rounds: 101, turnMs: 0.7, warmUpMs: 2_000 });
}

export function lines(figures: Figures, targets: Targets): Line[] {
  const overBare = ratio(figures, POOL, BARE);
  const overRetry = ratio(figures, beside(POOL, RETRY), RETRY);
  const peers = PEERS.map(
    name => `${name} ${times(ratio(figures, name, beside(BARE, name)).median)}`,
  );
  const [per, bare] = [POOL, BARE].map(name => duration(new Spread(figures[name]).median));
  return [
    {
      what: `doGenerate over bare, 2 ${targets}`,
      measured: `${overBare.text(times)}; ${per} over ${bare}`,
      bar: `<= ${OVER_BARE}x`,
      peers: peers.join(', '),
      met: overBare.median <= OVER_BARE,
    },
    {
      what: `doGenerate over ai-retry, 2 ${targets}`,
      measured: overRetry.text(times),
      bar: `<= ${OVER_RETRY}x`,
      peers: '',
      met: overRetry.median <= OVER_RETRY,
    },
  ];
}
