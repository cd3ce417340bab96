import { createVirtualClock, type FakeRequest, type VirtualClock } from '@ai-pool/testing';
import type { KeyEntry, Pool, PoolSettings } from 'ai-pool';
import { describe, expect, test, vi } from 'vitest';
import type { Answer, ModelBase, ProviderName, Sdk } from './sdk.ts';
import { atOnce, inWorld, ways, type Way, type World, type WorldProviders } from './world.ts';

type WorldProvider = NonNullable<WorldProviders['openai']>;

/** A provider as the pool has it, and as it is. */
interface Entry {
  readonly keys: readonly (Omit<KeyEntry, 'apiKey'> & { readonly id: string })[];
  /** Key id -> how upstream treats it; those that are left out are good. */
  readonly upstream?: WorldProvider['keys'];
  readonly fake?: Pick<WorldProvider, 'accounts' | 'down' | 'latencyMs'>;
}

interface Scene<Model> extends Omit<World<Model>, 'ask'> {
  readonly clock: VirtualClock;
  readonly ask: (way?: Way) => Promise<Answer>;
}

const named = (count: number): { id: string }[] =>
  Array.from({ length: count }, (_, i) => ({ id: `key-${i}` }));

/** A world by one virtual clock. */
async function inScene<Model extends ModelBase>(
  sdk: Sdk<Model>,
  entries: Partial<Record<ProviderName, Entry>>,
  settings: PoolSettings & { readonly start?: string },
  story: (scene: Scene<Model>) => Promise<void>,
): Promise<void> {
  const { start = '2026-05-01T12:00:00Z', ...poolSettings } = settings;
  const clock = createVirtualClock(Date.parse(start));
  const providers = Object.entries(entries).map(([name, { keys, upstream, fake }]) => {
    const known = Object.fromEntries(keys.map(({ id, ...key }) => [id, key]));
    const treated = Object.fromEntries(keys.map(({ id }) => [id, upstream?.[id] ?? {}]));
    return [name, { ...fake, keys: treated, known }];
  });
  await inWorld(
    sdk,
    Object.fromEntries(providers) as WorldProviders,
    async world => {
      const ask = (way: Way = 'generate') => world.ask(way, { maxRetries: 0 });
      await story({ ...world, clock, ask });
    },
    { clock, random: () => 0.5, ...poolSettings },
  );
}

const refused = (requests: readonly FakeRequest<ProviderName>[]): number =>
  requests.filter(({ status }) => status !== 200).length;

/** Those in flight, by the pool's account. */
const inFlight = (pool: Pool): number =>
  pool
    .status()
    .providers.flatMap(({ keys }) => keys)
    .reduce((sum, { usage }) => sum + usage.inFlight, 0);

