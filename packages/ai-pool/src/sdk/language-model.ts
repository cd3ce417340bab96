import { Call } from '../call/call.ts';
import { readRequest } from './call-options.ts';
import { sharedUrls, v1Capabilities } from './capabilities.ts';
import { GenerateOperation } from './generate.ts';
import type { CallOptions, Generation } from './generation.ts';
import type { GenerateResult, Member, StreamResult } from './member.ts';
import type { ModelParts } from './model-parts.ts';
import { StreamOperation } from './stream.ts';

export interface LanguageModelParts extends ModelParts {
  readonly generation: Generation;
  /** One member per route: what the SDK reads from a model comes from these. */
  readonly samples: () => readonly Member[];
}

/** The model object in the shape of its generation, without the pool on it. */
export function createLanguageModel(parts: LanguageModelParts): object {
  const { core, generation, provider, modelId, samples } = parts;
  // Plain and unfrozen: newer SDKs wrap older generations in a Proxy that changes a property.
  const model = {
    specificationVersion: generation.version,
    provider,
    modelId,
    async doGenerate(options: CallOptions): Promise<GenerateResult> {
      const operation = new GenerateOperation(parts, options);
      return new Call(core, readRequest(parts, options, false), operation).run();
    },
    async doStream(options: CallOptions): Promise<StreamResult> {
      const operation = new StreamOperation(parts, options);
      return new Call(core, readRequest(parts, options, true), operation).run();
    },
  };
  const capabilities = (): object =>
    generation.version === 'v1'
      ? v1Capabilities(samples())
      : { supportedUrls: sharedUrls(samples()) };
  // Read anew each time: providers may be added and removed.
  for (const name of Object.keys(capabilities())) {
    const get = (): unknown => Reflect.get(capabilities(), name);
    Object.defineProperty(model, name, { get, enumerable: true, configurable: true });
  }
  return model;
}
