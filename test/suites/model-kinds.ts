import { startFakeProviders, type FakeKeyConfig, type FakeProviders } from '@ai-pool/testing';
import { PoolExhaustedError, type KeyEntry, type Pool, type PoolSettings } from 'ai-pool';
import { describe, expect, test } from 'vitest';
import { expectUsageMatches } from './expect-usage.ts';
import type { ProviderName } from './sdk.ts';
import { rejection, secretOf } from './world.ts';

/** Models of OpenAI over some keys; embeddings go two to a call. */
interface Kinds<E, I, S, T> {
  readonly pool: Pool;
  embeddingModel(id: string): E;
  imageModel(id: string): I;
  speechModel(id: string): S;
  transcriptionModel(id: string): T;
}

export interface KindsConfig extends PoolSettings {
  readonly keys: readonly KeyEntry[];
  readonly baseURL: string;
}

/** What the SDK passes on of an answer and of its metadata. */
interface KindAnswer<A> {
  readonly answer: A;
  readonly metadata?: object | undefined;
}

/** What one generation of the SDK does with models of other kinds than language. */
export interface KindsSdk<E, I, S, T> {
  readonly major: 4 | 5 | 6 | 7;
  /** Models of a pool, and of a pooled provider. */
  readonly pool: (config: KindsConfig) => Kinds<E, I, S, T>;
  readonly provider: (config: KindsConfig) => Kinds<E, I, S, T>;
  readonly embed: (model: E, value: string) => Promise<KindAnswer<number[]>>;
  readonly embedMany: (model: E, values: string[]) => Promise<KindAnswer<number[][]>>;
  /** How many images there are. */
  readonly images: (model: I, n: number) => Promise<KindAnswer<number>>;
  /** How many bytes the speech has. */
  readonly speech: (model: S) => Promise<KindAnswer<number>>;
  readonly transcribe: (model: T) => Promise<KindAnswer<string>>;
}

const embedding = 'text-embedding-3-small';

interface World<K> {
  readonly fakes: FakeProviders<ProviderName>;
  readonly kinds: K;
  /** What upstream saw: `one/whisper-1 200`. */
  readonly trail: () => string[];
}

/** Three keys, some of which upstream treats in its own way. */
async function inKinds<K extends { readonly pool: Pool }>(
  make: (config: KindsConfig) => K,
  treated: Readonly<Record<string, Omit<FakeKeyConfig, 'id'>>>,
  story: (world: World<K>) => Promise<void>,
): Promise<void> {
  const keys = Object.entries({ one: {}, two: {}, three: {}, ...treated });
  await using fakes = await startFakeProviders<ProviderName>({
    providers: {
      openai: {
        keys: Object.fromEntries(keys.map(([id, key]) => [secretOf('openai', id), { ...key, id }])),
      },
      google: {},
      openrouter: {},
      anthropic: {},
    },
  });
  const kinds = make({
    keys: keys.map(([id]) => ({ id, apiKey: secretOf('openai', id) })),
    baseURL: fakes.baseURL('openai'),
    random: () => 0,
    maxWaitMs: 0,
  });
  const trail = (): string[] =>
    fakes.requests.map(({ key, model, status }) => `${key}/${model} ${status}`);
  await story({ fakes, kinds, trail });
  await expectUsageMatches(kinds.pool, fakes);
}

export function testModelKinds<E, I, S, T>(sdk: KindsSdk<E, I, S, T>): void {
  // The SDK of the first generation passes on no metadata of these.
  const expectTold = (metadata: object | undefined, pool: object): void =>
    expect(metadata ?? {}).toMatchObject(sdk.major > 4 ? { pool } : {});
  const limited = { one: { rpm: 0 } };
  const invalid = { one: { invalid: true } };
  const refused = { one: { unpaid: true }, two: { invalid: true }, three: { rpm: 0 } } as const;

  describe.each(['pool', 'provider'] as const)('other kinds of models: %s', source => {
    test('embed: a limited key is left for the next one', async () => {
      await inKinds(sdk[source], limited, async ({ kinds, trail }) => {
        const model = kinds.embeddingModel(embedding);
        const { answer, metadata } = await sdk.embed(model, 'water');
        expect((await sdk.embed(model, 'water')).answer).toEqual(answer);
        expect(answer.length).toBeGreaterThan(1);
        expect(trail()).toEqual([
          `one/${embedding} 429`,
          `two/${embedding} 200`,
          `three/${embedding} 200`,
        ]);
        expectTold(metadata, {
          provider: 'openai',
          model: embedding,
          key: 'two',
          attempts: [{ key: 'one', kind: 'rate-limit', status: 429 }, { key: 'two' }],
        });
      });
    });

    test('embedMany: calls spread over the keys, and the embeddings keep their order', async () => {
      await inKinds(sdk[source], {}, async ({ kinds, trail }) => {
        const values = ['a', 'b', 'c', 'd', 'e', 'f'];
        const model = kinds.embeddingModel(embedding);
        const { answer } = await sdk.embedMany(model, values);
        expect(trail().toSorted()).toEqual([
          `one/${embedding} 200`,
          `three/${embedding} 200`,
          `two/${embedding} 200`,
        ]);
        const alone = await Promise.all(values.map(async value => sdk.embed(model, value)));
        expect(answer).toEqual(alone.map(({ answer: own }) => own));
      });
    });

    test('images: an invalid key is disabled, and each image tells who made it', async () => {
      await inKinds(sdk[source], invalid, async ({ kinds, trail }) => {
        const { answer, metadata } = await sdk.images(kinds.imageModel('dall-e-3'), 2);
        expect(answer).toBe(2);
        expect(trail().toSorted()).toEqual([
          'one/dall-e-3 401',
          'three/dall-e-3 200',
          'two/dall-e-3 200',
        ]);
        expect(kinds.pool.status().providers[0]?.keys[0]).toMatchObject({ state: 'disabled' });
        const one = { provider: 'openai', model: 'dall-e-3' };
        expectTold(metadata, { images: [one, one] });
      });
    });

    test('speech and transcription rotate too', async () => {
      await inKinds(sdk[source], limited, async ({ kinds, trail }) => {
        expect((await sdk.speech(kinds.speechModel('tts-1'))).answer).toBeGreaterThan(0);
        for (let i = 0; i < 2; i += 1) {
          const { answer } = await sdk.transcribe(kinds.transcriptionModel('whisper-1'));
          expect(answer).toMatch(/nobody had to wait/);
        }
        expect(trail()).toEqual([
          'one/tts-1 429',
          'two/tts-1 200',
          'three/whisper-1 200',
          'one/whisper-1 429',
          'two/whisper-1 200',
        ]);
      });
    });

    test('a pool that is exhausted says so', async () => {
      await inKinds(sdk[source], refused, async ({ kinds, trail }) => {
        for (const ask of [
          async () => sdk.embed(kinds.embeddingModel(embedding), 'water'),
          async () => sdk.speech(kinds.speechModel('tts-1')),
        ]) {
          expect(PoolExhaustedError.isInstance(await rejection(ask()))).toBe(true);
        }
        expect(trail().slice(0, 3)).toEqual([
          `one/${embedding} 429`,
          `two/${embedding} 401`,
          `three/${embedding} 429`,
        ]);
        // Only of the third key are the limits those of one model.
        expect(trail().slice(3)).toEqual(['three/tts-1 429']);
      });
    });
  });
}
