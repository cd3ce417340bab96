import { createVirtualClock } from '@ai-pool/testing';
import { describe, expect, it } from 'vitest';
import { http, kinds, rejection, scene } from '../__fixtures__/scene.ts';
import type { PoolExhaustedError } from '../index.ts';

const limited = (): Error => http(429);
const noSuchModel = (): Error => http(404, { error: { code: 'model_not_found', message: 'no' } });
const badKey = (): Error => http(401, { error: { code: 'invalid_api_key', message: 'bad key' } });
const broken = (): Error => http(500);
const busy = (): Error => http(503);
const tooLong = (): Error => http(400, { error: { code: 'context_length_exceeded' } });
const malformed = (): Error => http(400, { error: { message: 'temperature: too hot' } });
const shared = (): Error =>
  http(429, {
    error: {
      message: 'Rate limit reached for requests',
      type: 'requests',
      code: 'rate_limit_exceeded',
    },
  });
const refused = (): Error => http(400, { error: { code: 'content_filter', message: 'no' } });
const limitedLater = async (): Promise<Error> => {
  await Promise.resolve();
  return http(429, undefined, { 'retry-after': '60' });
};

describe('the ladder', () => {
  it('goes to the next key, then the next model, then the next provider', async () => {
    const { generate, trail } = scene({
      a: { keys: ['secret-one', 'secret-two'], models: ['m', 'n'], answer: limited },
      b: { keys: ['secret-three'] },
    });
    const { pool } = await generate();
    expect(trail()).toEqual([
      'a/secret-one/m',
      'a/secret-two/m',
      'a/secret-one/n',
      'a/secret-two/n',
      'b/secret-three/m',
    ]);
    expect(pool).toMatchObject({ provider: 'b', model: 'm' });
    expect(kinds(pool.attempts)).toEqual([
      'rate-limit',
      'rate-limit',
      'rate-limit',
      'rate-limit',
      undefined,
    ]);
  });

  it('skips a dead key for every model, and later calls skip it too', async () => {
    const { generate, trail, pool } = scene({
      a: {
        keys: ['secret-one', 'secret-two'],
        models: ['m', 'n'],
        answer: ({ key, model }) => {
          if (key === 'secret-one') return badKey();
          return model === 'm' ? noSuchModel() : 'fine';
        },
      },
    });
    await generate();
    await generate();
    expect(trail()).toEqual([
      'a/secret-one/m',
      'a/secret-two/m',
      'a/secret-two/n',
      'a/secret-two/n',
    ]);
    const [a] = pool.status().providers;
    expect(a?.keys.map(key => key.state)).toEqual(['disabled', 'ready']);
    expect(a?.models.map(model => model.state)).toEqual(['disabled', 'ready']);
  });

  it('goes past a missing model without trying its other keys', async () => {
    const { generate, trail } = scene({
      a: {
        keys: ['secret-one', 'secret-two'],
        models: ['gone', 'here'],
        answer: ({ model }) => (model === 'gone' ? noSuchModel() : 'fine'),
      },
    });
    await generate();
    expect(trail()).toEqual(['a/secret-one/gone', 'a/secret-two/here']);
  });

  it('keeps a limit on one model away from the key’s other models', async () => {
    const { generate, trail } = scene({
      a: { models: ['m', 'n'], answer: ({ model }) => (model === 'm' ? limited() : 'fine') },
    });
    await generate();
    await generate();
    expect(trail()).toEqual(['a/secret-one/m', 'a/secret-one/n', 'a/secret-one/n']);
  });

  it('cools the keys of one account together where the account has the limit', async () => {
    const { generate, trail, events } = scene({
      openai: {
        family: 'openai',
        keys: [
          { apiKey: 'secret-one', account: 'acme' },
          { apiKey: 'secret-two', account: 'acme' },
          { apiKey: 'secret-three', account: 'other' },
        ],
        answer: ({ key }) => (key === 'secret-three' ? 'fine' : shared()),
      },
    });
    await generate();
    expect(trail()).toEqual(['openai/secret-one/m', 'openai/secret-three/m']);
    expect(events.filter(event => event.type === 'cooled')).toMatchObject([
      { scope: 'account', account: 'acme', model: 'm', attempt: 1 },
    ]);
  });
});

