import { Call } from '../call/call.ts';
import type { Core } from '../call/core.ts';
import type { PoolCallOptions } from '../config/types.ts';
import type { Route } from '../scheduling/targets.ts';
import { readRequest } from './call-options.ts';
import { sharedUrls, v1Capabilities } from './capabilities.ts';
import { GenerateOperation } from './generate.ts';
import type { CallOptions, Generation } from './generation.ts';
import type { GenerateResult, Member, StreamResult } from './member.ts';
import type { Members } from './members.ts';
import { StreamOperation } from './stream.ts';

/** The name under which the SDK logs and traces a pooled model. */
const PROVIDER = 'ai-pool';

export interface LanguageModelParts {
  readonly core: Core;
  readonly members: Members;
  readonly generation: Generation;
  /** The routes of a new call, in its order. */
  readonly routes: () => readonly Route[];
  /** One member per route: what the SDK reads from a model comes from these. */
  readonly firstMembers: () => readonly Member[];
  readonly modelId: string;
  /** Settings that a call's own go over. */
  readonly defaults: PoolCallOptions;
}

/** The model object in the shape of its generation, without the pool on it. */
export function createLanguageModel(parts: LanguageModelParts): object {
  const { core, generation, modelId, firstMembers } = parts;
  // Plain and unfrozen: newer SDKs wrap older generations in a Proxy that changes a property.
  const model = {
    specificationVersion: generation.version,
    provider: PROVIDER,
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
      ? v1Capabilities(firstMembers())
      : { supportedUrls: sharedUrls(firstMembers()) };
  // Read anew each time: providers may be added and removed.
  for (const name of Object.keys(capabilities())) {
    const get = (): unknown => Reflect.get(capabilities(), name);
    Object.defineProperty(model, name, { get, enumerable: true, configurable: true });
  }
  return model;
}
