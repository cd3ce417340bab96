import type { Attempt } from '../call/attempt.ts';
import { AttemptFailure, badResponse, CallerFault } from '../call/faults.ts';
import type { Operation } from '../call/operation.ts';
import { classifyResult } from '../failure/classify-result.ts';
import type { Verdict } from '../failure/verdict.ts';
import { headersOf, type GenerateResult } from './member.ts';
import { taggedResult } from './conversation.ts';
import { LanguageOperation } from './language-operation.ts';
import { resultError } from './result-error.ts';

/** `doGenerate`: a member's result with who answered; a failure where it is no answer. */
export class GenerateOperation
  extends LanguageOperation
  implements Operation<GenerateResult, GenerateResult>
{
  readonly isStream = false;

  begin(attempt: Attempt): PromiseLike<GenerateResult> {
    return this.member(attempt).doGenerate(this.sent(attempt));
  }

  answer(attempt: Attempt, given: GenerateResult): GenerateResult {
    const result = this.parts.generation.ending(given);
    const verdict = this.#refusal(attempt, result);
    if (verdict !== undefined) throw new AttemptFailure(verdict, resultError(result, verdict));
    const { generation } = this.parts;
    attempt.succeed(attempt.countsTokens ? generation.tokensOf(result.usage) : undefined);
    attempt.answeredWith(headersOf(result));
    const { model } = attempt.target.route;
    const pool = attempt.metadata();
    const made = generation.hasStreamStart ? taggedResult(result, attempt.target) : result;
    const { response, providerMetadata } = made;
    // To spread what is not there costs as much as to spread what is.
    return {
      ...made,
      response: response ? { ...response, modelId: response.modelId ?? model } : { modelId: model },
      providerMetadata: providerMetadata ? { ...providerMetadata, pool } : { pool },
    };
  }

  #refusal(attempt: Attempt, result: GenerateResult): Verdict | undefined {
    const { generation, core } = this.parts;
    // The usual case is decided without looking further.
    const filteredFails = core.plan.contentFilterFallback;
    if (filteredFails || !generation.isAnswer(result.finishReason)) {
      const verdict = classifyResult(result, { ...attempt.dialect(), filteredFails });
      if (verdict !== undefined) return verdict;
    }
    const { retryOnResult } = core.plan;
    if (retryOnResult === undefined) return undefined;
    try {
      // Another model is asked, and nothing is held against this one.
      return retryOnResult(result, { ...attempt.target.ref })
        ? badResponse('request', 'next-model')
        : undefined;
    } catch (error) {
      throw new CallerFault(error);
    }
  }
}
