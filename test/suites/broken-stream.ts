import type { FakeBrokenStream } from '@ai-pool/testing';
import { describe, expect, test } from 'vitest';
import { collect, type ModelBase, type Sdk } from './sdk.ts';
import { inWorld, providerNames, rejection } from './world.ts';

const providers = [...providerNames, 'anthropic'] as const;
const reply = 'Ten words or so, in pieces of five characters each, at most.';

/** How an answer with status 200 fails before anybody saw anything of it. */
const early: readonly (readonly [string, FakeBrokenStream])[] = [
  ['resets before the first byte', { afterChunks: 0, ending: 'reset' }],
  ['resets after its preamble', { afterChunks: 0, preamble: true, ending: 'reset' }],
  ['is empty', { afterChunks: 0, ending: 'end' }],
  ['ends after its preamble', { afterChunks: 0, preamble: true, ending: 'end' }],
  ['brings an error', { afterChunks: 0, ending: 'error' }],
  ['brings an error after its preamble', { afterChunks: 0, preamble: true, ending: 'error' }],
];

export function testBrokenStreams<Model extends ModelBase>(sdk: Sdk<Model>): void {
  describe.each(providers)('broken streams: %s', name => {
    const next = name === 'google' ? 'openai' : 'google';
    const both = { [name]: {}, [next]: {} };

    test.each(early)('a stream that %s is answered by somebody else', async (_, fault) => {
      await inWorld(
        sdk,
        both,
        async ({ fakes, ask, trail }) => {
          // Whatever the provider is worth after that: it fails again.
          fakes.provider(name).failNext(fault, fault);
          const pieces: string[] = [];
          const answer = await ask('stream', { onText: piece => pieces.push(piece) });
          expect(answer.text).toBe(reply);
          expect(pieces.join('')).toBe(reply);
          expect(answer.finishReason).toBe('stop');
          expect(answer.pool.provider).toBe(next);
          expect(answer.pool.attempts.length).toBe(trail().length);
          expect(answer.pool.attempts[0]).toMatchObject({
            provider: name,
            kind: expect.stringMatching(/bad-response|server-error|overloaded|network/),
          });
        },
        { reply },
      );
    });

    test('an answer that breaks off in the middle of its body is asked for again', async () => {
      await inWorld(
        sdk,
        both,
        async ({ fakes, ask }) => {
          const fault: FakeBrokenStream = { afterChunks: 0, ending: 'reset' };
          fakes.provider(name).failNext(fault, fault);
          const answer = await ask('generate');
          expect(answer.text).toBe(reply);
          expect(answer.pool.provider).toBe(next);
        },
        { reply },
      );
    });

    test.each(['reset', 'end', 'error'] as const)(
      'after output nothing is hidden: %s, then one finish, and nobody else is called',
      async ending => {
        await inWorld(
          sdk,
          both,
          async ({ model, fakes, trail }) => {
            fakes.provider(name).failNext({ afterChunks: 3, ending });
            const parts = await collect(await sdk.doStream(model, new AbortController().signal));
            const types = parts.map(({ type }) => type);
            expect(types).toContain('text-delta');
            expect(types.filter(type => type === 'finish')).toHaveLength(1);
            expect(types.at(-1)).toBe('finish');
            expect(types.filter(type => type === 'error').length).toBeLessThanOrEqual(1);
            expect(types.includes('error') || ending !== 'reset').toBe(true);
            expect(trail()).toHaveLength(1);
          },
          { reply },
        );
      },
    );

    test('and the SDK comes to an end', async () => {
      await inWorld(
        sdk,
        both,
        async ({ fakes, ask, trail, pool }) => {
          fakes.provider(name).failNext({ afterChunks: 3, ending: 'reset' });
          const pieces: string[] = [];
          await rejection(ask('stream', { onText: piece => pieces.push(piece) }));
          expect(pieces.length).toBeGreaterThan(0);
          expect(reply.startsWith(pieces.join(''))).toBe(true);
          expect(trail()).toHaveLength(1);
          expect(pool.status().providers[0]?.keys[0]?.usage).toMatchObject({
            attempts: 1,
            failures: 1,
          });
        },
        { reply },
      );
    });
  });
}
