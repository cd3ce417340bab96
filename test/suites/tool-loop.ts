import type { FakeProviders } from '@ai-pool/testing';
import { describe, expect, test } from 'vitest';
import type { ModelBase, ProviderName, Sdk } from './sdk.ts';
import { entryOf, secretOf, startFakes, ways } from './world.ts';

const providers: readonly ProviderName[] = ['openai', 'google', 'openrouter', 'anthropic'];
const pairs = providers.flatMap(first => providers.map(second => ({ first, second })));

export function testToolLoop<Model extends ModelBase>(sdk: Sdk<Model>): void {
  describe.each(ways)('two steps with a tool: %s', way => {
    test.each(pairs)('$first calls the tool, $second answers', async ({ first, second }) => {
      const spent = secretOf(first, 'spent');
      const bodies: string[] = [];
      await using fakes: FakeProviders<ProviderName> = await startFakes(
        {},
        {
          reply({ body }) {
            bodies.push(JSON.stringify(body));
            // After its first answer, the first key has nothing left.
            fakes.provider(first).key(spent).set({ rpm: 0 });
            return JSON.stringify(body).includes('sunny')
              ? 'It is sunny.'
              : { toolCalls: [{ toolName: 'weather', input: { city: 'Oslo' } }] };
          },
        },
      );
      const entry = (name: ProviderName, keys: string[]) => entryOf(sdk, fakes, { name, keys });
      const model = sdk.pooled({
        keySelection: 'sticky',
        providers:
          first === second
            ? [entry(first, [spent, secretOf(first, 'good')])]
            : [entry(first, [spent]), entry(second, [secretOf(second, 'good')])],
      });

      expect(await sdk.useTool(model, way)).toBe('It is sunny.');
      expect(fakes.requests.map(({ provider, status }) => `${provider} ${status}`)).toEqual([
        `${first} 200`,
        `${first} 429`,
        `${second} 200`,
      ]);
      // What the pool notes about who answered is not the providers' business.
      expect(bodies.join('\n')).not.toMatch(/"pool"|callId/);
      expect(bodies[1]).toContain('sunny');
    });
  });
}
