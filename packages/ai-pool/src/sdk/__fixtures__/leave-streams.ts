// Leaves 10,000 streams in every way there is, and prints what stays of them.
import { getEventListeners } from 'node:events';
import { createVirtualClock } from '@ai-pool/testing';
import { createPooledModel, type Pool } from '../../index.ts';
import { endlessMember } from './endless-member.ts';

const STREAMS = 10_000;
const AT_ONCE = 100;
/** So long after the last part was taken is a stream given up, and a look later. */
const ABANDONED_MS = 640_000;

const clock = createVirtualClock(1_800_000_000_000);
const longLived = new AbortController();
const model = createPooledModel({
  providers: ['a', 'b'].map(name => ({
    name,
    keys: ['one', 'two'],
    models: ['m'],
    create: () => endlessMember,
  })),
  onMidStreamFailure: 'restart',
  timeouts: { attemptMs: 3_600_000 },
  clock,
} as never) as unknown as {
  doStream(options: object): Promise<{ stream: ReadableStream<unknown> }>;
  pool: Pool;
};

/** One stream, left in one of the ways. */
async function leave(way: number): Promise<void> {
  const caller = new AbortController();
  const abortSignal = way % 2 === 0 ? longLived.signal : caller.signal;
  const { stream } = await model.doStream({ prompt: [], abortSignal });
  if (way % 5 === 0) return;
  const reader = stream.getReader();
  for (let read = 0; read < way % 7; read++) await reader.read();
  if (way % 5 === 1) await reader.cancel('bored');
  else if (way % 5 === 2) caller.abort('left');
}

async function leaveAll(count: number): Promise<void> {
  for (let i = 0; i < count; i += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, each) => leave(i + each)));
  }
  await clock.advance(ABANDONED_MS);
}

async function heap(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    await new Promise(resolve => void setImmediate(resolve));
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

await leaveAll(2_000);
const before = await heap();
await leaveAll(STREAMS);
const after = await heap();
const usages = model.pool.status().providers.flatMap(({ keys }) => keys.map(key => key.usage));
const total = (of: 'attempts' | 'aborted' | 'inFlight'): number =>
  usages.reduce((sum, usage) => sum + usage[of], 0);
console.log(
  JSON.stringify({
    attempts: total('attempts'),
    aborted: total('aborted'),
    inFlight: total('inFlight'),
    timers: clock.pending(),
    listeners: getEventListeners(longLived.signal, 'abort').length,
    grownBytes: after - before,
  }),
);
