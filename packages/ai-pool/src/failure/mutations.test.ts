import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  apiCallError,
  cases,
  comparable,
  constructed,
  nowOf,
  type FailureCase,
} from './__fixtures__/cases.ts';
import { classifyFailure } from './classify-failure.ts';

/** What may differ between two answers that mean the same. */
interface Answer {
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}
type Random = () => number;
type Mutation = (answer: Answer, random: Random) => Answer;

/** Mulberry32: the same answers for the same seed. */
function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pick = <T>(items: readonly [T, ...T[]], random: Random): T =>
  items[Math.floor(random() * items.length)] ?? items[0];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The same value with every object and every string changed, innermost first. */
function changed(
  value: unknown,
  change: {
    readonly object?: (object: Record<string, unknown>) => Record<string, unknown>;
    readonly text?: (text: string, key: string) => string;
  },
  key = '',
): unknown {
  if (Array.isArray(value)) return value.map(item => changed(item, change, key));
  if (isObject(value)) {
    const inner = Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, changed(item, change, name)]),
    );
    return change.object?.(inner) ?? inner;
  }
  return typeof value === 'string' ? (change.text?.(value, key) ?? value) : value;
}

/** Strings that are meant for people, and hold no JSON of their own. */
const isSentence = (text: string, key: string): boolean =>
  /^(message|Message|msg|detail|error)$/.test(key) && text.includes(' ') && !/[{<]/.test(text);

const isCode = (text: string, key: string): boolean =>
  /^(code|type|error_type|error_code|errorCode|reason|limit_source)$/.test(key) &&
  // Where words end is lost in `ResponsibleAIPolicyViolation`.
  /^[A-Za-z_.]{3,}$/.test(text) &&
  !/[A-Z]{2}[a-z]/.test(text);

const wordsOf = (code: string): string[] =>
  code
    .replaceAll(/([a-z])(?=[A-Z])/g, '$1_')
    .toLowerCase()
    .split(/[_.]/);

const spellings: readonly [(words: string[]) => string, ...((words: string[]) => string)[]] = [
  words => words.join('_'),
  words => words.join('_').toUpperCase(),
  words => words.join('-'),
  words => words.map(word => word.slice(0, 1).toUpperCase() + word.slice(1)).join(''),
];

const modelNames = [
  'acme/gpt-404:free',
  'quota-timeout-429',
  'overloaded/capacity-7b',
  'context-length-32k',
  'acme/insufficient-quota-503b',
  'invalid-api-key:401',
  'meta-llama/Llama-4.29-moderation-safety',
  'omni-moderation-latest',
  'daily-quota/per-day-1m',
] as const;
const modelName =
  /(?<=models\/|[\s`'"(=:])(?:[\w-]+\/)*(?:gpt|o1|llama|gemini|gemma|claude|grok|mistral|mixtral|deepseek|command|qwen|whisper|hermes|kimi|phi|sonar)-?[\d.v][\w./:-]*\w(?=[\s`'"),.:]|$)/gi;

const misleading = {
  previous_status: 404,
  last_status: 401,
  attempt: 429,
  docs: 'https://docs.example.com/errors/rate-limits#insufficient_quota',
  documentation_url: 'https://example.com/billing/invalid-api-key',
  hint: 'Check your API key, your quota and the context length',
  model: 'acme/quota-404',
  created: 1_777_636_800,
  retryable: true,
  limits: { requests: 0, tokens: 0, code: 'rate_limit_exceeded' },
  previous_error: { code: 'insufficient_quota', message: 'You exceeded your current quota' },
  warnings: [{ type: 'overloaded_error', message: 'Overloaded' }],
  support: { email: 'billing@example.com', status: 503 },
};

const mutations = {
  'ids of requests': ({ status, headers, body }, random) => {
    const id = pick(['req_404', 'gen-429-503', '401', 'cf-402-5m12s', '20260514-500'], random);
    const suffix = pick([` (request id: ${id})`, ` Request ID: ${id}.`, ` [ReqId: ${id}]`], random);
    return {
      status,
      headers: { ...headers, 'x-request-id': id, 'cf-ray': '503-FRA', 'request-id': `r-${id}` },
      body: changed(body, {
        object: object => ({ ...object, request_id: id, requestId: id, trace_id: `429${id}` }),
        text: (text, key) => (isSentence(text, key) ? text + suffix : text),
      }),
    };
  },
  amounts: ({ body, ...answer }, random) => {
    // All by the same factor: what exceeded a limit still does.
    const factor = pick([2, 3, 7, 10], random);
    const amount = /(?<![\w.,:/$-])\d{3,9}(?![\w.,:/%-]|\s*(?:ms|s|m|h|d|w)[a-z]*\b)/g;
    return {
      ...answer,
      body: changed(body, {
        text: (text, key) =>
          isSentence(text, key)
            ? text.replaceAll(amount, number => String(Number(number) * factor))
            : text,
      }),
    };
  },
  'names of models': ({ body, ...answer }, random) => {
    const name = pick(modelNames, random);
    return { ...answer, body: changed(body, { text: text => text.replaceAll(modelName, name) }) };
  },
  'spelling of codes': ({ body, ...answer }, random) => {
    const spell = pick(spellings, random);
    return {
      ...answer,
      body: changed(body, {
        text: (text, key) => (isCode(text, key) ? spell(wordsOf(text)) : text),
      }),
    };
  },
  'letters of sentences': ({ body, ...answer }, random) => {
    const spell = pick<(text: string) => string>(
      [
        text => text.toUpperCase(),
        text => text.toLowerCase(),
        text => text.replaceAll(/\b[a-z]/g, letter => letter.toUpperCase()),
      ],
      random,
    );
    return {
      ...answer,
      body: changed(body, {
        text: (text, key) =>
          isSentence(text, key) && !text.startsWith('litellm.') ? spell(text) : text,
      }),
    };
  },
  'letters of headers': ({ headers, ...answer }, random) => ({
    ...answer,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        Array.from(name, letter => (random() < 0.5 ? letter.toUpperCase() : letter)).join(''),
        value,
      ]),
    ),
  }),
  'order of keys': ({ body, ...answer }, random) => ({
    ...answer,
    body: changed(body, {
      object: object =>
        Object.fromEntries(
          Object.entries(object)
            .map(entry => [random(), entry] as const)
            .toSorted(([a], [b]) => a - b)
            .map(([, entry]) => entry),
        ),
    }),
  }),
  'an array around it': ({ body, ...answer }) => ({
    ...answer,
    body: Array.isArray(body) ? body : [body],
  }),
  'further fields': ({ body, ...answer }, random) => ({
    ...answer,
    body: changed(body, {
      object: object => ({
        ...Object.fromEntries(Object.entries(misleading).filter(() => random() < 0.4)),
        ...object,
      }),
    }),
  }),
} satisfies Record<string, Mutation>;
type MutationName = keyof typeof mutations;

