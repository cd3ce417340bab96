import { apiCallError } from '@ai-pool/testing';
import { describe, expect, it } from 'vitest';
import { http, scene, type Scene, type SceneProvider } from '../__fixtures__/scene.ts';
import type { PoolSettings } from '../index.ts';

/** Which organisation upstream knows each key by. */
type Owners = Readonly<Record<string, string>>;

const keys = ['secret-one', 'secret-two', 'secret-three'].map(apiKey => ({ apiKey, id: apiKey }));

/** Upstream names the owner of a key in the headers of each answer. */
function owned(owners: Owners, provider: SceneProvider = {}, settings: PoolSettings = {}): Scene {
  return scene(
    {
      a: {
        keys,
        family: 'openai',
        answer: ({ key }) => ({
          text: 'fine',
          headers: { 'openai-organization': owners[key] ?? '' },
        }),
        ...provider,
      },
    },
    { keySelection: 'round-robin', ...settings },
  );
}

const accounts = ({ pool }: Scene): (string | undefined)[] =>
  pool.status().providers[0]?.keys.map(({ account }) => account) ?? [];

const learned = ({ events }: Scene): unknown[] =>
  events.flatMap(event =>
    event.type === 'config-changed' && event.change === 'account-learned'
      ? [[event.key, event.account]]
      : [],
  );

async function repeat(times: number, call: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < times; i++) await call();
}

const limited = (organisation: string, headers: Record<string, string> = {}): Error =>
  apiCallError({
    statusCode: 429,
    message: `Rate limit reached for gpt-4o in organization org-${organisation} on requests per min (RPM)`,
    responseHeaders: headers,
    responseBody: JSON.stringify({ error: { type: 'requests', code: 'rate_limit_exceeded' } }),
  });

describe('keys whose answers name one organisation', () => {
  const owners: Owners = { 'secret-one': 'acme', 'secret-two': 'acme', 'secret-three': 'other' };

  it('become one account, and an event says so, once', async () => {
    const world = owned(owners);
    await world.generate();
    expect(accounts(world)).toEqual([undefined, undefined, undefined]);
    await repeat(8, world.generate);
    const [one, two, three] = accounts(world);
    expect(one).toBeDefined();
    expect([two, three]).toEqual([one, undefined]);
    expect(learned(world)).toEqual([['secret-two', one]]);
  });

  it('also where streams tell it', async () => {
    const world = owned(owners);
    await repeat(3, world.stream);
    expect(accounts(world).map(account => account !== undefined)).toEqual([true, true, false]);
  });

  it('cool together at the next limit', async () => {
    let isLimited = false;
    const world = owned(owners, {
      answer: ({ key }) =>
        isLimited && key !== 'secret-three'
          ? limited('acme000000')
          : { text: 'fine', headers: { 'openai-organization': owners[key] ?? '' } },
    });
    await repeat(3, world.generate);
    isLimited = true;
    await world.generate();
    expect(world.seen.slice(3).map(({ key }) => key)).toEqual(['secret-one', 'secret-three']);
    expect(world.events.filter(({ type }) => type === 'cooled')).toMatchObject([
      { scope: 'account', model: 'm' },
    ]);
  });

  it('share the limits of a model from then on', async () => {
    const world = owned(owners, { models: [{ id: 'm', limits: { rpm: 4 } }] }, { maxWaitMs: 0 });
    await repeat(3, world.generate);
    await world.clock.advance(60_000);
    await repeat(8, world.generate);
    const counts = keys.map(({ id }) => world.seen.slice(3).filter(({ key }) => key === id).length);
    expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(4);
    expect(counts[2]).toBe(4);
  });
});

it('keys whose refusals name one organisation are one account at the second refusal', async () => {
  const world = owned(
    {},
    { answer: ({ key }) => (key === 'secret-three' ? 'fine' : limited('acme12345678')) },
  );
  await world.generate();
  const [one, two, three] = accounts(world);
  expect([one, three]).toEqual(['org-acme12345678', undefined]);
  expect(two).toBe(one);
  // The second refusal was one of the account already.
  expect(world.events.filter(({ type }) => type === 'cooled')).toMatchObject([
    { scope: 'key-model', key: 'secret-one' },
    { scope: 'account', account: 'org-acme12345678', model: 'm' },
  ]);
});

