import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomFrom } from '../__fixtures__/random-from.ts';
import { comparable, nowOf, type FailureCase } from './__fixtures__/cases.ts';
import {
  answerOf,
  changed,
  isSentence,
  mutations,
  subjects,
  toAnswerError,
  type Answer,
} from './__fixtures__/mutations.ts';
import { classifyFailure } from './classify-failure.ts';

const fields = ['kind', 'scope', 'action', 'permanent', 'shared', 'retryAfterMs'] as const;

/** The verdict on an answer, beside the one that its case deserves. */
function judge(
  failure: FailureCase,
  answer: Answer,
  compared: readonly (typeof fields)[number][] = fields,
): readonly [seen: object, deserved: object] {
  const { id, provider, expected } = failure;
  const verdict = classifyFailure(toAnswerError(answer), { provider, now: nowOf(failure) });
  const seen = comparable(verdict, expected.retryAfterMs);
  const of = (said: Readonly<Record<string, unknown>>): object => ({
    id,
    answer,
    ...Object.fromEntries(compared.map(field => [field, said[field]])),
  });
  return [of(seen), of(expected)];
}

const sentences = [
  '请求失败，请稍后再试。',
  'Die Anfrage ist fehlgeschlagen.',
  'リクエストに失敗しました (エラー)。',
  'Ошибка при обработке запроса.',
  'فشل الطلب، حاول مرة أخرى.',
  'La requête a échoué, veuillez réessayer plus tard.',
];

// Codes that need no sentence. Not among them are those that one service uses for several things
// (`invalid_request_error`, `rate_limit_exceeded` beside a request that is too large).
const tellingCodes = `
  insufficient_quota insufficient_user_quota insufficient_balance_error
  credit_balance_exhausted billing_not_active billing_hard_limit_reached payment_required
  NOT_ENOUGH_BALANCE Arrearage AccountOverdueError BILLING_DISABLED
  customer_verification_required openrouter_key_limit openrouter_workspace_budget
  openrouter_in_flight_budget weight_exceeds_budget budget_exceeded invalid_api_key
  wrong_api_key InvalidApiKey API_KEY_INVALID expired_api_key token_expired
  authentication_error account_deactivated organization_restricted CONSUMER_SUSPENDED
  missing_scope SERVICE_DISABLED DeploymentNotFound no_access key_model_access_denied
  model_terms_required model_permission_blocked_org model_permission_blocked_project
  free_tier_model_restricted unsupported_country_region_territory context_length_exceeded
  exceed_context_size_error 3051 request_too_large content_filter
  ResponsibleAIPolicyViolation moderation_blocked invalid_prompt data_inspection_failed
  unsupported_parameter extra_forbidden OperationNotSupported model_not_available
  model_not_supported unknown_model rate_limit_reached_error Throttling.RateQuota
  Throttling.AllocationQuota REQUEST_LIMIT_EXCEEDED slow_down overloaded_error
  server_overloaded engine_overloaded_error queue_exceeded capacity_exceeded NoCapacity
  MODEL_CAPACITY_EXHAUSTED service_tier_capacity_exceeded tool_use_failed
  json_validate_failed enforced_spend_limit_reached server_error internal_server_error
  invalid_encrypted_content decimal_above_max_value string_above_max_length
`
  .trim()
  .split(/\s+/);

describe('a verdict does not hang on', () => {
  it.each(mutations)('%s', (_, mutate) => {
    for (const [index, failure] of subjects.entries()) {
      const answer = mutate(answerOf(failure), randomFrom(index));
      const [seen, deserved] = judge(failure, answer);
      expect(seen).toEqual(deserved);
    }
  });

  it('the language of a sentence, where a code says it', () => {
    const subject = subjects.filter(({ body }) =>
      tellingCodes.some(code => JSON.stringify(body).includes(`"${code}"`)),
    );
    expect(subject.length).toBeGreaterThan(120);
    for (const [index, failure] of subject.entries()) {
      const sentence = sentences[index % sentences.length] ?? '';
      const answer = answerOf(failure);
      const body = changed(answer.body, {
        text: (text, key) => (isSentence(text, key) ? sentence : text),
      });
      // A duration that the sentence states is gone with it.
      const compared = fields.filter(field => field !== 'retryAfterMs');
      const [seen, deserved] = judge(failure, { ...answer, body }, compared);
      expect(seen).toEqual(deserved);
    }
  });

  it('any of these together', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...subjects),
        fc.shuffledSubarray([...mutations], { minLength: 2 }),
        fc.integer(),
        (failure, chosen, seed) => {
          const random = randomFrom(seed);
          let answer = answerOf(failure);
          for (const [, mutate] of chosen) answer = mutate(answer, random);
          const [seen, deserved] = judge(failure, answer);
          expect(seen).toEqual(deserved);
        },
      ),
      { seed: 20_260_514, numRuns: 3000 },
    );
  });
});
