import { fakeModel } from '@ai-pool/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstKey, http, rejection, scene, type Scene } from '../__fixtures__/scene.ts';
import { PoolConfigError } from '../index.ts';

const entry = (name: string, keys = 'secret-x') => ({
  name,
  keys,
  models: ['m'],
  create: () => (modelId: string) =>
    fakeModel({ specificationVersion: 'v4', provider: name, modelId, answer: `from ${name}` }),
});

const state = ({ pool }: Scene, provider = 0) => {
  const { keys, models, targets, ...own } = pool.status().providers[provider]!;
  return {
    own: own.state,
    keys: keys.map(key => key.state),
    models: models.map(m => m.state),
    targets,
  };
};

describe('by hand', () => {
  it('cools exactly what is named, for exactly so long', async () => {
    const world = scene({ a: { keys: ['secret-one', 'secret-two'], models: ['m', 'n'] }, b: {} });
    const { pool, clock, generate, events } = world;
    const first = firstKey(pool);
    pool.coolDown({ provider: 'a', key: first.id }, 5_000);
    pool.coolDown({ provider: 'a', model: 'n' }, 9_000);
    expect(state(world)).toMatchObject({
      own: 'ready',
      keys: ['cooling', 'ready'],
      models: ['ready', 'cooling'],
    });
    expect((await generate()).pool.key).not.toBe(first.id);
    pool.coolDown({ provider: 'a' }, 1_000);
    expect((await generate()).pool.provider).toBe('b');
    await clock.advance(9_000);
    expect(state(world).targets.every(target => target.state === 'ready')).toBe(true);
    await clock.advance(0);
    expect(events.filter(event => event.type === 'recovered')).toHaveLength(3);
  });

  it('disables until it is enabled, with the reason given', async () => {
    const { pool, clock, generate } = scene({ a: {}, b: {} });
    pool.disable({ provider: 'a', model: 'm' }, 'maintenance');
    await clock.advance(48 * 3_600_000);
    expect(pool.status().providers[0]!.models[0]).toEqual({
      id: 'm',
      state: 'disabled',
      reason: 'maintenance',
    });
    expect((await generate()).pool.provider).toBe('b');
    pool.enable({ provider: 'a', model: 'm' });
    expect((await generate()).pool.provider).toBe('a');
  });

  it('names a key by id, label or secret, and never says a secret back', () => {
    const { pool } = scene({ a: { keys: [{ apiKey: 'secret-one', id: 'main', label: 'team' }] } });
    for (const key of ['main', 'team', 'secret-one']) {
      pool.disable({ provider: 'a', key });
      expect(firstKey(pool).state).toBe('disabled');
      pool.enable({ provider: 'a', key });
    }
    expect(() => pool.disable({ provider: 'a', key: 'sk-unknown-secret' })).toThrow(
      PoolConfigError,
    );
    expect(() => pool.disable({ provider: 'a', key: 'sk-unknown-secret' })).not.toThrow(
      /sk-unknown/,
    );
    expect(() => pool.disable({ provider: 'x' })).toThrow(/no such provider/);
    expect(() => pool.disable({ provider: 'a', model: 'x' })).toThrow(PoolConfigError);
    expect(() => pool.coolDown({ provider: 'a' }, -1)).toThrow(PoolConfigError);
  });

  it('reset ends pauses, and disables only when asked', async () => {
    const { pool, generate, events, clock } = scene(
      { a: { answer: () => http(429) }, b: { answer: () => http(401) } },
      { maxWaitMs: 0 },
    );
    await rejection(generate());
    expect(pool.reset()).toBe(1);
    expect(pool.hasAvailable('a')).toBe(true);
    expect(pool.hasAvailable('b')).toBe(false);
    expect(pool.reset({ include: ['disabled'] })).toBe(1);
    expect(pool.hasAvailable('b')).toBe(true);
    await rejection(generate());
    expect(pool.reset({ provider: 'a' })).toBe(1);
    await clock.advance(0);
    expect(events.filter(event => event.type === 'reset')).toMatchObject([
      { count: 1 },
      { count: 1 },
      { count: 1, provider: 'a' },
    ]);
  });

  it('wakes a waiting call', async () => {
    const { pool, clock, generate } = scene({
      a: {
        answer: (_, index) => (index === 0 ? http(429, undefined, { 'retry-after': '4' }) : 'fine'),
      },
    });
    const waiting = generate();
    await clock.advance(100);
    pool.reset();
    await clock.advance(1);
    expect((await waiting).text).toBe('fine');
    expect(clock.pending()).toBe(0);
  });

  it('wakes a waiting call also by a weight', async () => {
    const { generate, clock, pool } = scene({
      a: {
        keys: [
          { id: 'one', apiKey: 'secret-one' },
          { id: 'two', apiKey: 'secret-two', weight: 0 },
        ],
      },
    });
    pool.coolDown({ provider: 'a', key: 'one' }, 4_000);
    const call = generate();
    await clock.advance(1_000);
    pool.setWeight({ provider: 'a', key: 'two' }, 1);
    await clock.advance(0);
    expect((await call).pool.key).toBe('two');
  });

  it('ends a slow start, for calls that come and calls that wait', async () => {
    const { generate, clock, pool, begun } = scene({
      a: {
        answer: async ({ at }) => {
          if (at < 1_800_000_000_500) return http(429);
          await new Promise<void>(resolve => clock.setTimeout(resolve, 1_500));
          return 'fine';
        },
      },
    });
    const first = generate();
    await clock.advance(1_000);
    // One is finding out, the others wait for what it finds.
    const others = [generate(), generate()];
    await clock.advance(100);
    expect(begun()).toBe(2);
    pool.reset();
    await clock.advance(0);
    expect(begun()).toBe(4);
    others.push(generate());
    expect(begun()).toBe(5);
    await clock.advance(1_500);
    await Promise.all([first, ...others]);
  });

  it('brings a call back to a target whose pause it has shortened', async () => {
    const { generate, clock, pool, trail } = scene({
      a: { keys: ['secret-one', 'secret-two'] },
      b: {},
    });
    pool.coolDown({ provider: 'a', key: 'secret-one' }, 7_200_000);
    pool.coolDown({ provider: 'a', key: 'secret-two' }, 3_600_000);
    await generate();
    pool.coolDown({ provider: 'a', key: 'secret-one' }, 1_000);
    await clock.advance(1_000);
    await generate();
    expect(trail()).toEqual(['b/secret-one/m', 'a/secret-one/m']);
  });

  it('rotates to the next key without marking the current one', async () => {
    const { pool, generate, seen } = scene(
      { a: { keys: ['secret-one', 'secret-two'] } },
      { keySelection: 'sticky' },
    );
    await generate();
    expect(pool.rotate('a')).toBe(true);
    await generate();
    expect(seen.map(one => one.key)).toEqual(['secret-one', 'secret-two']);
    pool.disable({ provider: 'a' });
    expect(pool.rotate('a')).toBe(false);
  });

  it('weights providers and keys, smoothly, and can change them', async () => {
    const { pool, generate, trail } = scene(
      { a: { weight: 3, keys: [{ apiKey: 'secret-one', weight: 2 }, 'secret-two'] }, b: {} },
      { routing: 'weighted', keySelection: 'weighted' },
    );
    for (let i = 0; i < 8; i++) await generate();
    const provider = trail()
      .map(each => each[0])
      .join('');
    expect(provider.match(/a/g)).toHaveLength(6);
    expect(provider).not.toContain('aaaa');
    expect(trail().filter(each => each.includes('secret-one'))).toHaveLength(4 + 2);
    pool.setWeight({ provider: 'a' }, 0);
    for (let i = 0; i < 4; i++) await generate();
    expect(
      trail()
        .slice(-4)
        .every(each => each.startsWith('b/')),
    ).toBe(true);
    expect(() => pool.setWeight({ provider: 'a' }, -1)).toThrow(PoolConfigError);
  });
});

