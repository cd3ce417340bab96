import { setTimeout } from 'node:timers/promises';
import type { LanguageModelV4 } from '@ai-sdk/provider';
import { APICallError } from '@ai-sdk/provider';
import { contenders, FALLBACK, POOL, RETRY, type Targets } from './contenders.ts';
import { percent, type Figures } from './figures.ts';
import { CALL, mockModel } from './models.ts';
import type { Line } from './report.ts';

const PARALLEL = [1, 2, 10, 100, 1_000];
/** What each model object goes through: the first wave learns, the others use what it learned. */
const WAVES = 3;

const SEED = 1;
const MODULUS = 2 ** 31 - 1;

/** Answers take 1 to 10 ms, each run the same: parallel calls overtake each other. */
function delays(): () => Promise<void> {
  let state = SEED;
  return async () => {
    state = (state * 48_271) % MODULUS;
    await setTimeout(1 + (state % 10));
  };
}

function alwaysRefuses(delay: () => Promise<void>): LanguageModelV4 {
  const refuse = async (): Promise<never> => {
    await delay();
    throw new APICallError({
      message: 'Rate limit reached',
      url: 'https://api.example.com/v1/chat',
      requestBodyValues: {},
      statusCode: 429,
      responseHeaders: {},
      responseBody: '{"error":{"message":"Rate limit reached","code":"rate_limit_exceeded"}}',
    });
  };
  return { ...mockModel('first'), doGenerate: refuse, doStream: refuse };
}

function alwaysAnswers(delay: () => Promise<void>): LanguageModelV4 {
  const mock = mockModel('second');
  return {
    ...mock,
    async doGenerate(options) {
      await delay();
      return mock.doGenerate(options);
    },
    async doStream(options) {
      await delay();
      return mock.doStream(options);
    },
  };
}

/** Served is what ends with a finish and brings no error on the way. */
async function stream(model: LanguageModelV4): Promise<void> {
  let finished = false;
  for await (const part of (await model.doStream(CALL)).stream) {
    if (part.type === 'error') throw part.error;
    finished ||= part.type === 'finish';
  }
  if (!finished) throw new Error('no finish');
}

async function generate(model: LanguageModelV4): Promise<void> {
  await model.doGenerate(CALL);
}

const CALLS = { doGenerate: generate, doStream: stream };

/** The share of the calls that failed. */
async function rejected(
  name: string,
  targets: Targets,
  parallel: number,
  call: (model: LanguageModelV4) => Promise<void>,
): Promise<number> {
  const delay = delays();
  const all = contenders(alwaysRefuses(delay), alwaysAnswers(delay), targets);
  const model = all.find(each => each.name === name)?.model;
  if (model === undefined) throw new Error(`no contender: ${name}`);
  let failures = 0;
  for (let wave = 0; wave < WAVES; wave++) {
    const outcomes = await Promise.allSettled(Array.from({ length: parallel }, () => call(model)));
    failures += outcomes.filter(({ status }) => status === 'rejected').length;
  }
  return failures / (parallel * WAVES);
}

export async function measure(targets: Targets): Promise<Figures> {
  const figures: Record<string, number[]> = {};
  for (const [what, call] of Object.entries(CALLS)) {
    for (const name of [POOL, RETRY, FALLBACK]) {
      const shares: number[] = [];
      for (const parallel of PARALLEL) shares.push(await rejected(name, targets, parallel, call));
      figures[`${what} ${name}`] = shares;
    }
  }
  return figures;
}

export function lines(figures: Figures, targets: Targets): Line[] {
  return Object.keys(CALLS).map(what => {
    const most = (name: string): number => Math.max(...(figures[`${what} ${name}`] ?? [1]));
    return {
      what: `${what}, the first of 2 ${targets} refuses, 1 to ${PARALLEL.at(-1)} parallel`,
      measured: `${percent(most(POOL))} rejected`,
      bar: '0 %',
      peers: [RETRY, FALLBACK].map(name => `${name} up to ${percent(most(name))}`).join(', '),
      met: most(POOL) === 0,
    };
  });
}
