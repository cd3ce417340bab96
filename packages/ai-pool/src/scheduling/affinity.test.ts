import { describe, expect, it } from 'vitest';
import { scene, type Scene } from '../__fixtures__/scene.ts';
import type { ProviderCandidate } from '../index.ts';
import { shares, three } from './__fixtures__/shares.ts';
import { hashOf, suits } from './affinity.ts';

const CONVERSATIONS = 20_000;

/** Names as people give them, and ids as the pool makes them. */
const names: Readonly<Record<string, (i: number) => string>> = {
  numbered: i => `user-${i}`,
  'of hex digits': i =>
    Math.imul(i + 1, 0x9e3779b1)
      .toString(16)
      .slice(-8),
  'of one letter': i => String.fromCodePoint(0x61 + i),
};

function best(conversation: number, candidates: readonly string[]): string {
  let [found, most] = ['', -1];
  for (const each of candidates) {
    const suit = suits(conversation, hashOf(each));
    if (suit > most) [found, most] = [each, suit];
  }
  return found;
}

const conversations = (nameOf: (i: number) => string): number[] =>
  Array.from({ length: CONVERSATIONS }, (_, i) => hashOf(nameOf(i)));

describe('conversations over candidates', () => {
  const sets = [
    ['numbered', 'of hex digits', 8],
    ['numbered', 'of one letter', 3],
    ['numbered', 'numbered', 20],
    ['of hex digits', 'numbered', 5],
  ] as const;

  it.each(sets)('%s, over candidates %s: evenly', (of, over, count) => {
    const candidates = Array.from({ length: count }, (_, i) => names[over]?.(i) ?? '');
    const counts = new Map<string, number>();
    for (const each of conversations(i => names[of]?.(i) ?? '')) {
      const found = best(each, candidates);
      counts.set(found, (counts.get(found) ?? 0) + 1);
    }
    const share = CONVERSATIONS / count;
    expect(counts.size).toBe(count);
    for (const each of counts.values()) {
      // Six standard deviations of a fair draw.
      expect(Math.abs(each - share)).toBeLessThan(6 * Math.sqrt(share));
    }
  });

  it('move only where their own candidate goes or a new one comes', () => {
    const before = ['a', 'b', 'c', 'd', 'e'];
    const without = before.filter(each => each !== 'c');
    const moved = new Map<string, number>();
    let strayed = 0;
    for (const each of conversations(i => `user-${i}`)) {
      const [was, is] = [best(each, before), best(each, without)];
      if (was === 'c') moved.set(is, (moved.get(is) ?? 0) + 1);
      else if (is !== was) strayed++;
    }
    expect(strayed).toBe(0);
    // Those of the one that has gone spread over all others.
    const share = CONVERSATIONS / before.length / without.length;
    for (const each of without) expect(moved.get(each)).toBeGreaterThan(share * 0.8);
  });
});

it('is the same number in every process', () => {
  expect([hashOf(''), hashOf('a'), hashOf('foobar')]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
});

const asking = (affinity: string, more: object = {}): object => ({
  providerOptions: { pool: { affinity }, ...more },
});

/** Which key each of so many conversations goes to. */
async function homes(world: Scene, count: number): Promise<string[]> {
  const found: string[] = [];
  for (let i = 0; i < count; i++) {
    const { pool } = await world.generate(asking(`user-${i}`));
    found.push(pool.key);
  }
  return found;
}

describe('affinity of calls', () => {
  const eight = Array.from({ length: 8 }, (_, i) => ({
    apiKey: `secret-number-${i}`,
    id: `key-${i}`,
  }));

  it('keeps a conversation on one key, and spreads conversations over all', async () => {
    const world = scene({ a: { keys: eight } });
    const before = await homes(world, 400);
    expect(await homes(world, 400)).toEqual(before);
    expect(new Set(before).size).toBe(8);
    for (const { id } of eight) {
      expect(before.filter(home => home === id).length).toBeGreaterThan(20);
    }
  });

  it('moves the share of a key alone: when it closes, goes, comes back, or one is added', async () => {
    const world = scene({ a: { keys: eight } });
    const before = await homes(world, 200);
    const stays = (after: readonly string[], gone: string): void => {
      expect(after.filter((home, i) => home !== before[i] && before[i] !== gone)).toEqual([]);
      expect(after).not.toContain(gone);
    };
    world.pool.disable({ provider: 'a', key: 'key-3' });
    stays(await homes(world, 200), 'key-3');
    world.pool.enable({ provider: 'a', key: 'key-3' });
    expect(await homes(world, 200)).toEqual(before);
    world.pool.removeKey('a', 'key-5');
    const without = await homes(world, 200);
    stays(without, 'key-5');
    world.pool.addKey('a', { apiKey: 'secret-new', id: 'new' });
    const after = await homes(world, 200);
    expect(after.filter((home, i) => home !== without[i] && home !== 'new')).toEqual([]);
    expect(after).toContain('new');
  });

  it('goes elsewhere while its key is closed, and returns', async () => {
    const world = scene({ a: { keys: eight } });
    const home = (await homes(world, 1))[0] ?? '';
    world.pool.coolDown({ provider: 'a', key: home }, 10_000);
    expect((await homes(world, 1))[0]).not.toBe(home);
    await world.clock.advance(10_000);
    expect((await homes(world, 1))[0]).toBe(home);
  });

  it.each(['round-robin', 'weighted', 'fastest'] as const)(
    'keeps a conversation at one provider where routing spreads: %s',
    async routing => {
      const world = scene({ a: {}, b: {}, c: {}, spare: { weight: 0 } }, { routing });
      const homeOf = async (conversation: string): Promise<string> =>
        (await world.generate(asking(conversation))).pool.provider;
      const first = new Map<string, string>();
      for (let i = 0; i < 60; i++) first.set(`user-${i}`, await homeOf(`user-${i}`));
      for (const [conversation, home] of first) expect(await homeOf(conversation)).toBe(home);
      expect(new Set(first.values())).toEqual(new Set(['a', 'b', 'c']));
    },
  );

  it('leaves an order as it is: priority, sticky, a function, order and only', async () => {
    const functions = [
      () => ['b', 'a'],
      // Its own text says nothing about it.
      (providers: readonly ProviderCandidate[]) =>
        providers.map(({ name }) => name).toReversed() /* fastest, weighted, round-robin */,
    ];
    for (const routing of ['priority', 'sticky', ...functions] as const) {
      const world = scene({ a: {}, b: {} }, { routing });
      for (let i = 0; i < 10; i++) await world.generate(asking(`user-${i}`));
      expect(Object.keys(shares(world, 'provider'))).toHaveLength(1);
    }
    const world = scene(three, { routing: 'round-robin' });
    for (let i = 0; i < 10; i++) {
      await world.generate({ providerOptions: { pool: { affinity: `user-${i}`, only: ['c'] } } });
    }
    expect(shares(world, 'provider')).toEqual({ c: 10 });
  });

  it('is the key of the prompt cache where nothing else is said', async () => {
    const world = scene({ a: { keys: eight } });
    const byAffinity = (await world.generate(asking('user-7'))).pool.key;
    const byCache = { providerOptions: { openai: { promptCacheKey: 'user-7' } } };
    for (let i = 0; i < 3; i++) expect((await world.generate(byCache)).pool.key).toBe(byAffinity);
    const said = asking('user-8', { openai: { promptCacheKey: 'user-7' } });
    const other = (await world.generate(asking('user-8'))).pool.key;
    expect((await world.generate(said)).pool.key).toBe(other);
  });
});