describe('adding and removing while calls run', () => {
  it('a removed provider finishes what is in flight, and is used no more', async () => {
    let finish: ((text: string) => void) | undefined;
    const promise = new Promise<string>(resolve => {
      finish = resolve;
    });
    const { pool, generate, events } = scene({ a: { answer: () => promise }, b: {} });
    const running = generate();
    await Promise.resolve();
    pool.removeProvider('a');
    finish?.('late but here');
    expect((await running).text).toBe('late but here');
    expect((await generate()).pool.provider).toBe('b');
    expect(pool.providers()).toEqual(['b']);
    expect(events.filter(event => event.type === 'config-changed')).toMatchObject([
      { change: 'provider-removed', provider: 'a' },
    ]);
  });

  it('a call does not go on to what was removed meanwhile', async () => {
    const { pool, generate, trail } = scene({
      a: {
        keys: ['secret-one', 'secret-two'],
        answer: () => {
          pool.removeKey('a', 'secret-two');
          return http(429);
        },
      },
      b: {},
    });
    await generate();
    expect(trail()).toEqual(['a/secret-one/m', 'b/secret-one/m']);
  });

  it('adds a provider as the last one, under the pool’s settings', async () => {
    const { pool, generate } = scene({ a: { answer: () => http(401) } });
    await rejection(generate());
    pool.addProvider(entry('new'));
    expect((await generate()).text).toBe('from new');
    expect(() => pool.addProvider(entry('new'))).toThrow(PoolConfigError);
    expect(() => pool.addProvider({ ...entry('z'), rooting: 1 } as never)).toThrow(/rooting/);
    const other = { ...entry('y'), create: () => () => fakeModel({ specificationVersion: 'v2' }) };
    expect(() => pool.addProvider(other)).toThrow(/generation/);
    expect(pool.providers()).toEqual(['a', 'new']);
  });

  it('a replaced secret under the same id starts clean', async () => {
    const { pool, generate } = scene({
      a: {
        keys: [{ apiKey: 'secret-old', id: 'main' }],
        answer: ({ key }) => (key === 'secret-old' ? http(401) : 'fine'),
      },
    });
    await rejection(generate());
    pool.removeKey('a', 'main');
    await rejection(generate());
    expect(pool.addKey('a', { apiKey: 'secret-new', id: 'main' })).toBe('main');
    expect((await generate()).text).toBe('fine');
    expect(firstKey(pool).usage).toMatchObject({ attempts: 1, failures: 0 });
    expect(() => pool.addKey('a', { apiKey: 'secret-3', id: 'main' })).toThrow(PoolConfigError);
    expect(() => pool.addKey('a', 'secret-new')).not.toThrow();
    expect(() => pool.addKey('a', 'secret-new')).toThrow(PoolConfigError);
  });

  it('takes an added key’s secret out of what leaves the pool', async () => {
    const { pool, generate } = scene({
      a: { answer: ({ key }) => http(401, { error: { message: key } }) },
    });
    pool.addKey('a', 'sk-added-0123456789abcdef');
    const error = await rejection(generate());
    expect(JSON.stringify(error)).not.toContain('sk-added-0123456789abcdef');
  });

  it('loses no call in 1,000 random changes under load', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(9), { minLength: 1_000, maxLength: 1_000 }),
        async changes => {
          const { pool, generate, clock } = scene({
            steady: { answer: () => 'fine' },
            a: {
              keys: ['secret-one', 'secret-two'],
              answer: (_, i) => (i % 3 === 0 ? http(429) : 'fine'),
            },
          });
          const calls: Promise<unknown>[] = [];
          let added = 0;
          for (const [i, change] of changes.entries()) {
            const names = pool.providers().filter(name => name !== 'steady');
            const name = names[i % Math.max(names.length, 1)];
            const keys = pool.status().providers.find(each => each.name === name)?.keys ?? [];
            if (change === 0) pool.addProvider(entry(`p${added++}`, `secret-${added}`));
            else if (name === undefined) continue;
            else if (change === 1) pool.removeProvider(name);
            else if (change === 2) pool.addKey(name, `secret-added-${i}`);
            else if (change === 3 && keys[0] !== undefined) pool.removeKey(name, keys[0].id);
            else if (change === 4) pool.coolDown({ provider: name }, 50);
            else if (change === 5) pool.disable({ provider: name });
            else if (change === 6) pool.enable({ provider: name });
            else if (change === 7) pool.reset({ include: ['disabled'] });
            else if (change === 8) pool.rotate(name);
            else pool.setWeight({ provider: name }, i % 4);
            if (i % 5 === 0) {
              const order = i % 2 === 0 ? pool.providers().toReversed() : ['steady'];
              calls.push(generate({ providerOptions: { pool: { order } } }));
            }
            if (i % 50 === 0) await clock.advance(20);
          }
          const settling = Promise.all(calls);
          await clock.advance(10_000);
          await settling;
          for (const provider of pool.status().providers) {
            for (const { usage } of provider.keys) {
              expect(usage.inFlight).toBe(0);
              expect(usage.attempts).toBe(usage.successes + usage.failures + usage.aborted);
            }
          }
        },
      ),
      { numRuns: 5 },
    );
  });
});

