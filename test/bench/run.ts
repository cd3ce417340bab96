// Makes one measurement, for main.ts: `node run.ts <file> <targets>`.
import type { Targets } from './contenders.ts';
import type { Measurement } from './report.ts';

const [, , file = '', targets = 'models'] = process.argv;
const { measure } = (await import(file)) as Measurement;
const figures = await measure(targets as Targets);
if (process.send === undefined) console.log(figures);
else process.send(figures);
