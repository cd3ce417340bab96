import { untilAborted } from '../call/abort.ts';
import type { Attempt } from '../call/attempt.ts';
import { AttemptFailure } from '../call/faults.ts';
import { classifyResult } from '../failure/classify-result.ts';
import type { CallOptions } from './generation.ts';
import type { GenerateResult, Member } from './member.ts';
import { resultError } from './result-error.ts';

/** One `doGenerate` of one member, answered with who answered. */
export async function generate(
  attempt: Attempt,
  member: Member,
  options: CallOptions,
): Promise<GenerateResult> {
  const { signal } = attempt.call;
  const result = await untilAborted(member.doGenerate(options), signal);
  const verdict = classifyResult(result, attempt.dialect());
  if (verdict !== undefined) throw new AttemptFailure(verdict, resultError(result, verdict));
  attempt.succeed();
  return {
    ...result,
    response: {
      ...result.response,
      modelId: result.response?.modelId ?? attempt.target.route.model,
    },
    providerMetadata: { ...result.providerMetadata, pool: attempt.metadata() },
  };
}