describe('explain', () => {
  it('says in one line per closed scope why and until when', async () => {
    const { pool, generate, clock } = scene(
      {
        a: { answer: () => http(429, undefined, { 'retry-after': '30' }) },
        b: { answer: () => http(401) },
        c: { answer: () => http(503) },
      },
      { maxWaitMs: 0 },
    );
    expect(pool.explain()).toEqual([]);
    await rejection(generate());
    pool.disable({ provider: 'a', model: 'm' }, 'maintenance');
    const { id } = firstKey(pool);
    const at = (ms: number) => new Date(clock.now() + ms).toISOString();
    expect(pool.explain('a')).toEqual([
      'provider a, model m is disabled: maintenance, until it is enabled',
      `provider a, model m, key ${id} is cooling: rate-limit, until ${at(30_000)} (stated)`,
    ]);
    expect(pool.explain('b', 'm')[0]).toMatch(
      /is disabled: auth, until it is enabled, or a try at/,
    );
    expect(pool.explain('c')[0]).toMatch(
      /^provider c, model m is cooling: overloaded, until .* \(guessed\)$/,
    );
    expect(pool.explain('a', 'other')).toEqual([]);
    expect(() => pool.explain('x')).toThrow(PoolConfigError);
  });
});

describe('provider-exhausted', () => {
  it('is told once per transition', async () => {
    let healthy = false;
    const { generate, events, clock } = scene({
      a: { keys: ['secret-one', 'secret-two'], answer: () => (healthy ? 'fine' : http(429)) },
      b: {},
    });
    const count = () => events.filter(event => event.type === 'provider-exhausted').length;
    await generate();
    await generate();
    expect(count()).toBe(1);
    healthy = true;
    await clock.advance(5_000);
    await generate();
    healthy = false;
    await generate();
    await generate();
    expect(count()).toBe(2);
  });
});

