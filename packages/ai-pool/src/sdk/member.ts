import type { CallOptions, StreamPart } from './generation.ts';

/** Where an answer keeps its headers: V1 apart from the rest. */
export interface WithHeaders {
  readonly response?:
    | { readonly modelId?: string | undefined; readonly headers?: unknown }
    | undefined;
  readonly rawResponse?: { readonly headers?: unknown } | undefined;
}

export const headersOf = ({ response, rawResponse }: WithHeaders): unknown =>
  response?.headers ?? rawResponse?.headers;

/** What a member answers to `doGenerate`, as far as a pool looks at it. */
export interface GenerateResult extends WithHeaders {
  readonly content?: readonly object[];
  readonly finishReason?: unknown;
  readonly usage?: unknown;
  readonly warnings?: unknown;
  readonly providerMetadata?: Readonly<Record<string, unknown>> | undefined;
}

/** What a member answers to `doStream`, as far as a pool looks at it. */
export interface StreamResult extends WithHeaders {
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
