import type { FakeKeyConfig, FakeProviders } from '@ai-pool/testing';
import {
  createPool,
  createPooledProvider,
  PoolExhaustedError,
  type KeyEntry,
  type Pool,
  type PoolSettings,
} from 'ai-pool';
import { describe, expect, test } from 'vitest';
import { expectUsageMatches } from './expect-usage.ts';
import { twoAtATime } from './kinds.ts';
import type { ProviderName } from './sdk.ts';
import { functionOf, oneOf, type Functions } from './sdk-calls.ts';
import { rejection, secretOf, startFakes } from './world.ts';

/** Models of OpenAI over some keys; embeddings go two to a call. */
interface Kinds extends ReturnType<typeof twoAtATime> {
  readonly pool: Pool;
}

interface KindsConfig extends PoolSettings {
  readonly keys: readonly KeyEntry[];
  readonly baseURL: string;
}

/** What one generation of the SDK brings along. */
export interface KindsSdk extends Functions {
  readonly openai: (options: { apiKey: string; baseURL: string }) => object;
}

/** Where the models come from: a pool, or a pooled provider. */
function sourcesOf({ openai }: KindsSdk) {
  const create = (options: { apiKey: string; baseURL: string }) => twoAtATime(openai(options));
  return {
    pool({ keys, baseURL, ...settings }: KindsConfig): Kinds {
      const pool = createPool({
        ...settings,
        providers: [{ name: 'openai', create: ({ apiKey }) => create({ apiKey, baseURL }), keys }],
      });
      return { ...pool, pool };
    },
    provider: ({ keys, baseURL, ...settings }: KindsConfig): Kinds =>
      createPooledProvider(create, { keys, baseURL }, { ...settings, name: 'openai' }),
  };
}

/** What the SDK passes on of an answer and of its metadata. */
interface KindAnswer<A> {
  readonly answer: A;
  readonly metadata: object | undefined;
}

/** What the SDK does with models of other kinds than language. */
function callsOf({ ai }: KindsSdk) {
  const ask =
    (...names: readonly string[]) =>
    async <A>(call: object, answer: (result: unknown) => unknown): Promise<KindAnswer<A>> => {
      const result = await functionOf(ai, ...names)({ ...call, maxRetries: 0 });
      const metadata = oneOf(result, 'providerMetadata') as object | undefined;
      return { answer: answer(result) as A, metadata };
    };
  const embed = ask('embed');
  const embedMany = ask('embedMany');
  const images = ask('generateImage', 'experimental_generateImage');
  const speech = ask('generateSpeech', 'experimental_generateSpeech');
  const transcribe = ask('transcribe', 'experimental_transcribe');
  return {
    embed: async (model: object, value: string) =>
      embed<number[]>({ model, value }, result => oneOf(result, 'embedding')),
    embedMany: async (model: object, values: string[]) =>
      embedMany<number[][]>({ model, values }, result => oneOf(result, 'embeddings')),
    /** How many images there are. */
    images: async (model: object, n: number) =>
      images<number>({ model, prompt: 'water', n }, result =>
        oneOf(oneOf(result, 'images'), 'length'),
      ),
    /** How many bytes the speech has. */
    speech: async (model: object) =>
      speech<number>({ model, text: 'water' }, result =>
        oneOf(oneOf(oneOf(result, 'audio'), 'uint8Array'), 'length'),
      ),
    transcribe: async (model: object) =>
      transcribe<string>({ model, audio: new Uint8Array([82, 73, 70, 70]) }, result =>
        oneOf(result, 'text'),
      ),
  };
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
  await using fakes = await startFakes({
    openai: {
      keys: Object.fromEntries(keys.map(([id, key]) => [secretOf('openai', id), { ...key, id }])),
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

export function testModelKinds(kit: KindsSdk): void {
  const { major } = kit;
  const sdk = callsOf(kit);
  const sources = sourcesOf(kit);
  // The SDK of the first generation passes on no metadata of these.
  const expectTold = (metadata: object | undefined, pool: object): void =>
    expect(metadata ?? {}).toMatchObject(major > 4 ? { pool } : {});
  const limited = { one: { rpm: 0 } };
  const invalid = { one: { invalid: true } };
  const refused = { one: { unpaid: true }, two: { invalid: true }, three: { rpm: 0 } } as const;

  describe.each(['pool', 'provider'] as const)('other kinds of models: %s', source => {
    test('embed: a limited key is left for the next one', async () => {
      await inKinds(sources[source], limited, async ({ kinds, trail }) => {
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
      await inKinds(sources[source], {}, async ({ kinds, trail }) => {
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
      await inKinds(sources[source], invalid, async ({ kinds, trail }) => {
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
      await inKinds(sources[source], limited, async ({ kinds, trail }) => {
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
      await inKinds(sources[source], refused, async ({ kinds, trail }) => {
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
