import type { Attempt } from '../call/attempt.ts';
import { AttemptFailure, badResponse, CallerFault } from '../call/faults.ts';
import type { ModelResult, ResultCondition } from '../config/types.ts';
import { classifyResult } from '../failure/classify-result.ts';
import type { Verdict } from '../failure/verdict.ts';
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
import { headersOf, type GenerateResult, type Member } from './member.ts';
import { ModelOperation } from './model-operation.ts';
import { isRefused } from './result-conditions.ts';
import { resultError } from './result-error.ts';

export interface Refusal {
  readonly verdict: Verdict;
  /** It is an answer all the same. */
  readonly isSpare: boolean;
}

/** What both calls of a language model share: they may be steps of a conversation. */
export abstract class LanguageOperation<T> extends ModelOperation<LanguageModelParts, Member> {
  // Set where they are needed, which is seldom: every call would pay for what they begin with.
  /** Of calls that go on with one. */
  declare conversation?: Conversation;
  /** Nothing is sent any more that only its maker knows. */
  declare isStripped?: boolean;
  /** The last answer that a setting alone has refused. */
  declare spare?: (() => T) | undefined;

  /** Whether the call may be sent once more without items that another account has made. */
  mend(attempt: Attempt, error: unknown): boolean {
    if (this.isStripped === true || !isUnknownItem(error)) return false;
    this.isStripped = hasReferences(this.sent(attempt).prompt);
    return this.isStripped;
  }

  /**
   * Why a result is not the call's answer, if it is not: it is none, or none that the settings want.
   *
   * @param result a whole one; of a stream one without content, where it ended without output
   */
  protected review(attempt: Attempt, result: GenerateResult): Refusal | undefined {
    const { generation, core } = this.parts;
    const filteredFails = core.plan.contentFilterFallback;
    const conditions = attempt.target.route.plan.retryOnResult;
    // The usual case is decided without looking further.
    const isUsual = conditions === undefined && !filteredFails;
    return isUsual && generation.isAnswer(result.finishReason)
      ? undefined
      : this.reviewed(attempt, result, conditions, filteredFails);
  }

  private reviewed(
    attempt: Attempt,
    result: GenerateResult,
    conditions: readonly ResultCondition[] | undefined,
    filteredFails: boolean,
  ): Refusal | undefined {
    let verdict: Verdict | undefined;
    if (filteredFails || !this.parts.generation.isAnswer(result.finishReason)) {
      const hasOutput = this.isStream ? { hasOutput: false } : undefined;
      verdict = classifyResult(result, { ...attempt.dialect(), ...hasOutput, filteredFails });
    }
    const isFiltered = verdict?.kind === 'content-filter';
    if (verdict !== undefined && isFiltered && filteredFails) return { verdict, isSpare: true };
    if (conditions !== undefined) {
      const isUnwanted = isFiltered
        ? conditions.includes('content-filter')
        : verdict === undefined && this.isRefused(conditions, attempt, result);
      // Another model is asked, and nothing is held against this one.
      if (isUnwanted) return { verdict: badResponse('request', 'next-model'), isSpare: true };
    }
    return verdict && { verdict, isSpare: false };
  }

  /**
   * Fails the attempt. What is merely not wanted is kept: where nobody has a better answer, it is
   * what the bare model would have given.
   */
  protected refuse(
    { verdict, isSpare }: Refusal,
    attempt: Attempt,
    result: GenerateResult,
    spare: () => T,
  ): never {
    if (isSpare) {
      this.spare = spare;
      attempt.answered(this.tokensOf(attempt, result));
      attempt.answeredWith(headersOf(result));
    }
    throw new AttemptFailure(verdict, resultError(result, verdict, isSpare));
  }

  private isRefused(
    conditions: readonly ResultCondition[],
    attempt: Attempt,
    result: GenerateResult,
  ): boolean {
    const options = this.options as Readonly<Record<string, unknown>>;
    try {
      return isRefused(conditions, result as ModelResult, { ...attempt.target.ref, options });
    } catch (error) {
      throw new CallerFault(error);
    }
  }

  /** Undefined where nobody wants to know. */
  protected tokensOf(attempt: Attempt, { usage }: GenerateResult): number | undefined {
    return attempt.countsTokens ? this.parts.generation.tokensOf(usage) : undefined;
  }

  protected override sent(attempt: Attempt): CallOptions {
    const sent = super.sent(attempt);
    const prompt = this.promptFor(attempt.target, sent.prompt);
    return prompt === sent.prompt ? sent : { ...sent, prompt };
  }

  private promptFor(target: Target, prompt: unknown): unknown {
    const { generation, core } = this.parts;
    if (!generation.hasStreamStart) return promptOfV1(prompt, target, core.scheduler.providers);
    const { conversation, isStripped = false } = this;
    return conversation === undefined && !isStripped
      ? prompt
      : promptFor(prompt, target, core.scheduler.providers, isStripped);
  }
}