describe('trouble of a provider', () => {
  it('costs a call at most two attempts there, however many keys it has', async () => {
    const keys = Array.from({ length: 1_000 }, (_, i) => `secret-number-${i}`);
    const { generate, seen } = scene({ a: { keys, answer: broken }, b: {} });
    await generate();
    expect(seen.filter(one => one.provider === 'a')).toHaveLength(2);
    await generate();
    await generate();
    expect(seen.filter(one => one.provider === 'a')).toHaveLength(2);
  });

  it('gives a server error one more attempt on another key, at once', async () => {
    const { generate, trail } = scene({
      a: {
        keys: ['secret-one', 'secret-two'],
        answer: (_, index) => (index === 0 ? broken() : 'fine'),
      },
      b: {},
    });
    expect((await generate()).pool.provider).toBe('a');
    expect(trail()).toEqual(['a/secret-one/m', 'a/secret-two/m']);
  });

  it('looks outside an overloaded model first, and inside when nothing is left', async () => {
    const outside = scene({ a: { answer: busy }, b: {} });
    await outside.generate();
    expect(outside.trail()).toEqual(['a/secret-one/m', 'b/secret-one/m']);

    const inside = scene({ a: { answer: (_, index) => (index === 0 ? busy() : 'fine') } });
    expect((await inside.generate()).text).toBe('fine');
    expect(inside.seen).toHaveLength(2);
  });

  it('goes to further models of a provider in trouble after every other provider', async () => {
    const { generate, trail } = scene({
      a: { models: ['m', 'n', 'o'], answer: busy },
      b: { answer: limited },
    });
    const done = rejection(generate({ providerOptions: { pool: { maxWaitMs: 0 } } }));
    await done;
    expect(trail().slice(0, 4)).toEqual([
      'a/secret-one/m',
      'a/secret-one/n',
      'b/secret-one/m',
      'a/secret-one/o',
    ]);
  });

  it('makes one attempt at once where only a guess keeps everything closed', async () => {
    let healthy = false;
    const { generate, seen } = scene({ a: { answer: () => (healthy ? 'fine' : busy()) } });
    await rejection(generate({ providerOptions: { pool: { maxWaitMs: 0 } } }));
    expect(seen).toHaveLength(2);
    healthy = true;
    expect((await generate()).text).toBe('fine');
  });
});

describe('the end of a call', () => {
  it('passes the caller’s own mistake on as the same object, at once', async () => {
    const mistake = malformed();
    const { generate, seen } = scene({ a: { answer: () => mistake }, b: {} });
    expect(await rejection(generate())).toBe(mistake);
    expect(seen).toHaveLength(1);
  });

  it('passes a mistake on unchanged also after other failures', async () => {
    const mistake = malformed();
    const { generate } = scene({ a: { answer: limited }, b: { answer: () => mistake } });
    expect(await rejection(generate())).toBe(mistake);
  });

  it('tells everything of the last failure, and keeps the member’s own error', async () => {
    const last = http(401, { error: { code: 'invalid_api_key' } }, { 'x-request-id': 'r' });
    const { generate } = scene({ a: { answer: badKey }, b: { answer: () => last } });
    const error = await rejection(generate());
    expect(error).toMatchObject({
      statusCode: 401,
      responseHeaders: { 'x-request-id': 'r' },
      isRetryable: false,
      requestBodyValues: {},
      attempts: [
        { provider: 'a', kind: 'auth', status: 401 },
        { provider: 'b', kind: 'auth', status: 401 },
      ],
    });
    expect((error as Error).cause).toBe(last);
  });

  it('remembers why everything is closed when a call makes no attempt', async () => {
    const { generate, seen } = scene({
      a: { answer: () => http(429, undefined, { 'retry-after': '30' }) },
      b: { answer: () => http(429, undefined, { 'retry-after': '20' }) },
    });
    await rejection(generate());
    const error = await rejection(generate());
    expect(seen).toHaveLength(2);
    expect(error).toMatchObject({ attempts: [], statusCode: 429, retryAfterMs: 20_000 });
    expect((error as Error).cause).toHaveProperty('responseHeaders.retry-after', '20');
  });

  it('answers 503 where not every closure is a limit', async () => {
    const { generate } = scene({ a: { answer: limited }, b: { answer: badKey } }, { maxWaitMs: 0 });
    await rejection(generate());
    expect(await rejection(generate())).toMatchObject({ attempts: [], statusCode: 503 });
  });

  it('tries one further route after an unknown error, cools nothing, and then passes it on', async () => {
    const bug = new TypeError("Cannot read properties of undefined (reading 'x')");
    const { generate, seen, pool } = scene({
      a: { answer: () => bug },
      b: { answer: () => new TypeError('another') },
      c: {},
    });
    expect(await rejection(generate())).toBe(bug);
    expect(seen).toHaveLength(2);
    expect(
      pool
        .status()
        .providers.flatMap(each => each.targets)
        .map(each => each.state),
    ).toEqual(['ready', 'ready', 'ready']);
  });

  it('keeps a content filter’s refusal unless a setting lets it go on', async () => {
    const strict = scene({ a: { answer: refused }, b: {} });
    expect(await rejection(strict.generate())).toHaveProperty('statusCode', 400);
    expect(strict.seen).toHaveLength(1);
    const lenient = scene({ a: { answer: refused }, b: {} }, { contentFilterFallback: true });
    expect((await lenient.generate()).pool.provider).toBe('b');
  });

  it('is a failure of the user’s own when create, apiKey or classify throws', async () => {
    const own = new Error('mine');
    const classify = scene(
      { a: { answer: limited }, b: {} },
      {
        classify: () => {
          throw own;
        },
      },
    );
    expect(await rejection(classify.generate())).toBe(own);
    const key = scene({
      a: {
        keys: [
          {
            apiKey: () => {
              throw own;
            },
          },
        ],
      },
    });
    expect(await rejection(key.generate())).toBe(own);
    expect(key.pool.status().providers[0]?.keys[0]?.usage).toMatchObject({
      attempts: 0,
      inFlight: 0,
    });
  });
});