const refusedByGoogle = (): Error =>
  http(429, {
    error: {
      code: 429,
      status: 'RESOURCE_EXHAUSTED',
      details: [{ metadata: { consumer: 'projects/123456789012' } }],
    },
  });

it('Google names the project that a key is of', async () => {
  const world = owned(
    {},
    { family: 'google', answer: (_, i) => (i < 2 ? refusedByGoogle() : 'fine') },
  );
  await world.generate();
  expect(accounts(world)).toEqual(['projects/123456789012', 'projects/123456789012', undefined]);
});

describe('accounts that are declared', () => {
  const owners = { 'secret-one': 'acme', 'secret-two': 'acme', 'secret-three': 'acme' };

  it('stay what they are', async () => {
    const world = owned(owners, {
      keys: keys.map((key, i) => ({ ...key, account: `declared-${i}` })),
    });
    await repeat(6, world.generate);
    expect(accounts(world)).toEqual(['declared-0', 'declared-1', 'declared-2']);
    expect(learned(world)).toEqual([]);
  });

  it.each([0, 1, 2])(
    'take in the others of their organisation: the declared one is %i',
    async i => {
      const world = owned(owners, {
        keys: keys.map((key, at) => (at === i ? { ...key, account: 'declared' } : key)),
        accounts: { declared: { limits: { rpm: 10 } } },
      });
      await repeat(6, world.generate);
      expect(accounts(world)).toEqual(['declared', 'declared', 'declared']);
      expect(learned(world).length).toBeLessThanOrEqual(2);
    },
  );
});

it('accounts join where an answer shows that they are one', async () => {
  const ids: Record<string, Record<string, string>> = {
    'secret-one': { 'openai-organization': 'acme' },
    'secret-two': { 'openai-organization': 'acme' },
    'secret-three': { 'openai-project': 'proj_a' },
    'secret-four': { 'openai-project': 'proj_a' },
  };
  const world = owned(
    {},
    {
      keys: [...keys, { apiKey: 'secret-four', id: 'secret-four' }],
      answer: ({ key }) => ({ text: 'fine', headers: ids[key] ?? {} }),
    },
  );
  await repeat(4, world.generate);
  expect(new Set(accounts(world)).size).toBe(2);
  ids['secret-four'] = { 'openai-organization': 'acme', 'openai-project': 'proj_a' };
  await repeat(4, world.generate);
  expect(new Set(accounts(world)).size).toBe(1);
  expect(learned(world)).toHaveLength(3);
});

it('a key that leaves an account is not closed by what closes that account', async () => {
  const owners: Record<string, string> = {
    'secret-one': 'acme',
    'secret-two': 'acme',
    'secret-three': 'other',
  };
  let isLimited = false;
  const world: Scene = owned(
    owners,
    {
      answer: async ({ key }) => {
        if (isLimited && key === 'secret-two')
          return limited('acme000000', { 'retry-after': '60' });
        if (isLimited) await new Promise<void>(resolve => world.clock.setTimeout(resolve, 100));
        return { text: 'fine', headers: { 'openai-organization': owners[key] ?? '' } };
      },
    },
    { maxWaitMs: 0 },
  );
  await repeat(3, world.generate);
  isLimited = true;
  const calls = [world.generate(), world.generate()];
  // While the first one is under way its key's owner changes, and its account closes.
  owners['secret-one'] = 'other';
  await world.clock.advance(200);
  await Promise.all(calls);
  isLimited = false;
  world.pool.disable({ provider: 'a', key: 'secret-three' });
  await world.generate();
  expect(world.seen.at(-1)?.key).toBe('secret-one');
});

it('a key that was removed names nobody’s account', async () => {
  const owners = { 'secret-one': 'acme', 'secret-two': 'acme' };
  const world = owned(owners, { keys: keys.slice(0, 2) });
  await world.generate();
  world.pool.removeKey('a', 'secret-one');
  world.pool.addKey('a', { apiKey: 'secret-three', id: 'secret-three' });
  await repeat(4, world.generate);
  expect(accounts(world)).toEqual([undefined, undefined]);
  expect(learned(world)).toEqual([]);
});

it('what a model says names nobody', async () => {
  const world = owned({}, { answer: () => 'I am of organization org-acme12345678.' });
  await repeat(6, world.generate);
  expect(accounts(world)).toEqual([undefined, undefined, undefined]);
});
