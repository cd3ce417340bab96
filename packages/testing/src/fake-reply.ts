/** An answer that is more than text. */
export interface FakeReplyContent {
  text?: string;
  /** Shown where the protocol and the model have a place for it. */
  reasoning?: string;
  toolCalls?: readonly { toolName: string; input: unknown }[];
  /**
   * Tokens that the answer reports and that quotas count. Default: the characters of the prompt's
   * texts (at least 1 token) and those of the answer, each divided by 4 and rounded up.
   */
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
