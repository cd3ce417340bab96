// Makes one measurement, for main.ts: `node run.ts <file> <targets> <peer>`.
import type { Peer, Targets } from './contenders.ts';
import type { Measurement } from './report.ts';

const [, , file = '', targets = 'models', peer = 'ai-fallback'] = process.argv;
const { measure } = (await import(file)) as Measurement;
const figures = await measure(targets as Targets, peer as Peer);
if (process.send === undefined) console.log(figures);
else process.send(figures);