function said(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return String(error);
  }
  return '';
}

describe('while an outcome is under way', () => {
  it('a 401 does not reopen or re-date what was disabled by hand', async () => {
    let refuse: ((error: Error) => void) | undefined;
    const { pool, generate, clock, seen } = scene({
      a: {
        keys: [{ apiKey: 'secret-one', id: 'main' }],
        answer: (_, index) =>
          index === 0 ? new Promise<Error>(resolve => (refuse = resolve)) : 'fine',
      },
      b: {},
    });
    const call = generate();
    await Promise.resolve();
    pool.disable({ provider: 'a', key: 'main' }, 'leaked');
    refuse?.(http(401));
    await call;
    await clock.advance(48 * 3_600_000);
    await generate();
    expect(seen.filter(one => one.provider === 'a')).toHaveLength(1);
    expect(firstKey(pool)).toMatchObject({
      state: 'disabled',
      reason: 'leaked',
    });
  });

  it('what is removed or disabled while its secret is fetched is not called', async () => {
    for (const act of ['removeKey', 'disable', 'removeProvider'] as const) {
      const { pool, generate, clock, seen } = scene({
        a: {
          keys: [
            {
              id: 'slow',
              apiKey: () =>
                new Promise<string>(resolve => {
                  clock.setTimeout(() => resolve('secret-slow'), 1_000);
                }),
            },
          ],
        },
        b: {},
      });
      const call = generate();
      await clock.advance(500);
      if (act === 'removeKey') pool.removeKey('a', 'slow');
      else if (act === 'disable') pool.disable({ provider: 'a' });
      else pool.removeProvider('a');
      await clock.advance(500);
      expect((await call).pool.provider).toBe('b');
      expect(seen.map(one => one.provider)).toEqual(['b']);
    }
  });

  it('reset leaves a disabled key alone while its re-probe is in flight', async () => {
    const { pool, generate, clock } = scene({
      a: { answer: (_, index) => (index === 0 ? http(401) : new Promise<never>(() => undefined)) },
      b: {},
    });
    await generate();
    await clock.advance(3_600_000);
    void generate();
    await clock.advance(1);
    expect(firstKey(pool).state).toBe('probing');
    expect(pool.reset()).toBe(0);
    await clock.advance(60_000);
    // Silence is no answer: a disabled key comes back by an answer only.
    expect(firstKey(pool).state).toBe('probing');
  });

  it('never says a secret that was given in a wrong place', () => {
    const secret = 'sk-live-0123456789abcdefghijkl';
    const { pool } = scene({ a: { keys: [secret] } });
    const words = [
      said(() => pool.removeKey(secret, 'a')),
      said(() => pool.disable({ provider: 'a', model: secret })),
      said(() => pool.addKey('a', { [secret]: 'team' } as never)),
    ];
    pool.disable({ provider: 'a' }, `revoked ${secret}`);
    words.push(JSON.stringify(pool.status()), ...pool.explain());
    expect(words.every(text => text !== '' && !text.includes(secret))).toBe(true);
  });

  it('explains also what is closed beyond any date', () => {
    const { pool } = scene({ a: {} });
    pool.coolDown({ provider: 'a' }, Number.MAX_SAFE_INTEGER);
    expect(pool.explain()).toEqual(['provider a is cooling: by hand, until it is enabled']);
  });
});
