import { createPooledModel } from 'ai-pool';
import { duration, Spread, type Figures } from './figures.ts';
import { CALL, mockModel } from './models.ts';
import type { Line } from './report.ts';

const REPEATS = 9;
const TARGETS = [1_000, 10_000];
const BUILT = 100_000;

const model = mockModel('model');

function poolOf(keys: number) {
  return createPooledModel({
    providers: [
      {
        name: 'mock',
        create: () => () => model,
        keys: Array.from({ length: keys }, (_, i) => `sk-${i.toString().padStart(16, '0')}`),
        models: ['model'],
      },
    ],
  });
}

function timed(work: () => unknown): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start);
}

const repeat = (work: () => unknown): number[] =>
  Array.from({ length: REPEATS }, () => timed(work));

export async function measure(): Promise<Figures> {
  const figures: Record<string, number[]> = {};
  for (const targets of TARGETS) {
    const pool = poolOf(targets);
    for (let i = 0; i < targets; i++) await pool.doGenerate(CALL);
    figures[`status() of ${targets} targets`] = repeat(() => pool.pool.status());
  }
  figures[`construction with ${BUILT} keys`] = repeat(() => poolOf(BUILT));
  return figures;
}

export function lines(figures: Figures): Line[] {
  return Object.entries(figures).map(([what, all]) => ({
    what,
    measured: new Spread(all).text(duration),
    bar: '',
    peers: '',
    met: true,
  }));
}