describe('parallel calls on two targets, the first always limited', () => {
  it.each([1, 2, 10, 100, 1_000])('%i calls: none rejected, one transition', async count => {
    const { generate, seen, events } = scene({ a: { answer: limitedLater }, b: {} });
    const answers = await Promise.all(Array.from({ length: count }, () => generate()));
    expect(answers.every(({ pool }) => pool.provider === 'b')).toBe(true);
    expect(events.filter(event => event.type === 'cooled')).toHaveLength(1);
    const wave = seen.filter(one => one.provider === 'a').length;
    await Promise.all(Array.from({ length: count }, () => generate()));
    expect(seen.filter(one => one.provider === 'a')).toHaveLength(wave);
  });

  it('keys of one provider share the load', async () => {
    const { generate, pool } = scene({ a: { keys: ['secret-one', 'secret-two', 'secret-three'] } });
    await Promise.all(Array.from({ length: 30 }, () => generate()));
    expect(pool.status().providers[0]?.keys.map(key => key.usage.attempts)).toEqual([10, 10, 10]);
  });
});

const asking = (text: string): object => ({
  prompt: [{ role: 'user', content: [{ type: 'text', text }] }],
});

describe('an outer retry, which asks the same again', () => {
  it('calls only targets whose pause has ended, also a guessed one', async () => {
    const { generate, trail, clock } = scene(
      { a: { answer: broken }, b: { answer: busy } },
      { maxWaitMs: 0 },
    );
    const first = rejection(generate(asking('one')));
    await clock.advance(200);
    const error = (await first) as PoolExhaustedError;
    expect(error.isRetryable).toBe(true);
    const before = trail().length;

    await clock.advance(Number(error.retryAfterMs));
    const again = rejection(generate(asking('one')));
    await clock.advance(200);
    expect(await again).toMatchObject({ isRetryable: true });
    // Its pause has ended; that of the other still runs.
    expect(new Set(trail().slice(before))).toEqual(new Set(['a/secret-one/m']));
  });

  it('another caller still makes one attempt at once', async () => {
    const { generate, seen } = scene({ a: { answer: busy } }, { maxWaitMs: 0 });
    await rejection(generate(asking('one')));
    const before = seen.length;
    await rejection(generate(asking('two')));
    expect(seen).toHaveLength(before + 1);
  });
});

const after = (seconds: number): Error => http(429, undefined, { 'retry-after': String(seconds) });

describe('isRetryable', () => {
  const both = { maxWaitMs: 0 };

  it.each<[string, () => Error, () => Error, boolean]>([
    ['two limits that end soon', () => after(10), () => after(50), true],
    ['one that ends soon, one later', () => after(10), () => after(500), true],
    ['none within 60 s', () => after(61), () => after(500), false],
    ['trouble that is only guessed', broken, busy, true],
    ['a bad key beside a limit', badKey, () => after(10), false],
    ['bad keys only', badKey, badKey, false],
    ['a missing model', noSuchModel, busy, false],
    ['a request that fits nowhere', tooLong, tooLong, false],
  ])('%s', async (_, a, b, isRetryable) => {
    const { generate, clock } = scene({ a: { answer: a }, b: { answer: b } }, both);
    const ending = rejection(generate());
    await clock.advance(1_000);
    const error = await ending;
    expect(error).toMatchObject({ isRetryable });
    const headers = (error as PoolExhaustedError).responseHeaders ?? {};
    expect('retry-after-ms' in headers).toBe(isRetryable);
  });
});

const only = (name: string): object => ({ providerOptions: { pool: { only: [name] } } });