export function testScheduling<Model extends ModelBase>(sdk: Sdk<Model>): void {
  describe('50 dead keys and a good one', () => {
    const keys = named(51);
    const upstream = Object.fromEntries(keys.slice(0, 50).map(({ id }) => [id, { invalid: true }]));

    test.each(ways)('%s: each dead one is tried once', async way => {
      await inScene(
        sdk,
        { openai: { keys, upstream } },
        {},
        async ({ ask, fakes, pool, clock }) => {
          const answers = [await ask(way), await ask(way), await ask(way)];
          expect(answers.map(answer => answer.pool.key)).toEqual(['key-50', 'key-50', 'key-50']);
          expect(answers.map(answer => answer.pool.attempts.length)).toEqual([51, 1, 1]);
          expect(new Set(fakes.requests.map(({ key }) => key)).size).toBe(51);
          expect(
            pool.status().providers[0]?.keys.filter(({ state }) => state === 'disabled'),
          ).toHaveLength(50);
          // Not sooner than its re-probe is due.
          await clock.advance(3_599_000);
          expect((await ask(way)).pool.attempts).toHaveLength(1);
        },
      );
    });

    test('parallel calls try each dead one once at most, each', async () => {
      await inScene(sdk, { openai: { keys, upstream } }, {}, async ({ ask, fakes }) => {
        const answers = await atOnce(5, ask);
        for (const { pool } of answers) {
          expect(pool.key).toBe('key-50');
          const tried = pool.attempts.map(({ key }) => key);
          expect(new Set(tried).size).toBe(tried.length);
        }
        expect(fakes.requests.length).toBeLessThanOrEqual(5 * 51);
        const before = fakes.requests.length;
        await atOnce(5, ask);
        expect(fakes.requests).toHaveLength(before + 5);
      });
    });
  });

  test('a provider with 1,000 keys down costs a call two attempts, then one in a while', async () => {
    const entries = {
      openai: { keys: named(1_000), fake: { down: 500 as const } },
      google: { keys: named(1) },
    };
    await inScene(sdk, entries, {}, async ({ ask, fakes, clock, requestsOf }) => {
      expect((await ask()).pool.attempts).toHaveLength(3);
      await atOnce(20, ask);
      expect(requestsOf('openai')).toHaveLength(2);
      // One probe after each pause, whatever the number of calls.
      for (let probes = 1; probes <= 3; probes++) {
        await clock.advance(60_000);
        await atOnce(5, ask);
        expect(requestsOf('openai')).toHaveLength(2 + probes);
      }
      fakes.provider('openai').set({ down: false });
      await clock.advance(60_000);
      expect((await ask()).pool.provider).toBe('openai');
      expect(refused(requestsOf('google'))).toBe(0);
    });
  });

  describe('20 callers on two keys', () => {
    const keys = named(2);

    test('are served in parallel, ten by each', async () => {
      // No more than ten at once are let in.
      const upstream = { 'key-0': { maxConcurrency: 10 }, 'key-1': { maxConcurrency: 10 } };
      const entries = { openai: { keys, upstream, fake: { latencyMs: 100 } } };
      await inScene(sdk, entries, {}, async ({ ask, fakes, pool }) => {
        const calls = atOnce(20, ask);
        await vi.waitUntil(() => inFlight(pool) === 20, { interval: 1 });
        await calls;
        expect(refused(fakes.requests)).toBe(0);
        expect(pool.status().providers[0]?.keys.map(({ usage }) => usage.successes)).toEqual([
          10, 10,
        ]);
      });
    });

    test('whose limits are declared are never refused: who finds no room waits', async () => {
      const limited = keys.map(key => ({ ...key, limits: { rpm: 8 } }));
      const upstream = { 'key-0': { rpm: 8 }, 'key-1': { rpm: 8 } };
      const entries = { openai: { keys: limited, upstream } };
      await inScene(sdk, entries, { maxWaitMs: 90_000 }, async ({ ask, fakes, clock, pool }) => {
        const calls = atOnce(20, ask);
        const isServed = (count: number) => (): boolean =>
          fakes.requests.filter(({ status }) => status === 200).length === count;
        await vi.waitUntil(isServed(16), { interval: 1 });
        await fakes.idle();
        await clock.advance(59_999);
        expect(fakes.requests).toHaveLength(16);
        await clock.advance(1);
        await calls;
        expect(refused(fakes.requests)).toBe(0);
        expect(pool.status().providers[0]?.targets[0]?.headroom).toEqual({ requests: 6 });
      });
    });
  });

  describe('keys of one account', () => {
    const own = named(5);
    const other = { id: 'other' };
    const accounts = { acme: { rpm: 3 } };
    const upstream = Object.fromEntries(own.map(({ id }) => [id, { account: 'acme' }]));

    test('cool together after one limit', async () => {
      const keys = [...own.map(key => ({ ...key, account: 'acme' })), other];
      // Gemini's answers do not say what is left: the limit is run into.
      const entries = { google: { keys, upstream, fake: { accounts } } };
      const settings = { keySelection: 'sticky' } as const;
      await inScene(sdk, entries, settings, async ({ ask, fakes, events }) => {
        for (let i = 0; i < 6; i++) await ask();
        expect(fakes.requests.map(({ key, status }) => `${key} ${status}`)).toEqual([
          'key-0 200',
          'key-0 200',
          'key-0 200',
          'key-0 429',
          'other 200',
          'other 200',
          'other 200',
        ]);
        expect(events.filter(({ type }) => type === 'cooled')).toMatchObject([
          { scope: 'account', account: 'acme', provider: 'google' },
        ]);
      });
    });

    test('are found to be that by what the answers say', async () => {
      const keys = [...own.slice(0, 3), other];
      const entries = { openai: { keys, upstream, fake: { accounts } } };
      const settings = { keySelection: 'round-robin' } as const;
      await inScene(sdk, entries, settings, async ({ ask, fakes, events, pool }) => {
        for (let i = 0; i < 6; i++) await ask();
        // Three answers, one refusal for all of them, and the rest by the other key.
        expect(refused(fakes.requests)).toBeLessThanOrEqual(1);
        const [first] = pool.status().providers[0]?.keys ?? [];
        expect(first?.account).toBeDefined();
        const found = pool.status().providers[0]?.keys.map(({ account }) => account);
        expect(found).toEqual([first?.account, first?.account, first?.account, undefined]);
        const learned = events.filter(event => event.type === 'config-changed');
        expect(learned).toMatchObject([
          { change: 'account-learned', key: 'key-1', account: first?.account },
          { change: 'account-learned', key: 'key-2', account: first?.account },
        ]);
      });
    });
  });

  describe('a daily quota of Gemini ends at midnight Pacific', () => {
    test.each([
      ['on a day of 23 hours', '2026-03-08T09:00:00Z', '2026-03-09T07:00:00Z'],
      ['on the day before that', '2026-03-07T20:00:00Z', '2026-03-08T08:00:00Z'],
      ['on a day of 25 hours', '2026-11-01T08:00:00Z', '2026-11-02T08:00:00Z'],
      ['on the day before that', '2026-10-31T20:00:00Z', '2026-11-01T07:00:00Z'],
    ])('%s: used up %s, until %s', async (_, start, end) => {
      const entries = {
        google: { keys: named(1), upstream: { 'key-0': { rpd: 1 } } },
        openai: { keys: named(1) },
      };
      await inScene(sdk, entries, { start }, async ({ ask, clock, events, requestsOf }) => {
        expect((await ask()).pool.provider).toBe('google');
        expect((await ask()).pool.provider).toBe('openai');
        expect(events.filter(({ type }) => type === 'cooled')).toMatchObject([
          { kind: 'quota', source: 'documented', until: Date.parse(end) },
        ]);
        await clock.advance(Date.parse(end) - clock.now() - 1);
        expect((await ask()).pool.provider).toBe('openai');
        expect(requestsOf('google')).toHaveLength(2);
        await clock.advance(1);
        expect((await ask()).pool.provider).toBe('google');
      });
    });
  });
}
