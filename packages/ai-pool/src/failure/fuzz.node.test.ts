import fc from 'fast-check';
import { expect, it } from 'vitest';
import { apiCallError, noon as now } from './__fixtures__/cases.ts';
import { classifyFailure } from './classify-failure.ts';
import type { FailureAction, FailureKind, FailureScope, Verdict } from './verdict.ts';

/** Runs; the whole suite of a change sets more. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 10_000);

const KINDS: ReadonlySet<FailureKind> = new Set([
  'rate-limit',
  'quota',
  'billing',
  'auth',
  'permission',
  'blocked',
  'model-not-found',
  'context-length',
  'too-large',
  'content-filter',
  'unsupported',
  'bad-request',
  'overloaded',
  'server-error',
  'timeout',
  'network',
  'bad-response',
  'aborted',
  'unknown',
]);
const SCOPES: ReadonlySet<FailureScope> = new Set([
  'request',
  'key',
  'key-model',
  'account',
  'model',
  'provider',
  'network',
]);
const ACTIONS: ReadonlySet<FailureAction> = new Set([
  'same-key',
  'next-key',
  'next-model',
  'next-provider',
  'fail',
]);

/** What is wrong with a verdict; nothing, if it is well formed. */
function faultsOf(verdict: Verdict): readonly string[] {
  const { kind, scope, action, retryAfterMs, source, permanent, sharedBy, status } = verdict;
  const rules: Readonly<Record<string, boolean>> = {
    kind: KINDS.has(kind),
    scope: SCOPES.has(scope),
    action: ACTIONS.has(action),
    permanent: typeof permanent === 'boolean',
    'a duration exactly where somebody told it': (retryAfterMs === null) === (source === 'guessed'),
    source: ['stated', 'documented', 'guessed'].includes(source),
    'a duration in whole milliseconds':
      retryAfterMs === null || (Number.isSafeInteger(retryAfterMs) && retryAfterMs >= 0),
    'no duration of what no wait heals': !permanent || retryAfterMs === null,
    'no pause after the fault of a request': scope !== 'request' || retryAfterMs === null,
    'nothing closed by a mistake or an abort': action !== 'fail' || scope === 'request',
    account: ['account', undefined].includes(sharedBy),
    status: status === undefined || (Number.isInteger(status) && status >= 100 && status < 600),
    'no further field': Object.keys(verdict).length <= 8,
  };
  return Object.keys(rules).filter(rule => rules[rule] !== true);
}

// What is found in errors, so that random values reach the rules, too.
const word = fc.constantFrom(
  'insufficient_quota',
  'rate_limit_exceeded',
  'RESOURCE_EXHAUSTED',
  'Please try again in 7m12s',
  'The model `x` does not exist or you do not have access to it.',
  'limit: 0',
  'Limit 10, Used 9, Requested 12',
  'litellm.RateLimitError: {"error":',
  '<!DOCTYPE html>',
  'data: {"error":{"code":429}}\n\n',
  '{"error":{"message":"x","code":',
  'error code: 1015',
  'ECONNRESET',
  'AbortError',
  '2026-06-01T00:00:00Z',
  'Thu, 14 May 2026 12:01:30 GMT',
  '9'.repeat(400),
  '-1',
  '1e999',
);
const text = fc.oneof(word, fc.string(), fc.string({ unit: 'binary' }));
const huge = fc.tuple(text, fc.nat(200_000)).map(([start, size]) => start + 'a ['.repeat(size));
const number = fc.oneof(
  fc.constantFrom(0, -1, 200, 400, 401, 403, 404, 413, 429, 500, 503, 529, 1e15, NaN, Infinity),
  fc.double(),
);
/** Stands for a value that only the classifier is to touch. */
class Hostile {
  readonly make: () => unknown;
  constructor(make: () => unknown) {
    this.make = make;
  }
}

/** The value that a description stands for. */
function build(described: unknown): unknown {
  if (described instanceof Hostile) return described.make();
  if (Array.isArray(described)) return described.map(build);
  return typeof described === 'object' && described !== null ? buildFields(described) : described;
}

const buildFields = (described: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(described).map(([key, value]) => [key, build(value)]));

const hostile = fc.constantFrom<() => unknown>(
  () =>
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('get');
        },
        has: () => {
          throw new Error('has');
        },
        ownKeys: () => {
          throw new Error('ownKeys');
        },
        getPrototypeOf: () => {
          throw new Error('getPrototypeOf');
        },
      },
    ),
  () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  () => {
    const round: Record<string, unknown> = { message: 'round' };
    for (const key of ['error', 'cause', 'lastError', 'errors', 'response', 'details']) {
      round[key] = key === 'errors' ? [round] : round;
    }
    return round;
  },
  () => ({
    get message(): string {
      throw new Error('getter');
    },
    get [Symbol.iterator](): never {
      throw new Error('iterator');
    },
    toString: () => {
      throw new Error('toString');
    },
  }),
  () => Object.create(null) as unknown,
  () => Symbol('x'),
  () => 10n ** 400n,
  () => new Response('x', { status: 503, headers: { 'retry-after': 'soon' } }),
  () => new DOMException('x', 'TimeoutError'),
  () => new AggregateError([undefined, new Error('terminated')], 'all'),
  // Without end.
  function* numbers() {
    for (let next = 0; ; next++) yield next;
  },
  () => () => 'a function',
  () => new Headers({ 'retry-after': '5' }),
  () => new Map([['retry-after', '5']]),
);