describe('under interleaving', () => {
  it('a probe’s success lets the others through, slowly at first', async () => {
    const { generate, clock, seen } = scene({
      a: {
        answer: async ({ at }) => {
          if (at < 1_800_000_000_500) return limited();
          await new Promise<void>(resolve => clock.setTimeout(resolve, 50));
          return 'fine';
        },
      },
    });
    const ends: number[] = [];
    const calls = Array.from({ length: 5 }, async () => {
      await generate();
      ends.push(clock.now() - 1_800_000_000_000);
    });
    await clock.advance(5_000);
    await Promise.all(calls);
    // One finds out at 1,000 and says so at 1,050; three follow then, and then the rest.
    expect(ends).toEqual([1_050, 1_100, 1_100, 1_100, 1_150]);
    expect(seen).toHaveLength(5 + 5);
  });

  it('a call may wait for a probe up to its allowance', async () => {
    const { generate, clock } = scene(
      {
        a: {
          answer: async (_, index) => {
            if (index < 2) return limited();
            await new Promise<void>(resolve => clock.setTimeout(resolve, 50));
            return 'fine';
          },
        },
      },
      { maxWaitMs: 1_200 },
    );
    const calls = [generate(), generate()];
    await clock.advance(5_000);
    expect((await Promise.all(calls)).map(({ text }) => text)).toEqual(['fine', 'fine']);
  });

  it('waiting calls go first come, first served', async () => {
    const served: number[] = [];
    const { generate, clock } = scene({
      a: {
        answer: (_, index) => (index === 0 ? http(429, undefined, { 'retry-after': '1' }) : 'fine'),
      },
    });
    const calls = Array.from({ length: 8 }, async (_, i) => {
      if (i > 0) await clock.advance(0);
      await generate();
      served.push(i);
    });
    await clock.advance(1_000);
    await Promise.all(calls);
    expect(served).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('an empty retry budget keeps no call from another ready key', async () => {
    const { generate, clock, seen } = scene(
      {
        x: { answer: broken },
        a: {
          keys: ['secret-one', 'secret-two'],
          answer: ({ key }) => (key === 'secret-one' ? broken() : 'fine'),
        },
      },
      { maxWaitMs: 0 },
    );
    let retried = 0;
    for (let i = 0; i < 20; i++) {
      const before = seen.length;
      const failing = rejection(generate(only('x')));
      await clock.advance(61_000);
      await failing;
      retried += seen.length - before - 1;
    }
    // The floor of 10, and a fifth of the calls.
    expect(retried).toBeLessThan(16);
    expect((await generate(only('a'))).text).toBe('fine');
  });

  it('an abort at any microtask around a fetched secret calls nothing further', async () => {
    for (let turns = 0; turns < 30; turns++) {
      const { generate, begun } = scene({
        a: { keys: [{ apiKey: async () => 'secret-fetched', id: 'main' }] },
      });
      const leaving = new AbortController();
      const call = generate({ abortSignal: leaving.signal }).catch((error: unknown) => error);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      const before = begun();
      leaving.abort('left');
      await call;
      expect(begun()).toBe(before);
    }
  });

  it('two second attempts at one moment do not both find out', async () => {
    const { generate, clock, begun } = scene(
      {
        a: {
          answer: async (_, index) => {
            if (index === 0) return limited();
            await new Promise<void>(resolve => clock.setTimeout(resolve, 1_000));
            return broken();
          },
        },
      },
      { maxWaitMs: 0 },
    );
    const ask = (text: string): Promise<unknown> => rejection(generate(asking(text)));
    // Three are under way when the first closes the target, for a second.
    const calls = ['one', 'two', 'three'].map(ask);
    await clock.advance(1_000);
    expect(begun()).toBe(3);
    // Both earn another attempt, 100 ms later: the target is to be found out about by one.
    await clock.advance(100);
    expect(begun()).toBe(4);
    await clock.advance(10_000);
    await Promise.all(calls);
  });

  it('a clock that is set back keeps nobody waiting', async () => {
    let back = 0;
    const inner = createVirtualClock(1_800_000_000_000);
    const clock = { ...inner, now: () => inner.now() - back };
    const { generate } = scene(
      { a: { answer: (_, index) => (index === 0 ? limited() : 'fine') } },
      { clock },
    );
    let settled = false;
    const settle = (): void => {
      settled = true;
    };
    generate().then(settle, settle);
    await inner.advance(500);
    back = 3_600_000;
    await inner.advance(10_000);
    expect(settled).toBe(true);
  });

  it('a hostile rejection leaves no lease', async () => {
    const trap = new Proxy(
      {},
      {
        getPrototypeOf() {
          throw new Error('trap');
        },
      },
    );
    const { generate, pool } = scene({ a: { answer: () => ({ reject: trap }) }, b: {} });
    expect((await generate()).pool.provider).toBe('b');
    expect(pool.status().providers[0]?.keys[0]?.usage.inFlight).toBe(0);
  });
});
