/** An answer that is more than text. */
export interface FakeReplyContent {
  text?: string;
  /** Shown where the protocol and the model have a place for it. */
  reasoning?: string;
  toolCalls?: readonly { toolName: string; input: unknown }[];
  /** Tokens that the answer reports. Default: estimates from the lengths of request and answer. */
  usage?: { inputTokens: number; outputTokens: number };
}

/** What a fake model answers. */
export type FakeReply = string | FakeReplyContent;

/** The request that a `reply` function answers. */
export interface FakeReplyRequest<Name extends string = string> {
  provider: Name;
  /** The id of the key, never its secret. */
  key: string;
  model: string;
  stream: boolean;
  /** The parsed JSON body, as the provider's protocol has it. */
  body: unknown;
}

/** The answer where none is configured: twelve words. */
export const defaultReply = 'Every request found its way home and nobody had to wait long.';
