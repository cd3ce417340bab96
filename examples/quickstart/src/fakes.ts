import { startFakeProviders, type FakeProviders } from '@ai-pool/testing';

/** The providers of the story. */
export type Fakes = FakeProviders<'google' | 'openai' | 'openrouter'>;

/** All healthy: what goes wrong, goes wrong in the story. */
export function startFakes(): Promise<Fakes> {
  return startFakeProviders({
    providers: {
      google: {
        latencyMs: 40,
        keys: { 'demo-google-1': { id: 'google-1' }, 'demo-google-2': { id: 'google-2' } },
      },
      openai: {
        latencyMs: 80,
        // Not enough for 50 calls in one minute.
        keys: {
          'demo-openai-1': { id: 'openai-1', rpm: 20 },
          'demo-openai-2': { id: 'openai-2', rpm: 20 },
        },
      },
      openrouter: { latencyMs: 120, keys: { 'demo-openrouter-1': { id: 'openrouter-1' } } },
    },
    reply:
      'The Moon pulls on the near side of the Earth more than on the far side, and the sea follows.',
    chunkLatencyMs: 40,
  });
}
