import { Call, type CallRequest } from '../call/call.ts';
import type { PoolCallOptions } from '../config/types.ts';
import { inConversation, readConversation, type Conversation } from './conversation.ts';
import type { LanguageOperation } from './language-operation.ts';
import type { Operation } from '../call/operation.ts';
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

/** Not async itself: a promise around the call's own would cost every call a good part more. */
function start<R, T>(
  parts: LanguageModelParts,
  options: CallOptions,
  operation: Operation<R, T> & Pick<LanguageOperation<T>, 'conversation'>,
): Promise<T> {
  try {
    const conversation = readConversation(options.prompt);
    const request = readRequest(parts, options, operation.isStream);
    if (conversation === undefined) return new Call(parts.core, request, operation).run();
    operation.conversation = conversation;
    const goingOn = goOn(parts, options, request, conversation);
    return new Call(parts.core, goingOn, operation).run();
  } catch (error) {
    return Promise.reject(error);
  }
}

function goOn(
  parts: LanguageModelParts,
  options: CallOptions,
  request: CallRequest,
  conversation: Conversation,
): CallRequest {
  const own = options[parts.generation.optionsField]?.['pool'] ?? parts.defaults;
  const isOrdered = (own as PoolCallOptions).order !== undefined;
  return inConversation(request, conversation, parts.core.scheduler.providers, isOrdered);
}

/** The model object in the shape of its generation, without the pool on it. */
export function createLanguageModel(parts: LanguageModelParts): object {
  const { generation, provider, modelId, samples } = parts;
  // Plain and unfrozen: newer SDKs wrap older generations in a Proxy that changes a property.
  const model = {
    specificationVersion: generation.version,
    provider,
    modelId,
    doGenerate(options: CallOptions): Promise<GenerateResult> {
      return start(parts, options, new GenerateOperation(parts, options));
    },
    doStream(options: CallOptions): Promise<StreamResult> {
      const operation = new StreamOperation(parts, options);
      const result = start(parts, options, operation);
      if (generation.hangsOnRejection !== true) return result;
      return result.catch((error: unknown) => operation.failed(error, options.abortSignal));
    },
  };
  const ofMembers = (members: readonly Member[]): object =>
    generation.version === 'v1' ? v1Capabilities(members) : { supportedUrls: sharedUrls(members) };
  let members: readonly Member[] | undefined;
  let known: object = {};
  // The SDK reads them with every call, and they change only with the members: providers may be
  // added and removed.
  const capabilities = (): object => {
    const now = samples();
    if (now !== members) [members, known] = [now, ofMembers(now)];
    return known;
  };
  for (const name of Object.keys(capabilities())) {
    const get = (): unknown => Reflect.get(capabilities(), name);
    Object.defineProperty(model, name, { get, enumerable: true, configurable: true });
  }
  return model;
}
