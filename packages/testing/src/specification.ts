/**
 * The language model specifications V1 (ai 4) to V4 (ai 7), as far as a fake model speaks them.
 * Written down here so that this package needs no AI SDK; the types fit the real ones.
 */

/** The generations of the language model specification. */
export type SpecificationVersion = 'v1' | 'v2' | 'v3' | 'v4';

type JsonValue = null | string | number | boolean | JsonValue[] | { [key: string]: JsonValue };
type ProviderMetadata = Record<string, Record<string, JsonValue>>;

/** A call's options, as far as every generation has them. */
export interface FakeCallOptions {
  prompt?: unknown;
  abortSignal?: AbortSignal | undefined;
  headers?: Record<string, string | undefined> | undefined;
  /** V1. */
  providerMetadata?: unknown;
  /** V2 to V4. */
  providerOptions?: unknown;
  temperature?: number | undefined;
  tools?: unknown;
  responseFormat?: unknown;
}

interface ResponseMetadata {
  id?: string;
  timestamp?: Date;
  modelId?: string;
}

// Finish reasons and usage.

/** Finish reasons of V1 and V2. */
export type PlainFinishReason =
  | 'stop'
  | 'length'
  | 'content-filter'
  | 'tool-calls'
  | 'error'
  | 'other'
  | 'unknown';

type UnifiedFinishReason = Exclude<PlainFinishReason, 'unknown'>;

interface FinishReasonV3 {
  unified: UnifiedFinishReason;
  raw: string | undefined;
}

interface FinishReasonV4 {
  unified: UnifiedFinishReason | 'interrupted';
  raw: string | undefined;
}

interface UsageV1 {
  promptTokens: number;
  completionTokens: number;
}

interface UsageV2 {
  inputTokens: number | undefined;
  outputTokens: number | undefined;
  totalTokens: number | undefined;
}

interface UsageV3 {
  inputTokens: {
    total: number | undefined;
    noCache: number | undefined;
    cacheRead: number | undefined;
    cacheWrite: number | undefined;
  };
  outputTokens: {
    total: number | undefined;
    text: number | undefined;
    reasoning: number | undefined;
  };
}

// Content and stream parts.

interface ToolCallV1 {
  toolCallType: 'function';
  toolCallId: string;
  toolName: string;
  args: string;
}

interface SourceV1 {
  sourceType: 'url';
  id: string;
  url: string;
  title?: string;
}

type StreamPartV1 =
  | { type: 'text-delta' | 'reasoning'; textDelta: string }
  | { type: 'reasoning-signature'; signature: string }
  | { type: 'redacted-reasoning'; data: string }
  | { type: 'source'; source: SourceV1 }
  | { type: 'file'; mimeType: string; data: string | Uint8Array }
  | ({ type: 'tool-call' } & ToolCallV1)
  | {
      type: 'tool-call-delta';
      toolCallType: 'function';
      toolCallId: string;
      toolName: string;
      argsTextDelta: string;
    }
  | ({ type: 'response-metadata' } & ResponseMetadata)
  | {
      type: 'finish';
      finishReason: PlainFinishReason;
      usage: UsageV1;
      providerMetadata?: ProviderMetadata;
    }
  | { type: 'error'; error: unknown };

interface Tagged {
  providerMetadata?: ProviderMetadata;
}

type WholePart =
  | ({ type: 'source'; sourceType: 'url'; id: string; url: string; title?: string } & Tagged)
  | ({
      type: 'tool-call';
      toolCallId: string;
      toolName: string;
      input: string;
      providerExecuted?: boolean;
    } & Tagged)
  | ({
      type: 'tool-result';
      toolCallId: string;
      toolName: string;
      result: NonNullable<JsonValue>;
      isError?: boolean;
      /** Only V2 knows it. */
      providerExecuted?: boolean;
    } & Tagged);

type PlainFile = { type: 'file'; mediaType: string; data: string | Uint8Array } & Tagged;

type ApprovalRequest = {
  type: 'tool-approval-request';
  approvalId: string;
  toolCallId: string;
} & Tagged;

type FileData = { type: 'data'; data: string | Uint8Array };

type WholePartV4 =
  | WholePart
  | ApprovalRequest
  | ({ type: 'file' | 'reasoning-file'; mediaType: string; data: FileData } & Tagged)
  | ({ type: 'custom'; kind: `${string}.${string}` } & Tagged);

type TextContent = { type: 'text' | 'reasoning'; text: string } & Tagged;

