import { createVirtualClock } from '@ai-pool/testing';
import { expect, it } from 'vitest';
import { readConfig } from '../config/read-config.ts';
import { Emitter } from '../observe/emitter.ts';
import { Scheduler } from './scheduler.ts';

it('remembers when a call last found nothing open', async () => {
  const clock = createVirtualClock(1_000_000);
  const keys = ['secret-number-1', 'secret-number-2'];
  const provider = { create: () => () => ({}), keys, models: ['m'] };
  const plan = readConfig({ clock, providers: { a: provider } });
  const emitter = new Emitter(
    () => clock.now(),
    text => text,
  );
  const scheduler = new Scheduler(plan, emitter, () => undefined);
  const { context, keys: made } = scheduler.providers[0]!;
  const { sharing } = context;
  const ask = () => scheduler.outlook(scheduler.routes, undefined, 0, clock.now());
  const stated = { kind: 'rate-limit', source: 'stated', error: undefined } as const;
  for (const key of made.values()) {
    // Something is open still.
    ask();
    expect(sharing.missedAt).toBe(Number.NEGATIVE_INFINITY);
    key.trouble().cool({ ...stated, retryAfterMs: 5_000 }, undefined, clock.now());
  }
  await clock.advance(1_000);
  ask();
  expect(sharing.missedAt).toBe(clock.now());
  await clock.advance(4_001);
  ask();
  expect(sharing.missedAt).toBe(clock.now() - 4_001);
});
