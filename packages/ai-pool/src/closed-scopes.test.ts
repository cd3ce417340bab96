import { createVirtualClock } from '@ai-pool/testing';
import { describe, expect, it } from 'vitest';
import { scene, type Scene } from './__fixtures__/scene.ts';
import {
  cases,
  constructed,
  nowOf,
  toError,
  type FailureCase,
} from './failure/__fixtures__/cases.ts';
import { randomFrom } from './__fixtures__/random-from.ts';
import { answerOf, mutations, subjects, toAnswerError } from './failure/__fixtures__/mutations.ts';

// What a failure may close, seen from outside: a real pool, whose first target fails like this.

interface Target {
  readonly key: string;
  readonly model: string;
}

const ACCOUNTS: Readonly<Record<string, string | undefined>> = {
  k1: 'acme',
  k2: 'acme',
  k3: 'other',
  k4: undefined,
};

/** Whether a target of the failing provider lies in the scope of a failure of `k1` with `m1`. */
function isInside({ scope, shared }: FailureCase['expected'], { key, model }: Target): boolean {
  const isOfKey = shared === 'account' ? ACCOUNTS[key] === 'acme' : key === 'k1';
  switch (scope) {
    case 'request':
      return false;
    case 'key':
      return isOfKey;
    case 'account':
      return ACCOUNTS[key] === 'acme';
    case 'key-model':
      return isOfKey && model === 'm1';
    case 'model':
      return model === 'm1';
    default:
      return true;
  }
}

interface World extends Scene {
  /** Lets every target but the failing one answer. */
  readonly release: () => void;
}

/** `a/k1/m1` fails, everybody else thinks about it until released. */
function world(failure: FailureCase, error: unknown): World {
  const waiting: (() => void)[] = [];
  let released = false;
  const gate = async (): Promise<void> => {
    if (!released) await new Promise<void>(resolve => waiting.push(resolve));
  };
  const accountOf = (id: string): object => {
    const account = ACCOUNTS[id];
    return account === undefined ? {} : { account };
  };
  const made = scene(
    {
      a: {
        family: failure.provider,
        keys: Object.keys(ACCOUNTS).map(id => ({
          id,
          apiKey: `secret-of-${id}`,
          ...accountOf(id),
        })),
        models: ['m1', 'm2'],
        answer: async ({ key, model }) => {
          if (key === 'secret-of-k1' && model === 'm1') return { reject: error };
          await gate();
          return 'fine';
        },
      },
      b: {
        models: ['m3'],
        answer: async () => {
          await gate();
          return 'fine';
        },
      },
    },
    { clock: createVirtualClock(nowOf(failure)), keySelection: 'sticky' },
  );
  return {
    ...made,
    release() {
      released = true;
      for (const go of waiting) go();
    },
  };
}

/** Everything that needs no time has happened. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 60; turn++) await Promise.resolve();
}

const nameOf = ({ key, model }: Target): string => `${key}/${model}`;
const targets = Object.keys(ACCOUNTS).flatMap(key => ['m1', 'm2'].map(model => ({ key, model })));
const DAY_MS = 86_400_000;

/** A pause as it may be told: a day at most, where it is stated and not documented. */
const isPause = (ms: number, expected: number): boolean =>
  [expected, Math.min(expected, DAY_MS)].some(
    each => Math.abs(ms - each) <= Math.max(1500, each * 0.01),
  );

interface Seen {
  /** Targets of the failing provider that are closed. */
  readonly closed: readonly string[];
  readonly states: readonly string[];
  /** Scopes that were closed. */
  readonly scopes: readonly string[];
  /** Closed targets of another provider. */
  readonly elsewhere: readonly string[];
  readonly pauseIsRight: boolean;
  /** What no wait heals, called again by this call or by the next ones. */
  readonly again: readonly string[];
  readonly isTriedElsewhere: boolean;
}

async function observe({ failure, error }: Input): Promise<Seen> {
  const { expected } = failure;
  const { pool, events, seen, generate, release } = world(failure, error);
  const first = generate().catch(() => undefined);
  await quiet();
  const [a, b] = pool.status().providers;
  const closings = events.filter(({ type }) => type === 'cooled' || type === 'disabled');
  const closed = a?.targets.filter(({ state }) => state !== 'ready') ?? [];
  release();
  await first;
  const attempts = seen.length;
  for (let call = 0; call < 4; call++) await generate().catch(() => undefined);
  const again = seen
    .slice(1)
    .filter(({ provider }) => provider === 'a')
    .map(({ key, model }) => ({ key: key.slice(-2), model }))
    .filter(target => isInside(expected, target));
  const pauses = closings.map(event => (event.type === 'cooled' ? event.until - event.at : null));
  const [pause = null] = pauses;
  return {
    closed: closed.map(nameOf).toSorted(),
    states: [...new Set(closed.map(({ state }) => (state === 'probing' ? 'cooling' : state)))],
    scopes: closings.map(event => ('scope' in event ? event.scope : '')),
    elsewhere: b?.targets.filter(({ state }) => state !== 'ready').map(nameOf) ?? [],
    pauseIsRight:
      pause === null || expected.retryAfterMs === null || isPause(pause, expected.retryAfterMs),
    again: expected.permanent ? again.map(nameOf) : [],
    isTriedElsewhere: attempts > 1,
  };
}

function expectation({ failure: { expected } }: Input): Seen {
  // A stated pause of nothing is none.
  const closes = expected.scope !== 'request' && expected.retryAfterMs !== 0;
  return {
    closed: closes
      ? targets
          .filter(target => isInside(expected, target))
          .map(nameOf)
          .toSorted()
      : [],
    states: closes ? [expected.permanent ? 'disabled' : 'cooling'] : [],
    scopes: closes ? [scopeOf(expected)] : [],
    elsewhere: [],
    pauseIsRight: true,
    again: [],
    isTriedElsewhere: expected.action !== 'fail' && expected.kind !== 'content-filter',
  };
}

/** As an event names it: `account` with a model is that model for the account. */
function scopeOf({ scope, shared }: FailureCase['expected']): string {
  return shared ?? scope;
}

const set = [...cases, ...constructed].filter(
  ({ networkError }) => networkError?.callerAborted !== true,
);

/** A failure as it was observed, or changed in what must not matter. */
interface Input {
  readonly name: string;
  readonly failure: FailureCase;
  readonly error: unknown;
}

const changed = subjects.map((failure, index): Input => {
  const random = randomFrom(index);
  let answer = answerOf(failure);
  for (const [, mutate] of mutations) {
    if (random() < 0.6) answer = mutate(answer, random);
  }
  return { name: `${failure.id}, changed`, failure, error: toAnswerError(answer) };
});
const inputs = [
  ...set.map((failure): Input => ({ name: failure.id, failure, error: toError(failure) })),
  ...changed,
];

describe('a failure closes exactly what it speaks about', () => {
  it.each(inputs)('$name', async input => {
    expect(await observe(input)).toEqual(expectation(input));
  });
});
