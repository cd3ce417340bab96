import type { Attempt } from '../call/attempt.ts';
import { AttemptFailure } from '../call/faults.ts';
import { classifyResult } from '../failure/classify-result.ts';
import type { Generation } from './generation.ts';
import type { GenerateResult } from './member.ts';
import { resultError } from './result-error.ts';

/** A member's `doGenerate` result, with who answered; a failure where it is no answer. */
export function answerGenerate(
  attempt: Attempt,
  result: GenerateResult,
  generation: Generation,
): GenerateResult {
  // The usual case is decided without looking further.
  if (!generation.isAnswer(result.finishReason)) {
    const verdict = classifyResult(result, attempt.dialect());
    if (verdict !== undefined) throw new AttemptFailure(verdict, resultError(result, verdict));
  }
  attempt.succeed();
  const { response } = result;
  return {
    ...result,
    response: { ...response, modelId: response?.modelId ?? attempt.target.route.model },
    providerMetadata: { ...result.providerMetadata, pool: attempt.metadata() },
  };
}