// An answer with a JSON body, or a frame of a stream.
const subjects = [...cases, ...constructed].filter(
  ({ status, body }) => status !== null && typeof body === 'object',
);

/** The answer of a case; of a stream its error frame, which has no status. */
function answerOf({ status, headers, body, transport }: FailureCase): Answer {
  if (transport !== 'sse') return { status, headers, body };
  const frames = body as readonly { readonly type?: string; readonly error?: unknown }[];
  const frame = frames.find(each => each.type === 'error' || each.error !== undefined);
  return { status: null, headers: {}, body: { type: 'error', error: frame?.error } };
}

const toError = ({ status, headers, body }: Answer): unknown =>
  status === null
    ? Array.isArray(body)
      ? body[0]
      : body
    : apiCallError({
        statusCode: status,
        responseHeaders: headers,
        responseBody: JSON.stringify(body),
      });

const fields = ['kind', 'scope', 'action', 'permanent', 'shared', 'retryAfterMs'] as const;

/** The verdict on an answer, beside the one that its case deserves. */
function judge(
  failure: FailureCase,
  answer: Answer,
  compared: readonly (typeof fields)[number][] = fields,
): readonly [seen: object, deserved: object] {
  const { id, provider, expected } = failure;
  const verdict = classifyFailure(toError(answer), { provider, now: nowOf(failure) });
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
  it.each(Object.keys(mutations) as MutationName[])('%s', name => {
    for (const [index, failure] of subjects.entries()) {
      const answer = mutations[name](answerOf(failure), randomFrom(index));
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
        fc.shuffledSubarray(Object.keys(mutations) as MutationName[], { minLength: 2 }),
        fc.integer(),
        (failure, names, seed) => {
          const random = randomFrom(seed);
          let answer = answerOf(failure);
          for (const name of names) answer = mutations[name](answer, random);
          const [seen, deserved] = judge(failure, answer);
          expect(seen).toEqual(deserved);
        },
      ),
      { seed: 20_260_514, numRuns: 3000 },
    );
  });
});
