import { BARE, contenders, FALLBACK, POOL, RETRY, type Targets } from './contenders.ts';
import { kilobytes, Spread, type Figures } from './figures.ts';
import { CALL, mockModel } from './models.ts';
import type { Line } from './report.ts';
import { heapRounds } from './rounds.ts';
import { warm } from './warm.ts';

const MOST = 2_000;

export async function measure(targets: Targets): Promise<Figures> {
  const all = contenders(mockModel('first'), mockModel('second'), targets);
  await warm(all);
  const runners = all.map(({ name, model }) => ({
    name,
    run: async (calls: number) => {
      for (let i = 0; i < calls; i++) await model.doGenerate(CALL);
    },
  }));
  return heapRounds(runners, 31, 2_000);
}

export function lines(figures: Figures, targets: Targets): Line[] {
  const heap = new Spread(figures[POOL]);
  const peers = [RETRY, FALLBACK, BARE].map(
    name => `${name} ${kilobytes(new Spread(figures[name]).median)}`,
  );
  return [
    {
      what: `doGenerate, heap per call, 2 ${targets}`,
      measured: heap.text(kilobytes),
      bar: `<= ${kilobytes(MOST)}`,
      peers: peers.join(', '),
      met: heap.median <= MOST,
    },
  ];
}
