import { describe, expect, it } from 'vitest';
import { http, rejection, scene } from '../__fixtures__/scene.ts';
import type { KeyCandidate, ProviderCandidate } from '../index.ts';
import { keys, repeat, three } from './__fixtures__/shares.ts';

describe('a function of one’s own', () => {
  it('orders providers: those that it leaves out come last', async () => {
    const asked: ProviderCandidate[] = [];
    const world = scene(
      {
        a: { meta: { region: 'eu' } },
        b: { weight: 2 },
        c: { answer: () => http(401) },
      },
      {
        routing: providers => {
          asked.push(...providers);
          return ['c', 'b'];
        },
      },
    );
    await world.generate();
    world.pool.disable({ provider: 'b' });
    await world.generate();
    expect(world.seen.map(({ provider }) => provider).join('')).toBe('cba');
    expect(asked.slice(0, 3)).toEqual([
      { name: 'a', weight: 1, inFlight: 0, latencyMs: undefined, meta: { region: 'eu' } },
      { name: 'b', weight: 2, inFlight: 0, latencyMs: undefined, meta: undefined },
      { name: 'c', weight: 1, inFlight: 0, latencyMs: undefined, meta: undefined },
    ]);
  });

  it('picks among the keys that are open, by id', async () => {
    const asked: (readonly KeyCandidate[])[] = [];
    const world = scene(
      {
        a: {
          keys: [
            { apiKey: 'secret-one', id: 'one', account: 'acme', meta: 1 },
            { apiKey: 'secret-two', id: 'two', label: 'second', weight: 2 },
            { apiKey: 'secret-three', id: 'three' },
          ],
        },
      },
      {
        keySelection: (candidates, of) => {
          expect(of).toEqual({ provider: 'a', model: 'm' });
          asked.push(candidates);
          return candidates.at(-1)?.id;
        },
      },
    );
    await world.generate();
    world.pool.disable({ provider: 'a', key: 'three' });
    await world.generate();
    expect(world.seen.map(({ key }) => key)).toEqual(['secret-three', 'secret-two']);
    expect(asked[1]).toEqual([
      {
        id: 'one',
        label: undefined,
        account: 'acme',
        meta: 1,
        weight: 1,
        inFlight: 0,
        attempts: 0,
      },
      {
        id: 'two',
        label: 'second',
        account: undefined,
        meta: undefined,
        weight: 2,
        inFlight: 0,
        attempts: 0,
      },
    ]);
  });

  it('that names no key leaves it to the one that has rested longest', async () => {
    const world = scene({ a: { keys } }, { keySelection: () => 'nobody' });
    await repeat(4, world.generate);
    expect(world.seen.map(({ key }) => key)).toEqual([...keys, 'secret-one']);
  });

  it('that names no provider of the pool is a wrong configuration', async () => {
    const { generate, seen } = scene(three, { routing: () => ['nobody'] });
    expect(await rejection(generate())).toMatchObject({ path: 'routing' });
    expect(seen).toEqual([]);
  });

  it.each(['routing', 'keySelection'] as const)(
    '%s: what it throws reaches that caller as it is, and nobody else',
    async setting => {
      const own = new TypeError('mine');
      let isBad = false;
      const choose = (candidates: readonly { id?: string; name?: string }[]): never => {
        if (isBad) throw own;
        const [first] = candidates;
        return (setting === 'routing' ? [first?.name] : first?.id) as never;
      };
      const world = scene({ a: { keys } }, { [setting]: choose });
      const good = world.generate();
      isBad = true;
      const bad = rejection(world.generate());
      isBad = false;
      const alsoGood = world.generate();
      expect(await bad).toBe(own);
      await Promise.all([good, alsoGood]);
      expect(world.seen).toHaveLength(2);
      expect(world.pool.status().providers[0]?.keys.map(({ state }) => state)).toEqual([
        'ready',
        'ready',
        'ready',
      ]);
    },
  );

  it('that throws while calls wait ends the one whose turn it is', async () => {
    const own = new Error('mine');
    let throws = 0;
    const world = scene(
      { a: { keys, answer: (_, index) => (index < 3 ? http(429) : 'fine') } },
      {
        keySelection: ([first]) => {
          if (throws-- === 1) throw own;
          return first?.id;
        },
      },
    );
    const calls = [world.generate(), world.generate(), world.generate()].map(async call =>
      call.then(
        ({ text }) => text,
        (error: unknown) => error,
      ),
    );
    await world.clock.advance(500);
    throws = 1;
    await world.clock.advance(10_000);
    const ends = await Promise.all(calls);
    expect(ends.filter(end => end === own)).toHaveLength(1);
    expect(ends.filter(end => end === 'fine')).toHaveLength(2);
  });

  it('is not asked where no key is handed out: by a time limit, status or hasAvailable', async () => {
    const own = new Error('mine');
    let asked = 0;
    const world = scene(
      {
        a: {
          keys,
          answer: ({ key }) => (key === 'secret-one' ? new Promise(() => {}) : 'fine'),
        },
      },
      {
        keySelection: ([first]) => {
          if (asked++ > 0) throw own;
          return first?.id;
        },
      },
    );
    const call = rejection(world.stream());
    world.pool.status();
    world.pool.hasAvailable();
    expect(asked).toBe(1);
    // 120 s without output: another key could take over, and is to be chosen.
    await world.clock.advance(120_000);
    expect(await call).toBe(own);
    expect(asked).toBe(2);
    expect(world.clock.pending()).toBe(0);
  });
});
