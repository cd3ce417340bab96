import { Call } from '../call/call.ts';
import { readRequest } from './call-options.ts';
import type { CallOptions } from './generation.ts';
import { sharedCapabilities } from './kind-capabilities.ts';
import { KindOperation, type KindResult } from './kind-operation.ts';
import type { ModelParts } from './model-parts.ts';

/** Functions of models that take one question and give one answer. */
const CALLS = [
  'doEmbed',
  'doGenerate',
  'doGenerateFromUrl',
  'doRerank',
  'doDecide',
  'doEvaluate',
  'doExtract',
];

/** Names of options, the same in every generation. */
const generation = { optionsField: 'providerOptions', maxTokensField: 'maxOutputTokens' } as const;

export interface KindParts extends Omit<ModelParts, 'generation'> {
  /** One member per route, never called: what the SDK reads from a model comes from these. */
  readonly samples: () => readonly object[];
}

/**
 * The functions of a model that can be called on any key, those that both may have. What else a
 * model has, jobs that are asked for again and live audio, belongs to one key.
 */
export function callsOf(model: object): readonly string[] {
  return CALLS.filter(name => typeof Reflect.get(model, name) === 'function');
}

/** A pooled model of any kind but language. */
export function createKindModel(parts: KindParts): object {
  const { core, provider, modelId, samples } = parts;
  const all = { ...parts, generation };
  const [first = {}] = samples();
  const specificationVersion: unknown = Reflect.get(first, 'specificationVersion');
  const model = { specificationVersion, provider, modelId };
  for (const name of callsOf(first)) {
    const call = async (options: CallOptions): Promise<KindResult | undefined> => {
      const operation = new KindOperation(all, options, name);
      return new Call(core, readRequest(all, asked(options), false), operation).run();
    };
    Object.assign(model, { [name]: call });
  }
  return Object.defineProperties(model, sharedCapabilities(samples));
}

/** The question as the prompt that it is in other words. */
function asked({ abortSignal, providerOptions, ...question }: Question): CallOptions {
  const { headers: _, values, audio, ...others } = question;
  return {
    prompt: values ?? [{ ...others, audio: audio?.length }],
    ...(abortSignal && { abortSignal }),
    ...(providerOptions && { providerOptions }),
  };
}

interface Question extends CallOptions {
  readonly values?: unknown;
  readonly audio?: { readonly length?: number };
}
