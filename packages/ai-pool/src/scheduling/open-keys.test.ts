import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../config/read-config.ts';
import type { KeySelection } from '../config/types.ts';
import { isUsableKey, outlookOfKey, type Query } from './admission.ts';
import type { Dispatch } from './availability.ts';
import { Admission } from './barrier.ts';
import { Sharing } from './sharing.ts';
import { Provider, type Key, type Route } from './targets.ts';

type Named = Extract<KeySelection, string>;

const NAMED: readonly Named[] = [
  'least-recently-used',
  'sticky',
  'round-robin',
  'least-used',
  'random',
  'weighted',
];
const MINUTE = 60_000;

interface World {
  readonly provider: Provider;
  readonly route: Route;
  readonly query: () => Query;
  readonly keys: () => readonly Key[];
  /** How many keys were looked at. */
  readonly looks: () => number;
  now: number;
}

/** A provider with so many keys, two models and no calls. */
function made(keySelection: Named, count: number, accounts = 0): World {
  const plan = readConfig({
    keySelection,
    providers: {
      a: {
        create: () => () => ({}),
        keys: Array.from({ length: count }, (_, i) => ({
          id: `${i}`,
          apiKey: `secret-number-${i}`,
          ...(accounts > 0 && { account: `account-${i % accounts}` }),
        })),
        models: ['m', 'n'],
      },
    },
  }).providers[0]!;
  let sequence = 0;
  let state = 1;
  const time = { now: 1_000_000 };
  const provider: Provider = new Provider(
    plan,
    {
      clock: { now: () => time.now, setTimeout, clearTimeout: () => undefined },
      random: () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647,
      nextSequence: () => ++sequence,
      fixedPauseMs: () => undefined,
      longestStatedMs: 86_400_000,
      reprobes: true,
      sharing: new Sharing(),
      tell: () => undefined,
      opened: scope => provider.opened(scope),
    },
    () => undefined,
  );
  const { order } = provider;
  const rank = order.rank.bind(order);
  let looks = 0;
  order.rank = key => {
    looks++;
    return rank(key);
  };
  return Object.assign(time, {
    provider,
    route: provider.listed[0]!,
    query: () => ({ worst: Admission.probe, now: time.now, tokens: 0, rules: undefined }),
    keys: () => [...provider.keys.values()],
    looks: () => looks,
  });
}

/** Hands the next key out, as a call that is answered at once. */
function use({ provider, route, query, now }: World): Key | undefined {
  const key = route.keys.pick(query());
  if (key === undefined) return undefined;
  key.attempts++;
  provider.order.handedOut(key, false);
  const dispatch = { sequence: Number.MAX_SAFE_INTEGER };
  for (const scope of [key.availability, key.known(route)?.availability]) {
    scope?.begin(dispatch, now);
    scope?.success(dispatch, true);
  }
  return key;
}

/** What the order would give if all keys were looked at. */
function first({ provider, route, query, keys }: World): Key | undefined {
  let best: Key | undefined;
  for (const key of keys()) {
    if (!isUsableKey(key, route, query())) continue;
    if (best === undefined || provider.order.rank(key) < provider.order.rank(best)) best = key;
  }
  return best;
}

const stated = (retryAfterMs: number) =>
  ({ kind: 'rate-limit', source: 'stated', retryAfterMs, error: undefined }) as const;

/** What may happen to a key, with a number of its own. */
const happenings: Readonly<Record<string, (world: World, key: Key, size: number) => unknown>> = {
  cools: ({ now }, key, size) => key.trouble().cool(stated(size * 1_000), undefined, now),
  'cools on the model': ({ now, route }, key, size) =>
    key
      .target(route)
      .trouble()
      .cool(stated(size * 1_000), undefined, now),
  'cools with its account': ({ now }, key, size) =>
    key.account?.trouble().cool(stated(size * 1_000), undefined, now),
  'is guessed to be limited': ({ now, route }, key) =>
    key
      .target(route)
      .trouble()
      .cool({ ...stated(0), source: 'guessed', retryAfterMs: null }, undefined, now),
  'is under way': ({ now, route }, key) =>
    key.target(route).trouble().begin({ sequence: 1_000_000 }, now),
  'is disabled': ({ now }, key) =>
    key.trouble().disable({ kind: 'auth', error: undefined }, 'auth', undefined, now),
  'is disabled by hand': (_, key) => key.trouble().disableByHand(undefined),
  'is closed by hand': ({ now }, key, size) => key.trouble().coolByHand(size * 500, now),
  opens: ({ route }, key) => {
    key.trouble().reopen();
    key.target(route).trouble().reopen();
    key.account?.trouble().reopen();
  },
  'is removed': ({ provider, keys }, key) => {
    if (keys().length > 1) provider.removeKey(key);
  },
  'gets a companion': ({ provider, now }, key, size) => {
    const id = `${key.id}-${now}-${size}`;
    if (!provider.keys.has(id)) provider.addKey({ ...key.plan, id });
  },
  'gets a weight': ({ provider }, key, size) => {
    key.weight = size % 4;
    provider.lookAt([key]);
  },
  'is passed': ({ provider, now }) => provider.rotate(now),
};

