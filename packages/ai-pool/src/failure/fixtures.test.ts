import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  apiCallError,
  cases,
  comparable,
  constructed,
  http,
  nowOf,
  toError,
  type FailureCase,
} from './__fixtures__/cases.ts';
import { classifyFailure } from './classify-failure.ts';
import { gatherEvidence } from './evidence.ts';
import { byStatus } from './rules/status.ts';
import { decideUniversally } from './rules/universal.ts';
import type { Verdict } from './verdict.ts';

function classify(
  failure: FailureCase,
  error: unknown = toError(failure),
  provider = failure.provider,
): Verdict {
  const controller = new AbortController();
  if (failure.networkError?.callerAborted === true) controller.abort();
  return classifyFailure(error, { provider, now: nowOf(failure), signal: controller.signal });
}

const expectedOf = ({ expected }: FailureCase): Record<string, unknown> => ({
  ...expected,
  shared: expected.shared,
});

const compare = (failure: FailureCase, verdict: Verdict): Record<string, unknown> =>
  comparable(verdict, failure.expected.retryAfterMs);

const byId = (set: readonly FailureCase[]) => set.map(failure => [failure.id, failure] as const);

describe.each([
  ['observed', cases],
  ['constructed', constructed],
] as const)('%s failures', (_, set) => {
  it.each(byId(set))('%s', (__, failure) => {
    const verdict = classify(failure);
    expect(compare(failure, verdict)).toEqual(expectedOf(failure));
    expect(verdict.retryAfterMs === null).toBe(verdict.source === 'guessed');
  });
});

/** What is decided with no family's rules at all, neither its own nor those of a foreign body. */
function decideWithoutFamilies(failure: FailureCase): string {
  const { status, headers, body, transport } = failure;
  const source =
    transport === 'sse'
      ? { bodies: [toError(failure)] }
      : { status, headers, bodies: [typeof body === 'string' ? body : JSON.stringify(body)] };
  const evidence = gatherEvidence(source, undefined);
  const outcome = evidence.html ? undefined : decideUniversally(evidence);
  return (outcome ?? byStatus(evidence)).action;
}

describe.each([
  ['observed', cases],
  ['constructed', constructed],
] as const)('of the %s answers', (_, set) => {
  // What came over the wire: families have no say in the rest.
  const overTheWire = set.filter(({ status }) => status !== null);
  const share = (actionOf: (failure: FailureCase) => string): number =>
    overTheWire.filter(failure => actionOf(failure) === failure.expected.action).length /
    overTheWire.length;

  it('more than 97 % of the actions are right without knowing the provider', () => {
    expect(share(failure => classify(failure, toError(failure), '').action)).toBeGreaterThan(0.97);
  });

  it('more than 94 % of the actions are right with the rules of all families switched off', () => {
    expect(share(decideWithoutFamilies)).toBeGreaterThan(0.94);
  });
});

const observed = cases.filter(({ status }) => status !== null);
const answered = [...cases, ...constructed].filter(
  ({ status, transport, body }) => status !== null && transport === undefined && body !== '',
);
const structured = answered.filter(({ body }) => typeof body !== 'string' && !Array.isArray(body));

