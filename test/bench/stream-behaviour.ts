import { setImmediate } from 'node:timers/promises';
import { BARE, contenders, FALLBACK, POOL, RETRY } from './contenders.ts';
import type { Figures } from './figures.ts';
import { CALL, mockModel, read, type Seen } from './models.ts';
import type { Line } from './report.ts';

/** Parts that may be read ahead of the consumer. */
const AHEAD = 16;
const READ = 10;

const ahead = (name: string): string => `${name}, parts ahead`;
const cancels = (name: string): string => `${name}, cancels`;

/** What the source sees of a consumer that reads some parts, pauses, and leaves. */
export async function measure(): Promise<Figures> {
  const figures: Record<string, number[]> = {};
  for (const name of [BARE, POOL, RETRY, FALLBACK]) {
    const seen: Seen = { pulls: 0, cancelled: false };
    const all = contenders(mockModel('first', seen), mockModel('second', seen), 'models');
    const model = all.find(each => each.name === name)?.model;
    if (model === undefined) throw new Error(`no contender: ${name}`);
    const reader = (await model.doStream(CALL)).stream.getReader();
    await read(reader, READ);
    // Time for whatever reads on by itself.
    for (let i = 0; i < 300; i++) await setImmediate();
    figures[ahead(name)] = [seen.pulls - READ];
    await reader.cancel().catch(() => undefined);
    figures[cancels(name)] = [seen.cancelled ? 1 : 0];
  }
  return figures;
}

export function lines(figures: Figures): Line[] {
  const parts = (name: string): number => figures[ahead(name)]?.[0] ?? Number.NaN;
  const isCancelled = (name: string): boolean => figures[cancels(name)]?.[0] === 1;
  const tell = (name: string): string =>
    `${parts(name)} ahead, cancel ${isCancelled(name) ? 'arrives' : 'is lost'}`;
  return [
    {
      what: 'doStream, back-pressure and cancel',
      measured: tell(POOL),
      bar: `<= ${AHEAD} ahead, cancel arrives`,
      peers: [BARE, RETRY, FALLBACK].map(name => `${name}: ${tell(name)}`).join('; '),
      met: parts(POOL) <= AHEAD && isCancelled(POOL),
    },
  ];
}