const happening = fc.record({
  what: fc.constantFrom('is used', ...Object.keys(happenings)),
  key: fc.nat(20),
  size: fc.nat(90),
  afterMs: fc.oneof(fc.constant(0), fc.nat(5_000), fc.nat(4_000_000)),
});

describe('the key that is picked', () => {
  it('is the one that is found by looking at all', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...NAMED),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(2),
        fc.array(happening, { maxLength: 60 }),
        (selection, count, accounts, happened) => {
          const world = made(selection, count, accounts);
          for (const { what, key, size, afterMs } of happened) {
            world.now += afterMs;
            const keys = world.keys();
            const one = keys[key % keys.length];
            if (one !== undefined) happenings[what]?.(world, one, size);
            // In this order: to look at all opens what may be open by now.
            const picked = world.route.keys.pick(world.query());
            const best = first(world);
            // Drawn at random, any that may be used is as good.
            const isDrawn = selection === 'random' && picked !== undefined;
            const isUsable = isDrawn && isUsableKey(picked, world.route, world.query());
            expect(isUsable ? best?.id : picked?.id).toBe(best?.id);
            expect(picked === undefined).toBe(best === undefined);
            if (what === 'is used') use(world);
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('may be used as soon as the outlook says, and no sooner', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.nat(2),
        fc.array(happening, { maxLength: 40 }),
        (count, accounts, happened) => {
          const world = made('least-recently-used', count, accounts);
          for (const { what, key, size, afterMs } of happened) {
            world.now += afterMs;
            const keys = world.keys();
            const one = keys[key % keys.length];
            if (one !== undefined) happenings[what]?.(world, one, size);
            if (what === 'is used') use(world);
            const query = world.query();
            const at = world.route.keys.outlook(query)?.at;
            const all = world
              .keys()
              .filter(each => each.takesPart(world.route))
              .map(each => outlookOfKey(each, world.route, query).at);
            expect(at).toBe(all.length === 0 ? undefined : Math.min(...all));
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

const nobody = { allowsRoute: () => true, allowsKey: () => false };

it('does not lose a key where looking at another ends the pause of their account', () => {
  const world = made('least-recently-used', 2, 1);
  const { provider, route } = world;
  const [one, other] = world.keys();
  const account = one?.account;
  expect(account).toBe(other?.account);
  account?.trouble().cool(stated(1_000), undefined, world.now);
  expect(use(world)).toBeUndefined();
  one?.trouble().coolByHand(1_500, world.now);
  expect(route.keys.outlook(world.query())?.at).toBe(1_001_000);
  world.now += 1_000;
  other?.trouble().coolByHand(500, world.now);
  expect(use(world)).toBeUndefined();
  other?.target(route).trouble().cool(stated(60_000), undefined, world.now);
  expect(route.keys.outlook(world.query())?.at).toBe(1_001_500);
  world.now += 500;
  expect(use(world)).toBe(one);
  expect(provider.keys.size).toBe(2);
});

/** Looks per choice, on average over 1,000 choices, after everything was looked at once. */
function looksPerUse(selection: Named, count: number, closedShare: number): number {
  const world = made(selection, count);
  const closed = world.keys().slice(0, Math.floor(count * closedShare));
  for (const key of closed) key.trouble().cool(stated(3_600_000), undefined, world.now);
  // Puts the closed ones aside, each once.
  world.route.keys.pick({ ...world.query(), rules: nobody });
  const before = world.looks();
  for (let i = 0; i < 1_000; i++) {
    world.now += 10;
    use(world);
  }
  return (world.looks() - before) / 1_000;
}

describe('how many keys a choice looks at', () => {
  it.each(NAMED.flatMap(selection => [0, 0.5, 0.99].map(share => [selection, share] as const)))(
    '%s, a share of %f closed: no more with 20,000 keys than with 100',
    (selection, share) => {
      const few = looksPerUse(selection, 100, share);
      const many = looksPerUse(selection, 20_000, share);
      expect(many).toBeLessThanOrEqual(Math.max(few, 3) * 1.5);
    },
  );

  it('does not grow where all are closed: neither for a choice nor for the outlook', () => {
    const looks = [100, 20_000].map(count => {
      const world = made('least-recently-used', count);
      for (const [i, key] of world.keys().entries()) {
        key.trouble().cool(stated(3_600_000 + i), undefined, world.now);
      }
      expect(use(world)).toBeUndefined();
      const before = world.looks();
      for (let i = 0; i < 100; i++) {
        expect(use(world)).toBeUndefined();
        expect(world.route.keys.outlook(world.query())?.at).toBe(1_000_000 + 3_600_000);
      }
      return world.looks() - before;
    });
    expect(looks).toEqual([0, 0]);
  });

  it('is one per closure, however often keys close and open', () => {
    const world = made('round-robin', 1_000);
    use(world);
    const before = world.looks();
    const closures = 5_000;
    let sequence = 1_000_000;
    for (let i = 0; i < closures; i++) {
      world.now += MINUTE / 100;
      const key = use(world);
      const dispatch: Dispatch = { sequence: ++sequence };
      key?.trouble().cool(stated(MINUTE), dispatch, world.now);
    }
    expect((world.looks() - before) / closures).toBeLessThan(6);
  });
});