type DeltaPart =
  | ({ type: 'text-start' | 'text-end' | 'reasoning-start' | 'reasoning-end'; id: string } & Tagged)
  | ({ type: 'text-delta' | 'reasoning-delta'; id: string; delta: string } & Tagged)
  | ({ type: 'tool-input-start'; id: string; toolName: string } & Tagged)
  | ({ type: 'tool-input-delta'; id: string; delta: string } & Tagged)
  | ({ type: 'tool-input-end'; id: string } & Tagged)
  | ({ type: 'response-metadata' } & ResponseMetadata)
  | { type: 'raw'; rawValue: unknown }
  | { type: 'error'; error: unknown };

interface OtherWarning {
  type: 'other';
  message: string;
}

interface StreamStart {
  type: 'stream-start';
  warnings: OtherWarning[];
}

interface Finish<Reason, Usage> extends Tagged {
  type: 'finish';
  finishReason: Reason;
  usage: Usage;
}

interface StreamParts {
  v1: StreamPartV1;
  v2: DeltaPart | WholePart | PlainFile | StreamStart | Finish<PlainFinishReason, UsageV2>;
  v3:
    | DeltaPart
    | WholePart
    | PlainFile
    | ApprovalRequest
    | StreamStart
    | Finish<FinishReasonV3, UsageV3>;
  v4: DeltaPart | WholePartV4 | StreamStart | Finish<FinishReasonV4, UsageV3> | { type: 'ping' };
}

/** A stream part of one generation. */
export type FakeStreamPart<V extends SpecificationVersion = SpecificationVersion> = StreamParts[V];

// Results.

interface ResultV1 {
  text?: string;
  reasoning?: string;
  toolCalls?: ToolCallV1[];
  files?: { data: string | Uint8Array; mimeType: string }[];
  sources?: SourceV1[];
  finishReason: PlainFinishReason;
  usage: UsageV1;
  rawCall: { rawPrompt: unknown; rawSettings: Record<string, unknown> };
  rawResponse?: { headers?: Record<string, string>; body?: unknown };
  response?: ResponseMetadata;
  providerMetadata?: ProviderMetadata;
}

interface ContentResult<Content, Reason, Usage> extends Tagged {
  content: Content[];
  finishReason: Reason;
  usage: Usage;
  response?: ResponseMetadata & { headers?: Record<string, string>; body?: unknown };
  warnings: OtherWarning[];
}

interface GenerateResults {
  v1: ResultV1;
  v2: ContentResult<TextContent | WholePart | PlainFile, PlainFinishReason, UsageV2>;
  v3: ContentResult<TextContent | WholePart | PlainFile | ApprovalRequest, FinishReasonV3, UsageV3>;
  v4: ContentResult<TextContent | WholePartV4, FinishReasonV4, UsageV3>;
}

/** What `doGenerate` resolves to. */
export type FakeGenerateResult<V extends SpecificationVersion = SpecificationVersion> =
  GenerateResults[V];

interface StreamResultV1 {
  stream: ReadableStream<StreamPartV1>;
  rawCall: { rawPrompt: unknown; rawSettings: Record<string, unknown> };
  rawResponse?: { headers?: Record<string, string> };
}

interface StreamResult<Part> {
  stream: ReadableStream<Part>;
  response?: { headers?: Record<string, string> };
}

interface StreamResults {
  v1: StreamResultV1;
  v2: StreamResult<StreamParts['v2']>;
  v3: StreamResult<StreamParts['v3']>;
  v4: StreamResult<StreamParts['v4']>;
}

/** What `doStream` resolves to. */
export type FakeStreamResult<V extends SpecificationVersion = SpecificationVersion> =
  StreamResults[V];

/** What all language models have. */
export interface FakeLanguageModelBase<V extends SpecificationVersion> {
  readonly specificationVersion: V;
  readonly provider: string;
  readonly modelId: string;
  doGenerate(options: FakeCallOptions): Promise<FakeGenerateResult<V>>;
  doStream(options: FakeCallOptions): Promise<FakeStreamResult<V>>;
}

interface LanguageModelV1 extends FakeLanguageModelBase<'v1'> {
  readonly defaultObjectGenerationMode: 'json' | 'tool' | undefined;
  readonly supportsImageUrls?: boolean;
  readonly supportsStructuredOutputs?: boolean;
  supportsUrl?(url: URL): boolean;
}

interface ModernLanguageModel<V extends SpecificationVersion> extends FakeLanguageModelBase<V> {
  readonly supportedUrls: Record<string, RegExp[]>;
}

interface LanguageModels {
  v1: LanguageModelV1;
  v2: ModernLanguageModel<'v2'>;
  v3: ModernLanguageModel<'v3'>;
  v4: ModernLanguageModel<'v4'>;
}

/** A language model of one generation. */
export type FakeLanguageModel<V extends SpecificationVersion = SpecificationVersion> =
  LanguageModels[V];
