import { setTimeout } from 'node:timers/promises';
import type { LanguageModelV4 } from '@ai-sdk/provider';
import { APICallError } from '@ai-sdk/provider';
import { contenders, FALLBACK, POOL, POOL_OF_KEYS, RETRY } from './contenders.ts';
import { CALL, mockModel } from './models.ts';
import { report } from './report.ts';
import { percent } from './spread.ts';

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
  parallel: number,
  call: (model: LanguageModelV4) => Promise<void>,
): Promise<number> {
  const delay = delays();
  const all = contenders(alwaysRefuses(delay), alwaysAnswers(delay));
  const model = all.find(each => each.name === name)?.model;
  if (model === undefined) throw new Error(`no contender: ${name}`);
  let failures = 0;
  for (let wave = 0; wave < WAVES; wave++) {
    const outcomes = await Promise.allSettled(Array.from({ length: parallel }, () => call(model)));
    failures += outcomes.filter(({ status }) => status === 'rejected').length;
  }
  return failures / (parallel * WAVES);
}

for (const [what, call] of Object.entries(CALLS)) {
  const worst = new Map<string, number>();
  for (const name of [POOL, POOL_OF_KEYS, RETRY, FALLBACK]) {
    let most = 0;
    for (const parallel of PARALLEL) most = Math.max(most, await rejected(name, parallel, call));
    worst.set(name, most);
  }
  const told = (name: string): string => percent(worst.get(name) ?? 1);
  for (const pool of [POOL, POOL_OF_KEYS]) {
    report({
      what: `${what}, the first of 2 refuses, 1 to ${PARALLEL.at(-1)} parallel, ${pool}`,
      measured: `${told(pool)} rejected`,
      bar: '0 %',
      peers: `${RETRY} ${told(RETRY)}, ${FALLBACK} ${told(FALLBACK)}`,
      met: worst.get(pool) === 0,
    });
  }
}
