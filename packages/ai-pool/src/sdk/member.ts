import type { CallOptions, StreamPart } from './generation.ts';

/** What a member answers to `doGenerate`, as far as a pool looks at it. */
export interface GenerateResult {
  readonly finishReason?: unknown;
  readonly usage?: unknown;
  readonly response?: { readonly modelId?: string | undefined } | undefined;
  readonly providerMetadata?: Readonly<Record<string, unknown>> | undefined;
}

/** What a member answers to `doStream`, as far as a pool looks at it. */
export interface StreamResult {
  readonly stream: ReadableStream<StreamPart>;
}

/** The AI SDK model object of one target. Called as methods, never spread: members are classes. */
export interface Member {
  readonly specificationVersion: string;
  readonly provider: string;
  readonly modelId: string;
  readonly supportedUrls?: unknown;
  readonly defaultObjectGenerationMode?: string | undefined;
  readonly supportsImageUrls?: boolean | undefined;
  readonly supportsStructuredOutputs?: boolean | undefined;
  supportsUrl?(url: URL): boolean;
  doGenerate(options: CallOptions): PromiseLike<GenerateResult>;
  doStream(options: CallOptions): PromiseLike<StreamResult>;
}
