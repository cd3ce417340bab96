import { fakeModel, type FakeModelAnswer, type FakeModelCall } from '@ai-pool/testing';
import type { Pool, PoolSettings } from 'ai-pool';
import type { RawPart } from './raw-parts.ts';
import type { ModelBase, Sdk } from './sdk.ts';

/** What a model answers, also what no provider package would let through. */
export type Script = (call: FakeModelCall) => FakeModelAnswer | Promise<FakeModelAnswer>;

/** A stream of parts as they are, right or wrong. */
export function rawStream(
  parts: readonly RawPart[],
  end: { readonly ending?: 'hang'; readonly error?: unknown } = {},
): FakeModelAnswer {
  return { parts, ...end } as unknown as FakeModelAnswer;
}

/** A model of the generation that answers by a script. */
export function scripted<Model extends ModelBase>(
  { specificationVersion }: Sdk<Model>,
  answer: FakeModelAnswer | Script,
): Model {
  const defaultObjectGenerationMode = 'json';
  const model: unknown = fakeModel({ specificationVersion, defaultObjectGenerationMode, answer });
  return model as Model;
}

/** A pool over models, each a provider of its own: `p0`, `p1`, … */
export function poolOver<Model extends ModelBase>(
  sdk: Sdk<Model>,
  models: readonly Model[],
  poolSettings: PoolSettings = {},
): Model & { readonly pool: Pool } {
  return sdk.pooled({
    providers: models.map((model, i) => ({
      name: `p${i}`,
      keys: 'one',
      create: () => () => model,
      models: ['m'],
    })),
    ...poolSettings,
  });
}
