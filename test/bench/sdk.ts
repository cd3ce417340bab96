import { generateText, streamText } from 'ai';
import { BARE, beside, contenders, PEERS, POOL, type Peer, type Targets } from './contenders.ts';
import { duration, ratio, Spread, times, type Figures } from './figures.ts';
import { mockModel } from './models.ts';
import type { Line } from './report.ts';
import { timeRounds } from './rounds.ts';
import { warm } from './warm.ts';

const MOST = 1.05;

const prompt = 'Hello';
const CALLS = ['generateText', 'streamText'] as const;

export async function measure(targets: Targets, peer: Peer): Promise<Figures> {
  const all = contenders(mockModel('first'), mockModel('second'), targets, [peer]);
  await warm(all);
  const generated = await timeRounds(
    all.map(({ name, model }) => ({
      name: `generateText ${name}`,
      run: async calls => {
        for (let i = 0; i < calls; i++) await generateText({ model, prompt });
      },
    })),
    { rounds: 151, turnMs: 2, warmUpMs: 2_500 },
  );
  const streamed = await timeRounds(
    all.map(({ name, model }) => ({
      name: `streamText ${name}`,
      run: async calls => {
        for (let i = 0; i < calls; i++) await streamText({ model, prompt }).consumeStream();
      },
    })),
    { rounds: 151, turnMs: 2, warmUpMs: 4_000 },
  );
  return { ...generated, ...streamed };
}

export function lines(figures: Figures): Line[] {
  return CALLS.map(call => {
    const bare = `${call} ${BARE}`;
    const over = ratio(figures, `${call} ${POOL}`, bare);
    const peers = PEERS.map(
      name => `${name} ${times(ratio(figures, `${call} ${name}`, beside(bare, name)).median)}`,
    );
    return {
      what: `${call} over bare`,
      measured: `${over.text(times)}; over ${duration(new Spread(figures[bare]).median)}`,
      bar: `<= ${MOST}x`,
      peers: peers.join(', '),
      met: over.median <= MOST,
    };
  });
}
