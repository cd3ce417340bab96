import { setImmediate } from 'node:timers/promises';
import { BARE, contenders, FALLBACK, POOL, RETRY } from './contenders.ts';
import { CALL, mockModel, read, type Seen } from './models.ts';
import { report } from './report.ts';

/** Parts that may be read ahead of the consumer. */
const AHEAD = 16;
const READ = 10;

interface Behaviour {
  /** Parts that were taken from the source beyond what the consumer had read. */
  readonly ahead: number;
  /** Whether the source learned that the consumer had left. */
  readonly cancelled: boolean;
}

/** What the source sees of a consumer that reads some parts, pauses, and leaves. */
async function behaviourOf(name: string): Promise<Behaviour> {
  const seen: Seen = { pulls: 0, cancelled: false };
  const all = contenders(mockModel('first', seen), mockModel('second', seen));
  const model = all.find(each => each.name === name)?.model;
  if (model === undefined) throw new Error(`no contender: ${name}`);
  const reader = (await model.doStream(CALL)).stream.getReader();
  await read(reader, READ);
  // Time for whatever reads on by itself.
  for (let i = 0; i < 300; i++) await setImmediate();
  const ahead = seen.pulls - READ;
  await reader.cancel().catch(() => undefined);
  return { ahead, cancelled: seen.cancelled };
}

const tell = ({ ahead, cancelled }: Behaviour): string =>
  `${ahead} ahead, cancel ${cancelled ? 'arrives' : 'is lost'}`;

const pool = await behaviourOf(POOL);
const peers: string[] = [];
for (const name of [BARE, RETRY, FALLBACK]) {
  peers.push(`${name}: ${tell(await behaviourOf(name))}`);
}
report({
  what: 'doStream, back-pressure and cancel',
  measured: tell(pool),
  bar: `<= ${AHEAD} ahead, cancel arrives`,
  peers: peers.join('; '),
  met: pool.ahead <= AHEAD && pool.cancelled,
});
