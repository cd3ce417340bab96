import { generateText, streamText } from 'ai';
import { BARE, contenders, FALLBACK, LEAN_RETRY, POOL, RETRY } from './contenders.ts';
import { mockModel } from './models.ts';
import { report } from './report.ts';
import { timeRounds } from './rounds.ts';
import { duration, times } from './spread.ts';
import { warm } from './warm.ts';

const MOST = 1.05;

const all = contenders(mockModel('first'), mockModel('second'));
await warm(all);
const prompt = 'Hello';

const generated = await timeRounds(
  all.map(({ name, model }) => ({
    name,
    run: async calls => {
      for (let i = 0; i < calls; i++) await generateText({ model, prompt });
    },
  })),
  { rounds: 61, turnMs: 25 },
);
const streamed = await timeRounds(
  all.map(({ name, model }) => ({
    name,
    run: async calls => {
      for (let i = 0; i < calls; i++) await streamText({ model, prompt }).consumeStream();
    },
  })),
  { rounds: 61, turnMs: 25 },
);

for (const [what, rounds] of Object.entries({ generateText: generated, streamText: streamed })) {
  const ratio = rounds.ratio(POOL, BARE);
  const peers = [RETRY, LEAN_RETRY, FALLBACK].map(
    name => `${name} ${times(rounds.ratio(name, BARE).median)}`,
  );
  report({
    what: `${what} over bare`,
    measured: `${ratio.text(times)}; over ${duration(rounds.of(BARE).median)}`,
    bar: `<= ${MOST}x`,
    peers: peers.join(', '),
    met: ratio.median <= MOST,
  });
}
