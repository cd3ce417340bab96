import type { FakeModelCall, FakeModelContent, SpecificationVersion } from '@ai-pool/testing';
import type { Pool, PoolConfig, PoolMetadata, ProviderEntry } from 'ai-pool';

/** The major versions of `ai`. */
export type Major = 4 | 5 | 6 | 7;

/** The provider packages that every generation has. */
export type ProviderName = 'openai' | 'google' | 'openrouter' | 'anthropic';

/** What one call asks, in the words of no generation. */
export interface Question {
  readonly maxRetries?: number;
  readonly abortSignal?: AbortSignal;
  /** `providerOptions.pool`. */
  readonly poolOptions?: Record<string, string[] | number>;
  /** Streams: told about every piece of text. */
  readonly onText?: (text: string) => void;
  /** How the assistant's answer begins: the last message of the prompt. */
  readonly prefill?: string;
  /** Settings that only some generations know. */
  readonly further?: object;
}

/** What the SDK handed back, in the words of no generation. */
export interface Answer {
  readonly text: string;
  readonly modelId: string | undefined;
  readonly finishReason: string;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly pool: PoolMetadata;
}

/** A scripted answer that every generation can give. */
type FakeAnswer = string | Error | FakeModelContent | { reject: unknown };

/** A model without HTTP. */
interface FakeOptions {
  provider?: string;
  modelId?: string;
  answer?: FakeAnswer | ((call: FakeModelCall) => FakeAnswer | Promise<FakeAnswer>);
  latencyMs?: number;
  /** From V2 on. */
  supportedUrls?: Record<string, RegExp[]>;
  /** V1. */
  defaultObjectGenerationMode?: 'json' | 'tool';
  /** V1. */
  supportsImageUrls?: boolean;
  /** V1. */
  supportsStructuredOutputs?: boolean;
}

/** A provider entry of the tests: always with a factory and with model ids. */
interface Entry<Model> extends Omit<ProviderEntry, 'create' | 'models'> {
  readonly create: (options: {
    apiKey: string;
  }) => ((modelId: string) => Model) | { languageModel(modelId: string): Model };
  readonly models: readonly string[];
}

/** What all generations' models have. */
export interface ModelBase {
  readonly specificationVersion: SpecificationVersion;
  readonly provider: string;
  readonly modelId: string;
}

/** A stream part, as far as the tests look at it. */
export interface Part {
  readonly type: string;
  readonly error?: unknown;
}

/**
 * One generation of the AI SDK with its provider packages: everything in which the generations
 * differ. The tests themselves are the same for all.
 */
export interface Sdk<Model extends ModelBase = ModelBase> {
  readonly major: Major;
  readonly specificationVersion: SpecificationVersion;
  /** The factories of the real provider packages. */
  readonly factories: Readonly<
    Record<ProviderName, (options: { apiKey: string; baseURL: string }) => (id: string) => Model>
  >;
  /** How the SDK's errors are recognised. */
  readonly isAPICallError: (error: unknown) => boolean;
  readonly isRetryError: (error: unknown) => error is { readonly lastError: unknown };
  /** Whether the SDK's own retry waits as long as it is told, or always 2 s, then 4 s. */
  readonly waitsAsTold: boolean;
  /** A model of this generation without HTTP. */
  readonly fake: (options?: FakeOptions) => Model & { readonly calls: readonly FakeModelCall[] };
  readonly pooled: (config: PoolConfig<readonly Entry<Model>[]>) => Model & { readonly pool: Pool };
  readonly pooledModels: (models: readonly Model[]) => Model & { readonly pool: Pool };
  readonly generateText: (model: Model, question: Question) => Promise<Answer>;
  /** Rejects with what an `error` part carries, and where the SDK says that it was aborted. */
  readonly streamText: (model: Model, question: Question) => Promise<Answer>;
  /** What `streamText` or `streamObject` gives, as it is: its streams and all its promises. */
  readonly opened: (model: Model, kind: 'text' | 'object', question: Question) => object;
  /**
   * At most so many steps, by default two: the model calls the tool `weather`, and answers with
   * its result.
   */
  readonly useTool: (
    model: Model,
    way: 'generate' | 'stream',
    question?: Question & { readonly steps?: number },
  ) => Promise<string>;
  /** The model's own methods, as the SDK calls them. */
  readonly doGenerate: (model: Model, signal: AbortSignal) => PromiseLike<unknown>;
  readonly doStream: (model: Model, signal: AbortSignal) => Promise<ReadableStream<Part>>;
  /** Behind a middleware. */
  readonly wrapped: (model: Model) => Model;
  /** The model back out of a custom provider in a registry. */
  readonly registered: (model: Model) => Model;
  /** A model of a pool that stands in a registry itself, by its id. */
  readonly fromRegistry: (config: PoolConfig<readonly Entry<Model>[]>, modelId: string) => Model;
}

