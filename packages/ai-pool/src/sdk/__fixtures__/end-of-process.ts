// Calls a pool in every way that sets a timer or listens to a signal, by the machine's clock, and
// then has nothing more to do: the process must end by itself.
import { apiCallError } from '@ai-pool/testing';
import { createPooledModel, type PoolSettings } from '../../index.ts';
import { endlessMember } from './endless-member.ts';

interface Model {
  doGenerate(options: object): Promise<unknown>;
  doStream(options: object): Promise<{ stream: ReadableStream<{ type: string }> }>;
}

const HOUR_MS = 3_600_000;
const hang = (): Promise<never> => new Promise(() => undefined);

/** What a member does with every call. */
const habits = {
  endless: undefined,
  silent: hang,
  // Does nothing after its first part.
  stalling: async () => ({
    stream: new ReadableStream({
      start: controller => controller.enqueue({ type: 'text-delta', id: '0', delta: 'and' }),
    }),
  }),
  limited: async () => {
    throw apiCallError({ statusCode: 429, responseHeaders: { 'retry-after': '30' } });
  },
  broken: async () => {
    throw apiCallError({ statusCode: 503 });
  },
};

function pool(names: readonly (keyof typeof habits)[], settings: PoolSettings = {}): Model {
  return createPooledModel({
    providers: names.map((name, i) => ({
      name: `${name}-${i}`,
      keys: ['one'],
      models: ['m'],
      create: () => () => {
        const habit = habits[name];
        const member = endlessMember();
        return (habit && { ...member, doStream: habit, doGenerate: habit }) ?? member;
      },
    })),
    ...settings,
  } as never) as unknown as Model;
}

async function read({ stream }: { stream: ReadableStream<{ type: string }> }, parts: number) {
  const reader = stream.getReader();
  for (let i = 0; i < parts; i++) if ((await reader.read()).done) return;
  await reader.cancel();
}

const settled = (call: Promise<unknown>): Promise<unknown> => call.catch(() => undefined);
const long = { attemptMs: HOUR_MS, firstOutputMs: HOUR_MS, idleMs: HOUR_MS, totalMs: HOUR_MS };
const prompt: never[] = [];

// Limits that are over, each in its turn.
for (const timeouts of [{ attemptMs: 20 }, { totalMs: 20 }, { firstOutputMs: 20 }]) {
  await settled(pool(['silent', 'silent'], { timeouts, maxWaitMs: 0 }).doStream({ prompt }));
}
await settled(pool(['silent'], { timeouts: { attemptMs: 20 } }).doGenerate({ prompt }));
// A real provider's connection keeps the process alive so long.
const connection = setInterval(() => undefined, 1_000);
await read(await pool(['stalling'], { timeouts: { idleMs: 40 } }).doStream({ prompt }), 9);
clearInterval(connection);

// Limits and waits that are not: who cancels or leaves ends them.
await read(await pool(['endless', 'broken'], { timeouts: long }).doStream({ prompt }), 40);
await read(await pool(['broken', 'endless'], { timeouts: long }).doStream({ prompt }), 0);
for (const name of ['silent', 'stalling', 'limited', 'broken'] as const) {
  const caller = new AbortController();
  const options = { prompt, abortSignal: caller.signal };
  const restarting = { onMidStreamFailure: 'restart', maxWaitMs: HOUR_MS } as const;
  const model = pool([name, name], { timeouts: long, ...restarting });
  const streaming = model.doStream(options).then(result => read(result, 9));
  const generating = model.doGenerate(options);
  setTimeout(() => caller.abort(), 30);
  await Promise.all([settled(streaming), settled(generating)]);
}

// Streams that nobody reads, and the pool's own look at what recovers.
await pool(['endless', 'endless']).doStream({ prompt });
const unread = await pool(['endless'], { recoveryCheckMs: HOUR_MS }).doStream({ prompt });
await unread.stream.getReader().read();
console.log('nothing more to do');
