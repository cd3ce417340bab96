import type { Attempt } from '../call/attempt.ts';
import type { Operation } from '../call/operation.ts';
import { headersOf, type GenerateResult } from './member.ts';
import { taggedResult } from './conversation.ts';
import { LanguageOperation, type Refusal } from './language-operation.ts';

/** `doGenerate`: a member's result with who answered; a failure where it is no answer. */
export class GenerateOperation
  extends LanguageOperation<GenerateResult>
  implements Operation<GenerateResult, GenerateResult>
{
  get isStream(): false {
    return false;
  }

  begin(attempt: Attempt): PromiseLike<GenerateResult> {
    return this.member(attempt).doGenerate(this.sent(attempt));
  }

  answer(attempt: Attempt, given: GenerateResult): GenerateResult {
    const result = this.parts.generation.ending(given);
    const refusal = this.review(attempt, result);
    if (refusal !== undefined) this.keep(refusal, attempt, result);
    attempt.succeed(this.tokensOf(attempt, result));
    attempt.answeredWith(headersOf(result));
    return this.signed(attempt, result);
  }

  /** Apart: what a function hands to a closure costs each of its calls. */
  private keep(refusal: Refusal, attempt: Attempt, result: GenerateResult): void {
    this.refuse(refusal, attempt, result, () => this.signed(attempt, result));
  }

  /** With who answered. */
  private signed(attempt: Attempt, result: GenerateResult): GenerateResult {
    const { model } = attempt.target.route;
    const pool = attempt.metadata();
    const made = this.parts.generation.hasStreamStart
      ? taggedResult(result, attempt.target)
      : result;
    const { response, providerMetadata } = made;
    // To spread what is not there costs as much as to spread what is.
    return {
      ...made,
      response: response ? { ...response, modelId: response.modelId ?? model } : { modelId: model },
      providerMetadata: providerMetadata ? { ...providerMetadata, pool } : { pool },
    };
  }
}
