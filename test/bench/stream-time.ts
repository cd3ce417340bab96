import {
  BARE,
  beside,
  contenders,
  FALLBACK,
  PEERS,
  POOL,
  type Peer,
  type Targets,
} from './contenders.ts';
import { duration, ratio, Spread, times, type Figures } from './figures.ts';
import { CALL, mockModel, read } from './models.ts';
import type { Line } from './report.ts';
import { timeRounds } from './rounds.ts';
import { warm } from './warm.ts';

const OVER_BARE = 2.4;
const OVER_FALLBACK = 1;

export async function measure(targets: Targets, peer: Peer): Promise<Figures> {
  const all = contenders(mockModel('first'), mockModel('second'), targets, [peer]);
  await warm(all);
  const runners = all.map(({ name, model }) => ({
    name,
    run: async (calls: number) => {
      for (let i = 0; i < calls; i++) {
        const { stream } = await model.doStream(CALL);
        await read(stream.getReader());
      }
    },
  }));
  return timeRounds(runners, { rounds: 101, turnMs: 0.7, warmUpMs: 3_000 });
}

export function lines(figures: Figures, targets: Targets): Line[] {
  const overBare = ratio(figures, POOL, BARE);
  const overFallback = ratio(figures, beside(POOL, FALLBACK), FALLBACK);
  const peers = PEERS.map(
    name => `${name} ${times(ratio(figures, name, beside(BARE, name)).median)}`,
  );
  const [per, bare] = [POOL, BARE].map(name => duration(new Spread(figures[name]).median));
  return [
    {
      what: `doStream over bare, 2 ${targets}`,
      measured: `${overBare.text(times)}; ${per} over ${bare}`,
      bar: `<= ${OVER_BARE}x`,
      peers: peers.join(', '),
      met: overBare.median <= OVER_BARE,
    },
    {
      what: `doStream over ai-fallback, 2 ${targets}`,
      measured: overFallback.text(times),
      bar: `<= ${OVER_FALLBACK}x`,
      peers: '',
      met: overFallback.median <= OVER_FALLBACK,
    },
  ];
}
