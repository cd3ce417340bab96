import { describe, expect, it } from 'vitest';
import { http, scene } from '../__fixtures__/scene.ts';
import type { ModelPool } from '../index.ts';

const keys = ['secret-one', 'secret-two', 'secret-three'];

async function repeat(times: number, call: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < times; i++) await call();
}

describe('key selection', () => {
  it('least-recently-used counts at hand-out, so that parallel calls spread', async () => {
    const { generate, trail } = scene({ a: { keys } });
    await Promise.all([generate(), generate(), generate()]);
    expect(new Set(trail()).size).toBe(3);
  });

  it('sticky keeps one key until it fails, and does not return by itself', async () => {
    let bad = '';
    const { generate, seen, clock } = scene(
      { a: { keys, answer: ({ key }) => (key === bad ? http(429) : 'fine') } },
      { keySelection: 'sticky' },
    );
    await repeat(2, generate);
    bad = 'secret-one';
    await generate();
    bad = '';
    await clock.advance(10_000);
    await generate();
    expect(seen.map(one => one.key)).toEqual([
      'secret-one',
      'secret-one',
      'secret-one',
      'secret-two',
      'secret-two',
    ]);
  });

  it('round-robin: retries inside a call take no turn', async () => {
    const { generate, seen } = scene(
      { a: { keys, answer: (_, index) => (index === 0 ? http(429) : 'fine') } },
      { keySelection: 'round-robin' },
    );
    await repeat(3, generate);
    expect(seen.map(one => one.key)).toEqual([
      'secret-one',
      'secret-two',
      'secret-two',
      'secret-three',
    ]);
  });

  it('least-used evens out what is uneven', async () => {
    let bad = true;
    const { generate, seen, clock } = scene(
      { a: { keys, answer: ({ key }) => (bad && key === 'secret-one' ? http(429) : 'fine') } },
      { keySelection: 'least-used' },
    );
    await repeat(5, generate);
    bad = false;
    await clock.advance(10_000);
    await repeat(3, generate);
    const counts = keys.map(key => seen.filter(one => one.key === key).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  it('random picks among the healthy', async () => {
    let turn = 0;
    const { generate, seen } = scene(
      { a: { keys, answer: ({ key }) => (key === 'secret-two' ? http(401) : 'fine') } },
      { keySelection: 'random', random: () => (turn++ % 10) / 10 },
    );
    await repeat(30, generate);
    expect(new Set(seen.slice(10).map(one => one.key))).toEqual(
      new Set(['secret-one', 'secret-three']),
    );
  });
});

describe('routing', () => {
  const providers = { a: { models: ['m', 'n'] }, b: {}, c: {} };

  it('priority returns to the preferred route when its pause ends, by one probe', async () => {
    let index = 0;
    const { generate, trail, clock } = scene({
      a: { answer: () => (index++ === 0 ? http(429) : 'fine') },
      b: {},
    });
    await repeat(2, generate);
    await clock.advance(1_000);
    await repeat(2, generate);
    expect(
      trail()
        .map(each => each[0])
        .join(''),
    ).toBe('abbaa');
  });

  it('sticky stays with the last route that served', async () => {
    let broken = true;
    const { generate, trail } = scene(
      { a: { answer: () => (broken ? http(401) : 'fine') }, b: {} },
      { routing: 'sticky' },
    );
    await generate();
    broken = false;
    await repeat(2, generate);
    expect(
      trail()
        .map(each => each[0])
        .join(''),
    ).toBe('abbb');
  });

  it('round-robin cycles providers across calls; a provider’s models stay a fallback order', async () => {
    const { generate, trail, pool } = scene(providers, { routing: 'round-robin' });
    await repeat(2, generate);
    // The SDK reads this before each step: that takes no turn.
    expect(Reflect.get((pool as ModelPool).languageModel(), 'supportedUrls')).toEqual({});
    await repeat(2, generate);
    expect(trail()).toEqual([
      'a/secret-one/m',
      'b/secret-one/m',
      'c/secret-one/m',
      'a/secret-one/m',
    ]);
  });

  it('order puts routes first, only leaves the others out', async () => {
    const { generate, trail } = scene({
      ...providers,
      c: { answer: () => http(429) },
    });
    await generate({ providerOptions: { pool: { order: ['c', 'a/n'] } } });
    await generate({ providerOptions: { pool: { only: ['b'] } } });
    await generate({ providerOptions: { pool: { order: ['c', 'b'], only: ['a', 'b'] } } });
    expect(trail()).toEqual([
      'c/secret-one/m',
      'a/secret-one/n',
      'b/secret-one/m',
      'b/secret-one/m',
    ]);
  });

  it('members never see the pool’s own options, and get the route’s settings under the call’s', async () => {
    const { generate, seen } = scene({
      a: {
        models: [
          {
            id: 'm',
            settings: {
              temperature: 0.1,
              maxOutputTokens: 7,
              headers: { x: 'route', y: 'route' },
              providerOptions: { a: { deep: 1 } },
            },
          },
        ],
      },
    });
    await generate({
      temperature: 0.9,
      headers: { x: 'call' },
      providerOptions: { pool: { only: ['a'] }, other: {} },
    });
    expect(seen[0]?.call.options).toMatchObject({
      temperature: 0.9,
      maxOutputTokens: 7,
      headers: { x: 'call', y: 'route' },
      providerOptions: { a: { deep: 1 }, other: {} },
    });
    expect(seen[0]?.call.options).not.toHaveProperty('providerOptions.pool');
  });

  it('bypass sends every call to the first target, without failover', async () => {
    const error = http(429);
    const { generate, trail } = scene(
      { a: { keys, answer: () => error }, b: {} },
      { bypass: true },
    );
    await expect(generate()).rejects.toBe(error);
    await expect(generate()).rejects.toBe(error);
    expect(trail()).toEqual(['a/secret-one/m', 'a/secret-one/m']);
  });

  it('bypass takes the first target that there is', async () => {
    const { generate, trail } = scene(
      {
        a: {
          keys: [
            { apiKey: 'secret-one', models: ['n'] },
            { apiKey: 'secret-two', weight: 0 },
            'secret-three',
          ],
          models: ['m', 'n'],
        },
      },
      { bypass: true },
    );
    await generate();
    expect(trail()).toEqual(['a/secret-three/m']);
  });

  it('merges provider options deeply, and never passes the pool’s own on', async () => {
    const { generate, seen } = scene({
      a: {
        models: [
          { id: 'm', settings: { providerOptions: { openai: { store: false }, pool: { x: 1 } } } },
        ],
      },
    });
    await generate({ providerOptions: { openai: { user: 'u' } } });
    expect(seen[0]?.call.options.providerOptions).toEqual({ openai: { store: false, user: 'u' } });
  });
});