const { tree } = fc.letrec<{ tree: unknown; fields: Record<string, unknown> }>(tie => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    number,
    fc.constantFrom<unknown>(null, undefined, true, false),
    hostile.map(make => new Hostile(make)),
    fc.array(tie('tree'), { maxLength: 3 }),
    tie('fields'),
  ),
  fields: fc
    .array(
      fc.tuple(
        fc.constantFrom(
          'message',
          'code',
          'type',
          'status',
          'statusCode',
          'error',
          'errors',
          'cause',
          'lastError',
          'response',
          'responseHeaders',
          'responseBody',
          'headers',
          'data',
          'value',
          'name',
          'url',
          'metadata',
          'details',
          'violations',
          'quotaId',
          'raw',
          'choices',
          'retry_after',
          'retryDelay',
          'resets_at',
          'retry-after',
          'x-ratelimit-reset',
          'x-ratelimit-remaining',
          'stack',
          '__proto__',
        ),
        tie('tree'),
      ),
      { maxLength: 6 },
    )
    .map(entries => Object.fromEntries(entries)),
}));

const error: fc.Arbitrary<() => unknown> = fc.oneof(
  { weight: 3, arbitrary: tree.map(described => () => build(described)) },
  {
    weight: 3,
    arbitrary: fc
      .record({
        statusCode: number,
        responseHeaders: tree,
        responseBody: tree,
        data: tree,
        cause: tree,
      })
      .map(init => () => apiCallError(buildFields(init))),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(Error, TypeError, SyntaxError), text, tree)
      .map(([Kind, message, fields]) => () => {
        const made = new Kind(message);
        // Not assigned: a field may be named like one that cannot be written.
        for (const [key, value] of Object.entries(Object(fields) as object)) {
          Object.defineProperty(made, key, { value: build(value), configurable: true });
        }
        return made;
      }),
  },
  {
    weight: 1,
    arbitrary: fc.json().map(body => () => apiCallError({ statusCode: 429, responseBody: body })),
  },
  {
    weight: 1,
    arbitrary: fc
      .anything({ withBigInt: true, withDate: true, withMap: true, withSet: true })
      .map(value => () => value),
  },
);

const provider = fc.constantFrom(
  undefined,
  'openai',
  'anthropic',
  'google',
  'openrouter',
  'litellm',
  'amazon-bedrock',
  'cohere',
  '',
);

/** Why the verdict on a value is not well formed, or undefined. */
function objection(value: unknown, family: string | undefined): string | undefined {
  const verdict = classifyFailure(
    value,
    family === undefined ? { now } : { provider: family, now },
  );
  const faults = faultsOf(verdict);
  return faults.length === 0 ? undefined : `${faults.join(', ')}: ${JSON.stringify(verdict)}`;
}

/** The first value that is not taken as it should be. */
function search<T>(
  values: fc.Arbitrary<T>,
  runs: number,
  objections: (value: T, family: string | undefined) => (string | undefined)[],
): string {
  const { failed, counterexample, errorInstance } = fc.check(
    fc.property(values, provider, (value, family) => {
      const found = objections(value, family).find(Boolean);
      if (found !== undefined) throw new Error(found);
    }),
    { seed: 20_260_514, numRuns: runs },
  );
  return failed ? `${String(errorInstance)}\n${fc.stringify(counterexample)}` : 'nothing';
}

it(`${RUNS} random values: no throw, and a verdict that is well formed`, () => {
  expect(search(error, RUNS, (make, family) => [objection(make(), family)])).toBe('nothing');
}, 60_000);

it('and megabytes of text', () => {
  const found = search(huge, RUNS / 100, (long, family) =>
    [
      long,
      new Error(long),
      apiCallError({ statusCode: 429, responseBody: long, responseHeaders: { date: long } }),
      apiCallError({ statusCode: 400, data: { error: { message: long, code: long } } }),
    ].map(value => objection(value, family)),
  );
  expect(found).toBe('nothing');
}, 60_000);

it('of which 64 kB are read', () => {
  const telling = '","code":"insufficient_quota"}}';
  const body = (size: number): string => `{"error":{"message":"${'x'.repeat(size)}${telling}`;
  const kindOf = (size: number): string =>
    classifyFailure(apiCallError({ statusCode: 429, responseBody: body(size) })).kind;
  expect(kindOf(60_000)).toBe('billing');
  expect(kindOf(70_000)).toBe('rate-limit');
});
