import type { FakeReply, FakeReplyContent } from './fake-reply.ts';
import { tokensOf } from './prompt-tokens.ts';

/** A reply with everything decided that an answer has to say. */
export type FullReply = Required<FakeReplyContent>;

/** Fills in what a reply leaves open. */
export function fullReply(reply: FakeReply, inputTokens: number): FullReply {
  const content = typeof reply === 'string' ? { text: reply } : reply;
  const { text = '', reasoning = '', toolCalls = [] } = content;
  const calls = toolCalls.length === 0 ? 0 : JSON.stringify(toolCalls).length;
  const outputTokens = tokensOf(text.length + reasoning.length + calls);
  return { text, reasoning, toolCalls, usage: content.usage ?? { inputTokens, outputTokens } };
}
