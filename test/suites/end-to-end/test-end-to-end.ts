import { createVirtualClock, startFakeProviders, type FakeProviders } from '@ai-pool/testing';
import { createPool, type KeyEntry, type Pool } from 'ai-pool';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wires, type Wire } from '../faults/faults.ts';
import { twoAtATime } from '../kinds.ts';
import type { ModelBase, Sdk } from '../sdk.ts';
import { entryOf, modelIds } from '../world.ts';
import { kinds, operations, replyTo } from './operations.ts';
import {
  expectedTrail,
  services,
  Stage,
  troubles,
  type Seen,
  type Service,
  type Story,
  type Trouble,
} from './troubles.ts';

type Factory<Model extends ModelBase> = Sdk<Model>['factories']['openai'];

/** What one generation brings along: `openai` is the package's own factory. */
export interface EndToEnd<Model extends ModelBase> {
  readonly sdk: Sdk<Model>;
  readonly ai: object;
  readonly apis: { readonly chat: Factory<Model>; readonly responses: Factory<Model> };
  readonly openai: (options: { apiKey: string; baseURL: string }) => object;
}

const all = Object.entries(troubles) as [Trouble, string][];

/** No time passes: what cools stays so, and nothing waits. */
const settings = () => ({ clock: createVirtualClock(1_800_000_000_000), random: () => 0 });

/** What the pool counted is what upstream saw. */
function expectCounted({ pool }: { readonly pool: Pool }, seen: readonly Seen[]): void {
  for (const { name, keys } of pool.status().providers) {
    for (const { id, usage: counted } of keys) {
      const own = seen.filter(([provider, key]) => provider === name && key === id);
      const successes = own.filter(([, , status]) => status === 200).length;
      expect(counted).toMatchObject({
        attempts: own.length,
        successes,
        failures: own.length - successes,
        inFlight: 0,
      });
    }
  }
}

/** Every operation with every trouble, over the real packages and HTTP. */
export function testEndToEnd<Model extends ModelBase>(by: EndToEnd<Model>): void {
  const { sdk, ai, apis } = by;
  const { major } = sdk;
  let fakes: FakeProviders<Service>;
  const bodies: string[] = [];
  let current: Stage | undefined;

  beforeAll(async () => {
    fakes = await startFakeProviders<Service>({
      providers: {
        openai: {},
        google: {},
        openrouter: {},
        anthropic: {},
        mirror: { protocol: 'openai' },
      },
      reply({ body }) {
        bodies.push(JSON.stringify(body));
        current?.answered();
        return replyTo(body);
      },
    });
  });
  afterAll(async () => fakes.stop());

  async function inStory(story: Story, tell: (stage: Stage) => Promise<void>): Promise<void> {
    await fakes.idle();
    fakes.reset();
    for (const service of services) fakes.provider(service).set({ down: false });
    bodies.length = 0;
    current = new Stage(fakes, story);
    await tell(current);
    await fakes.idle();
  }

  describe.each(Object.keys(wires) as Wire[])('%s first', wire => {
    const first = wires[wire];
    const second = first === 'google' ? 'openai' : 'google';
    const openai = wire === 'OpenAI responses' ? apis.responses : apis.chat;
    const factories = { ...sdk.factories, openai };
    const entry = (name: typeof first | typeof second, keys: KeyEntry[]) =>
      entryOf({ factories }, fakes, { name, keys });
    const available = Object.entries(operations).filter(([, { from }]) => from <= major);

    describe.each(available)('%s', (name, operation) => {
      test.each(all)('%s: %s', async trouble => {
        const { steps, expected, ask } = operation;
        await inStory({ first, trouble, steps, name: `${wire} ${name}` }, async stage => {
          const model = sdk.pooled({
            providers: [entry(first, stage.keys()), entry(second, stage.only(second))],
            ...settings(),
          });
          const outcome = await ask({ ai, major }, model);
          expect(outcome.answer).toEqual(expected);

          const staysWithKey = major > 4;
          const trail = expectedTrail(operation, trouble, { first, second, staysWithKey });
          await fakes.idle();
          expect(stage.trail()).toEqual(trail);
          expectCounted(model, trail);

          // Who answered each step, and after what attempts.
          const attempts = outcome.by.map(each => each.pool?.attempts ?? []);
          expect(
            attempts.flat().map(each => [each.provider, each.key, each.status ?? 200]),
          ).toEqual(trail);
          const answered = trail.filter(([, , status]) => status === 200);
          expect(outcome.by.map(({ pool }) => [pool?.provider, pool?.key])).toEqual(
            answered.map(([provider, key]) => [provider, key]),
          );
          expect(outcome.by.map(({ modelId }) => modelId)).toEqual(
            answered.map(([provider]) => modelIds[provider as typeof first]),
          );

          // Each answer was asked for with all that had been said, and with nothing of the pool's.
          expect(bodies).toHaveLength(steps);
          expect(bodies.join('\n')).not.toMatch(/"pool"/);
          expect(['sunny', 'a gale'].filter(told => bodies.at(-1)?.includes(told))).toHaveLength(
            steps - 1,
          );
          // What only the account knows that is gone is said in full to the next one.
          const after = trouble === 'gone' ? (bodies[1] ?? '') : '';
          expect(after).not.toMatch(/item_reference|encrypted_content/);
        });
      });
    });
  });

  const createKinds =
    (service: Service) =>
    ({ apiKey }: { apiKey: string }) =>
      twoAtATime(by.openai({ apiKey, baseURL: fakes.baseURL(service) }));

  describe.each(Object.entries(kinds))('%s', (name, { steps, kind, id, ask }) => {
    test.each(all)('%s: %s', async trouble => {
      await inStory({ first: 'openai', trouble, steps, name }, async stage => {
        const pool = createPool({
          providers: [
            { name: 'openai', create: createKinds('openai'), keys: stage.keys() },
            { name: 'mirror', create: createKinds('mirror'), keys: stage.only('mirror') },
          ],
          on: { success: () => stage.answered() },
          ...settings(),
        });
        const model: object = pool[kind]([`openai/${id}`, `mirror/${id}`]);
        const given = await ask(ai, model);

        const trail = expectedTrail({ steps }, trouble, {
          first: 'openai',
          second: 'mirror',
          staysWithKey: false,
        });
        await fakes.idle();
        expect(stage.trail()).toEqual(trail);
        expectCounted({ pool }, trail);
        // The same as without a pool.
        const bare = createKinds('mirror')({ apiKey: stage.secret('mirror', 'only') })[kind](id);
        expect(given).toEqual(await ask(ai, bare));
      });
    });
  });
}
