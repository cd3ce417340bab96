import type { FakeProviders } from '@ai-pool/testing';
import type { Pool } from 'ai-pool';
import { expect } from 'vitest';
import type { ProviderName } from './sdk.ts';

/** What the pool says about every key must add up, and be what upstream recorded of it. */
export async function expectUsageMatches(
  pool: Pool,
  fakes: FakeProviders<ProviderName>,
): Promise<void> {
  await fakes.idle();
  const keys = pool
    .status()
    .providers.flatMap(({ name, keys: own }) => own.map(({ id, usage }) => ({ name, id, usage })));
  for (const { usage } of keys) {
    const { attempts, successes, failures, aborted, inFlight } = usage;
    expect(attempts).toBe(successes + failures + aborted + inFlight);
    expect(inFlight).toBe(0);
  }

  const said = keys.map(({ name, id, usage }) => `${name}/${id}: ${usage.attempts}`);
  const seen = keys.map(({ name, id }) => {
    const count = fakes.requests.filter(({ provider, key }) => provider === name && key === id);
    return `${name}/${id}: ${count.length}`;
  });
  expect(said).toEqual(seen);
  const attempts = keys.reduce((sum, { usage }) => sum + usage.attempts, 0);
  expect(fakes.requests).toHaveLength(attempts);
}
