import type {
  FakeGenerateResult,
  FakeStreamPart,
  PlainFinishReason,
  SpecificationVersion,
} from './specification.ts';

/** An answer in the words of no generation; the fake model says it in its own. */
export interface FakeModelContent {
  text?: string;
  reasoning?: string;
  toolCalls?: readonly { toolCallId?: string; toolName: string; input: unknown }[];
  /** Default: `tool-calls` with tool calls, else `stop`. Said as far as the generation knows it. */
  finishReason?: PlainFinishReason | 'interrupted';
  /** Default: an estimate from the text. */
  usage?: { inputTokens: number; outputTokens: number };
  providerMetadata?: Record<string, Record<string, string | number | boolean | null>>;
  /** The response's id. */
  id?: string;
  /** The response's model id. Default: the model's own. */
  modelId?: string;
  /** The response's headers. */
  headers?: Record<string, string>;
}

/** A stream, part by part. */
export interface FakeModelStream<V extends SpecificationVersion = SpecificationVersion> {
  parts: readonly FakeStreamPart<V>[];
  /** How the stream ends after its parts: closed (the default), or never. */
  ending?: 'close' | 'hang';
  /** Errors the stream after its parts. */
  error?: unknown;
  /** The response's headers. */
  headers?: Record<string, string>;
}

/**
 * What becomes of one call of a fake model: a text, content, an error to reject with
 * (`{ reject }` for what is not an `Error`), a whole result for `doGenerate`, or stream parts for
 * `doStream`.
 */
export type FakeModelAnswer<V extends SpecificationVersion = SpecificationVersion> =
  | string
  | Error
  | FakeModelContent
  | { reject: unknown }
  | { result: FakeGenerateResult<V> }
  | FakeModelStream<V>
  | readonly FakeStreamPart<V>[];