/** The same object with its keys turned around, at every depth. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

const mutations: Readonly<Record<string, (failure: FailureCase) => unknown>> = {
  'header names in other letters': ({ status, body, headers }) =>
    http(
      status ?? 0,
      body,
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]),
      ),
    ),
  'a Headers object': ({ status, body, headers }) =>
    apiCallError({
      statusCode: status,
      responseBody: JSON.stringify(body),
      responseHeaders: new Headers(headers),
    }),
  'further headers': ({ status, body, headers }) =>
    http(status ?? 0, body, {
      ...headers,
      'x-request-id': 'req-404-429',
      date: 'Thu, 01 Jan 1970',
    }),
  'an array around it': ({ status, body, headers }) => http(status ?? 0, [body], headers),
  'further fields': ({ status, body, headers }) =>
    http(
      status ?? 0,
      { ...(body as object), request_id: 'req_404', trace: { span: 503 } },
      headers,
    ),
  'keys in another order': ({ status, body, headers }) =>
    http(status ?? 0, reversed(body), headers),
  'other white space': ({ status, body, headers }) =>
    http(status ?? 0, ` ${JSON.stringify(body, undefined, 2)}\n`, headers),
  'an already parsed body': ({ status, body, headers }) =>
    apiCallError({ statusCode: status, responseBody: body, responseHeaders: headers }),
  'data in place of a body': ({ status, body, headers }) =>
    apiCallError({ statusCode: status, data: body, responseHeaders: headers }),
  'other ids': ({ status, body, headers }) =>
    http(
      status ?? 0,
      JSON.stringify(body).replaceAll(
        /\b(org|proj|req|gen|user|resp|team)[-_]test\b/g,
        '$1_404-429-503',
      ),
      headers,
    ),
  'other models': ({ status, body, headers }) =>
    http(
      status ?? 0,
      JSON.stringify(body).replaceAll(
        /\b(gpt-[\w.-]*\w|llama-[\w.-]*\w|gemini-[\w.-]*\w|claude-[\w.-]*\w|grok-[\w.-]*\w)/g,
        'acme/next-4.2:free',
      ),
      headers,
    ),
  'a retry around it': failure =>
    Object.assign(new Error('Failed after 3 attempts'), {
      name: 'AI_RetryError',
      errors: [new Error('other'), toError(failure)],
    }),
  'a gateway error around it': failure =>
    Object.assign(new Error('gateway', { cause: toError(failure) }), {
      name: 'GatewayInternalServerError',
      [Symbol.for('vercel.ai.gateway.error')]: true,
      statusCode: failure.status,
    }),
  "an SDK's own error": ({ status, body, headers }) =>
    Object.assign(new Error(`${status} status code`), {
      status,
      headers: new Headers(headers),
      error: body,
    }),
};

describe.each(Object.entries(mutations))('%s', (_, mutate) => {
  it('does not change a verdict', () => {
    for (const failure of structured) {
      const verdict = classify(failure, mutate(failure));
      expect({ id: failure.id, ...compare(failure, verdict) }).toEqual({
        id: failure.id,
        ...expectedOf(failure),
      });
    }
  });
});

describe('hostile values', () => {
  const context = { provider: 'openai', now: 0 };

  it('never throw', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), value => {
        expect(classifyFailure(value, context).kind).toBeTypeOf('string');
        expect(
          classifyFailure(apiCallError({ data: value, responseBody: value }), context).kind,
        ).toBeTypeOf('string');
        expect(
          classifyFailure(
            apiCallError({ responseHeaders: value, statusCode: value, cause: value }),
            context,
          ).kind,
        ).toBeTypeOf('string');
      }),
      { numRuns: 300 },
    );
  });

  it('never throw when their getters do', () => {
    const nasty = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
        ownKeys: () => {
          throw new Error('no');
        },
      },
    );
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    for (const value of [nasty, revoked.proxy, apiCallError({ data: nasty }), { error: nasty }]) {
      expect(classifyFailure(value, context).kind).toBeTypeOf('string');
    }
    expect(
      classifyFailure(apiCallError({ statusCode: 429, data: revoked.proxy }), context).kind,
    ).toBe('rate-limit');
    const circular: Record<string, unknown> = { message: 'round' };
    circular['error'] = circular;
    circular['cause'] = circular;
    circular['lastError'] = circular;
    expect(classifyFailure(circular, context).kind).toBeTypeOf('string');
    expect(classifyFailure(Object.assign(new Error('x'), circular), context).kind).toBeTypeOf(
      'string',
    );
  });

  it('are read as far as a sentence goes, not by the megabyte', () => {
    const long = 'api key model tokens try again limit 1 '.repeat(50_000);
    for (const body of [
      long,
      JSON.stringify({ error: { message: long } }),
      `{"a":"${long}`,
      `data: ${long}`,
    ]) {
      expect(classifyFailure(http(400, body), context).scope).toBeTypeOf('string');
    }
  });

  it('reads what a body that is cut off still says', () => {
    const body = `{"error":{"code":"insufficient_quota","message":"You exceeded","x":"${'y'.repeat(70_000)}`;
    expect(classifyFailure(http(429, body), context).kind).toBe('billing');
  });
});

it('says the same of every case in every family without throwing', () => {
  const families = [...new Set(cases.map(({ provider }) => provider))];
  for (const failure of observed) {
    for (const family of families) {
      expect(classify(failure, toError(failure), family).kind).toBeTypeOf('string');
    }
  }
});
