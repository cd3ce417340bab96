import { createPooledModel } from 'ai-pool';
import { CALL, mockModel } from './models.ts';
import { report } from './report.ts';
import { duration, Spread } from './spread.ts';

const REPEATS = 9;
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

const repeat = (work: () => unknown): Spread =>
  new Spread(Array.from({ length: REPEATS }, () => timed(work)));

const note = (what: string, spread: Spread): void =>
  report({ what, measured: spread.text(duration), bar: '', peers: '', met: true });

for (const targets of [1_000, 10_000]) {
  const pool = poolOf(targets);
  for (let i = 0; i < targets; i++) await pool.doGenerate(CALL);
  note(
    `status() of ${targets} targets`,
    repeat(() => pool.pool.status()),
  );
}
note(
  `construction with ${BUILT} keys`,
  repeat(() => poolOf(BUILT)),
);
