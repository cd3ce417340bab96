import { expect, it } from 'vitest';
import { scene, http } from '../__fixtures__/scene.ts';
import type { PoolEvent } from '../index.ts';

it('has three ways to subscribe', async () => {
  const byName: PoolEvent[] = [];
  const all: PoolEvent[] = [];
  const later: PoolEvent[] = [];
  const { generate, pool } = scene(
    { a: {} },
    { on: { success: event => byName.push(event) }, onEvent: event => all.push(event) },
  );
  const stop = pool.on('success', event => later.push(event));
  await generate();
  stop();
  await generate();
  expect(byName).toHaveLength(2);
  expect(later).toHaveLength(1);
  expect(all.map(event => event.type)).toEqual(['attempt', 'success', 'attempt', 'success']);
});

it('contains listeners that throw or reject, and reports them', async () => {
  const failed: PoolEvent[] = [];
  const { generate, clock } = scene(
    { a: {} },
    {
      on: {
        attempt: () => {
          throw new Error('listener broke');
        },
        success: () => Promise.reject(new Error('later')),
        'listener-failed': event => {
          failed.push(event);
          throw new Error('again');
        },
      },
    },
  );
  expect((await generate()).text).toBe('all is well');
  await clock.advance(1);
  expect(failed).toMatchObject([
    { event: 'attempt', reason: 'Error: listener broke' },
    { event: 'success', reason: 'Error: later' },
  ]);
});

it('delivers outside the request: the target is called before any listener', async () => {
  const told: string[] = [];
  const { generate, seen } = scene({ a: {} }, { onEvent: event => told.push(event.type) });
  const answer = generate();
  expect(told).toEqual([]);
  await answer;
  expect(seen).toHaveLength(1);
  expect(told).toEqual(['attempt', 'success']);
});

it('tells a call’s story with its call id, in order', async () => {
  const { generate, events } = scene({
    a: { keys: ['secret-one', 'secret-two'], answer: () => http(429) },
    b: { meta: { owner: 'ops' } },
  });
  const { pool } = await generate();
  expect(events.map(event => event.type)).toEqual([
    'attempt',
    'failure',
    'cooled',
    'key-rotated',
    'attempt',
    'failure',
    'cooled',
    'provider-exhausted',
    'provider-switched',
    'attempt',
    'success',
  ]);
  expect(events.every(event => 'callId' in event && event.callId === pool.callId)).toBe(true);
  expect(events.find(event => event.type === 'provider-switched')).toMatchObject({
    from: { provider: 'a' },
    to: { provider: 'b' },
    kind: 'rate-limit',
    meta: { owner: 'ops' },
  });
});
