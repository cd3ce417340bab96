import type { Attempt } from '../call/attempt.ts';
import type { Target } from '../scheduling/targets.ts';
import {
  hasReferences,
  isUnknownItem,
  promptFor,
  promptOfV1,
  type Conversation,
} from './conversation.ts';
import type { CallOptions } from './generation.ts';
import type { LanguageModelParts } from './language-model.ts';
import type { Member } from './member.ts';
import { ModelOperation } from './model-operation.ts';

/** What both calls of a language model share: they may be steps of a conversation. */
export abstract class LanguageOperation extends ModelOperation<LanguageModelParts, Member> {
  // Set where they are needed, which is seldom: every call would pay for what they begin with.
  /** Of calls that go on with one. */
  declare conversation?: Conversation;
  /** Nothing is sent any more that only its maker knows. */
  declare isStripped?: boolean;

  /** Whether the call may be sent once more without items that another account has made. */
  mend(attempt: Attempt, error: unknown): boolean {
    if (this.isStripped === true || !isUnknownItem(error)) return false;
    this.isStripped = hasReferences(this.sent(attempt).prompt);
    return this.isStripped;
  }

  protected override sent(attempt: Attempt): CallOptions {
    const sent = super.sent(attempt);
    const prompt = this.#promptFor(attempt.target, sent.prompt);
    return prompt === sent.prompt ? sent : { ...sent, prompt };
  }

  #promptFor(target: Target, prompt: unknown): unknown {
    const { generation, core } = this.parts;
    if (!generation.hasStreamStart) return promptOfV1(prompt, target);
    const { conversation, isStripped = false } = this;
    return conversation === undefined && !isStripped
      ? prompt
      : promptFor(prompt, target, core.scheduler.providers, isStripped);
  }
}