/** What a test gives to a factory of a real provider package. */
export interface FactoryOptions {
  readonly apiKey: string;
  readonly baseURL: string;
  readonly fetch?: typeof fetch;
}

/** OpenAI's two APIs. */
export const apisOf = <Chat, Responses>(
  openai: (options: FactoryOptions) => {
    chat(id: string): Chat;
    responses(id: string): Responses;
  },
) => ({
  chat: (options: FactoryOptions) => (id: string) => openai(options).chat(id),
  responses: (options: FactoryOptions) => (id: string) => openai(options).responses(id),
});

export const prompt = 'What is a pool?';

/** A call of `generateText` or `streamText`, apart from the model. */
export function settings({ maxRetries, abortSignal, poolOptions, prefill, further }: Question) {
  return {
    ...(prefill === undefined
      ? { prompt }
      : {
          messages: [
            { role: 'user' as const, content: prompt },
            { role: 'assistant' as const, content: prefill },
          ],
        }),
    ...(maxRetries !== undefined && { maxRetries }),
    ...(abortSignal && { abortSignal }),
    ...(poolOptions && { providerOptions: { pool: poolOptions } }),
    ...further,
  };
}

/** What `streamObject` asks for. */
export const citySchema = {
  type: 'object' as const,
  properties: { city: { type: 'string' as const } },
  required: ['city'],
  additionalProperties: false,
};

/** The tool of two-step conversations, apart from its schema's name. */
export const weather = {
  description: 'The weather of a city.',
  schema: citySchema,
  execute: async () => Promise.resolve('sunny'),
};

/** A call of the model's own methods. */
export function callOptions(abortSignal: AbortSignal) {
  return {
    prompt: [{ role: 'user' as const, content: [{ type: 'text' as const, text: prompt }] }],
    abortSignal,
  };
}

/** A stream that the SDK ended because of an abort. */
export class AbortedStream extends Error {
  override readonly name = 'AbortedStream';
}

/** All parts of a stream. */
export async function collect<P>(stream: ReadableStream<P>): Promise<P[]> {
  const parts: P[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

/** Reads a whole SDK stream: its text goes to `onText`, its error is thrown. */
export async function readStream<P extends { type: string }>(
  stream: AsyncIterable<P>,
  textOf: (part: P) => string | undefined,
  onText: ((text: string) => void) | undefined,
): Promise<void> {
  let failed: { error: unknown } | undefined;
  for await (const part of stream) {
    if (part.type === 'abort') throw new AbortedStream();
    if (part.type === 'error' && 'error' in part) failed ??= { error: part.error };
    const text = textOf(part);
    if (text !== undefined) onText?.(text);
  }
  if (failed) throw failed.error;
}

/** An answer, with what its metadata says about the pool. */
export function answerOf({
  metadata,
  ...answer
}: Omit<Answer, 'pool'> & { readonly metadata: object | undefined }): Answer {
  return {
    ...answer,
    /** Plain JSON, or it is refused. A model that is no pool says nothing. */
    get pool() {
      const { pool } = (metadata ?? {}) as { pool?: PoolMetadata };
      if (pool === undefined) throw new Error('The answer says nothing about a pool.');
      return JSON.parse(JSON.stringify(pool)) as PoolMetadata;
    },
  };
}
