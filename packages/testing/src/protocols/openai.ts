import { lasting } from '../limit/fixed-window.ts';
import { tightest, type FakeQuota, type QuotaStates } from '../limit/quota-state.ts';
import { noPrefill } from './anthropic.ts';
import { isIssued, issue } from './issued.ts';
import type { Protocol, RefusedRequest, WireAnswer } from './protocol.ts';
import {
  bearer,
  bodyModel,
  digest,
  fieldOf,
  goDuration,
  json,
  lastRole,
  listOf,
  retryAfterSeconds,
  sseData,
} from './wire.ts';

/** The `type` of a refusal and the words of its message. */
const names: Readonly<Record<FakeQuota, readonly [string, string]>> = {
  rpm: ['requests', 'requests per min (RPM)'],
  tpm: ['tokens', 'tokens per min (TPM)'],
  rpd: ['requests', 'requests per day (RPD)'],
  tpd: ['tokens', 'tokens per day (TPD)'],
};

const visit = 'Visit https://platform.openai.com/account/rate-limits to learn more.';

/**
 * OpenAI, chat completions and responses. Error shape, types and codes:
 * https://platform.openai.com/docs/guides/error-codes; quota headers:
 * https://platform.openai.com/docs/guides/rate-limits.
 */
export const openai: Protocol = {
  basePath: '/v1',
  readSecret: headers => bearer(headers.authorization),
  readModel: (_path, body) => bodyModel(body),
  readStream: (_path, body) => fieldOf(body, 'stream') === true,
  readPrefill: (path, body) =>
    lastRole(body, isResponses(path) ? 'input' : 'messages') === 'assistant',

  // Quotas of a day are leaky buckets: with a limit of 10,000 the next request fits after 8.64 s
  // (MSU-AI-Agents/fall-2025-course#76).
  day: { end: lasting(86_400_000), window: 'token-bucket', requests: 10_000 },

  // Rate-limit guide, "Rate limits in headers". It does not say whether quotas of a minute or of a
  // day are meant: what has least left.
  healthyHeaders: (request, states) => ({
    'openai-organization': organisation(request),
    ...quotaHeaders(states),
  }),

  // Responses always say that nothing went wrong; @ai-sdk/openai 1 insists on it.
  answerFields: path => (isResponses(path) ? { error: null, incomplete_details: null } : undefined),

  // Items and encrypted reasoning belong to the account; without `store` nobody keeps the items.
  fromUpstream({ path, body, home }) {
    if (!isResponses(path)) return text => text;
    const keeper = fieldOf(body, 'store') === false ? 'nobody' : home;
    return text =>
      text
        .replaceAll(
          /("(?:item_)?id":")([a-z]+)-([\w-]+)"/g,
          (whole, name: string, kind: string, seed: string) =>
            itemKinds.has(kind) ? `${name}${kind}_${issue(keeper, seed)}"` : whole,
        )
        .replaceAll(
          /("encrypted_content":")([^"]+)"/g,
          (_, name: string, seed: string) => `${name}${encrypted}${issue(thoughtsOf(home), seed)}"`,
        );
  },

  // Only `item_reference` and reasoning are looked up; other items with an id come in full.
  foreign({ path, home }, body) {
    if (!isResponses(path)) return undefined;
    for (const item of listOf(body, 'input')) {
      const type = fieldOf(item, 'type');
      const id = fieldOf(item, 'id');
      const content = fieldOf(item, 'encrypted_content');
      if (type === 'reasoning' && typeof content === 'string') {
        if (!isEncryptedBy(home, content)) return unverified(content);
      } else if (type === 'item_reference' || type === 'reasoning') {
        if (typeof id === 'string' && !isKeptBy(home, id)) {
          return unknownItem(id, fieldOf(body, 'store') === false);
        }
      }
    }
    return undefined;
  },

  // Bodies: openai/openai-cookbook "How to handle rate limits" (RPM), rotemweiss57/gpt-newspaper#10
  // (TPM), MSU-AI-Agents/fall-2025-course#76 (RPD; TPD in the same words), DrShushen/climb#13 (too
  // large); the headers beside them are those of the rate-limit guide.
  usedUp(request, { quota, state, requested, states }, retryAfterMs) {
    const [type, unit] = names[quota];
    const { limit, remaining } = state;
    const where = `for ${request.model} in organization ${organisation(request)} on ${unit}`;
    const headers = {
      'openai-organization': organisation(request),
      ...quotaHeaders(states),
    };
    if (requested > limit) {
      return refuse(
        429,
        `Request too large ${where}: Limit ${limit}, Requested ${requested}. The input or output ` +
          `tokens must be reduced in order to run successfully. ${visit}`,
        type,
        'rate_limit_exceeded',
        headers,
      );
    }
    const reached =
      `Rate limit reached ${where}: Limit ${limit}, Used ${limit - remaining}, ` +
      `Requested ${requested}.`;
    return reachedLimit(reached, type, headers, retryAfterMs);
  },

  // No such body is public: in the words of the other limits.
  busy(request, limit, retryAfterMs) {
    const reached =
      `Rate limit reached for ${request.model} in organization ${organisation(request)} on ` +
      `concurrent requests: Limit ${limit}, Used ${limit}, Requested 1.`;
    const headers = { 'openai-organization': organisation(request) };
    return reachedLimit(reached, 'requests', headers, retryAfterMs);
  },

  // Body: vercel/ai, packages/openai/src/responses/__fixtures__/openai-error.1.json.
  unpaid: () =>
    refuse(
      429,
      'You exceeded your current quota, please check your plan and billing details. For more ' +
        'information on this error, read the docs: ' +
        'https://platform.openai.com/docs/guides/error-codes/api-errors.',
      'insufficient_quota',
      'insufficient_quota',
    ),

  // Leaked keys are deleted (https://help.openai.com/en/articles/5112595): no longer known.
  leaked: request => openai.invalidKey(request),

  // Bodies: error-codes guide, "401 - Incorrect API key provided".
  invalidKey({ secret }) {
    if (secret === undefined) {
      return refuse(
        401,
        "You didn't provide an API key. You need to provide your API key in an Authorization " +
          'header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY). You can obtain an API ' +
          'key from https://platform.openai.com/account/api-keys.',
        'invalid_request_error',
        null,
      );
    }
    return refuse(
      401,
      `Incorrect API key provided: ${masked(secret)}. You can find your API key at ` +
        'https://platform.openai.com/account/api-keys.',
      'invalid_request_error',
      'invalid_api_key',
    );
  },

  // Body: Aider-AI/aider#1903.
  noAccess: ({ account, model }) =>
    refuse(
      403,
      `Project \`proj_${digest(account, 24)}\` does not have access to model \`${model}\``,
      'invalid_request_error',
      'model_not_found',
    ),

  // Body: what retired models answer. (Ids that never were answer "does not exist or you do not
  // have access to it", which leaves open whether another key would help.)
  missingModel: ({ model }) =>
    refuse(
      404,
      `The model \`${model}\` has been deprecated, learn more here: ` +
        'https://platform.openai.com/docs/deprecations',
      'invalid_request_error',
      'model_not_found',
    ),

  // Body: error-codes guide, "503 - The engine is currently overloaded".
  overloaded: () =>
    refuse(
      503,
      'That model is currently overloaded with other requests. You can retry your request, or ' +
        'contact us through our help center at help.openai.com if the error persists.',
      'server_error',
      null,
    ),

  // Bodies: crewAIInc/crewAI-examples#121 (chat), what the API answers (responses).
  contextLength({ path, tokens }) {
    const length = 128_000 + tokens;
    return isResponses(path)
      ? refuseParameter(
          'Your input exceeds the context window of this model. Please adjust your input and try ' +
            'again.',
          'input',
          'context_length_exceeded',
        )
      : refuseParameter(
          `This model's maximum context length is 128000 tokens. However, your messages resulted ` +
            `in ${length} tokens. Please reduce the length of the messages.`,
          'messages',
          'context_length_exceeded',
        );
  },

  // Body: BerriAI/litellm, "violating our usage policy".
  contentFilter: () =>
    refuseParameter(
      'Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please ' +
        'try again with a different prompt: ' +
        'https://platform.openai.com/docs/guides/reasoning#advice-on-prompting',
      null,
      'invalid_prompt',
    ),

  // OpenAI's own models go on. Body: other models behind its protocol, caozhiyuan/copilot-api#251.
  noPrefill: () => json(400, { error: { message: noPrefill, code: 'invalid_request_body' } }),

  isOutput: event =>
    /"delta":\{"(?:content|reasoning_content)":"[^"]|"tool_calls":\[|"response\.(?:output_text|reasoning_summary_text|function_call_arguments)\.delta"/.test(
      event,
    ),
  isEnd: event => event.startsWith('data: [DONE]') || event.includes('"response.completed"'),

  // Event: openai/openai-node#1964 (responses). Chat has none: a comment, as servers in front of
  // it send.
  keepAlive: path =>
    isResponses(path)
      ? `event: keepalive\n${sseData({ type: 'keepalive', sequence_number: 99 })}`
      : ': keep-alive\n\n',

  // Events: vercel/ai, fixtures of packages/openai (responses), chat the error object alone.
  errorEvent(path) {
    const error = { ...internalError, code: 'server_error' };
    return isResponses(path)
      ? `event: error\n${sseData({ type: 'error', sequence_number: 99, error })}`
      : sseData({ error });
  },

  // https://platform.openai.com/docs/api-reference/responses/object: a response that failed.
  errorBody(path, { now, model }) {
    if (!isResponses(path)) return { error: internalError };
    return {
      id: 'resp_fake',
      object: 'response',
      created_at: Math.floor(now / 1000),
      model,
      status: 'failed',
      error: { code: 'server_error', message: internalError.message },
      incomplete_details: null,
      output: [],
      usage: null,
    };
  },

  failure(request, status) {
    if (status === 503) return openai.overloaded(request);
    if (status >= 500) {
      return refuse(status, internalError.message, internalError.type, null);
    }
    return refuse(status, 'Your request could not be served.', 'invalid_request_error', null);
  },
};

/** Body: error-codes guide, "500 - The server had an error while processing your request". */
const internalError = {
  message:
    'The server had an error while processing your request. Sorry about that! You can retry your ' +
    'request, or contact us through our help center at help.openai.com if the error persists.',
  type: 'server_error',
  param: null,
  code: null,
};

/** Items of a response that can be referred to. */
const itemKinds: ReadonlySet<string> = new Set(['msg', 'rs', 'fc', 'ws']);

/** How encrypted reasoning begins. */
const encrypted = 'gAAAAAB';

function isKeptBy(home: string, id: string): boolean {
  return isIssued(home, id.slice(id.indexOf('_') + 1));
}

function isEncryptedBy(home: string, content: string): boolean {
  return (
    content.startsWith(encrypted) && isIssued(thoughtsOf(home), content.slice(encrypted.length))
  );
}

const thoughtsOf = (home: string): string => `thoughts of ${home}`;

/** Body: can1357/oh-my-pi#41 (status), router-for-me/CLIProxyAPI#2381; vercel/ai#9119 (short). */
function unknownItem(id: string, isStateless: boolean): WireAnswer {
  const message =
    `Item with id '${id}' not found.` +
    (isStateless
      ? ' Items are not persisted when `store` is set to false. Try again with `store` set to ' +
        'true, or remove this item from your input.'
      : '');
  return json(404, {
    error: { message, type: 'invalid_request_error', param: 'input', code: null },
  });
}

/** Body: openai/codex#8145; reasons: BerriAI/litellm, Wei-Shaw/sub2api#2863. */
function unverified(content: string): WireAnswer {
  const reason = content.startsWith(encrypted)
    ? 'Encrypted content organization_id did not match the target organization.'
    : 'Encrypted content could not be decrypted or parsed.';
  return refuseParameter(
    `The encrypted content ${content.slice(0, 4)}...${content.slice(-4)} could not be verified. ` +
      `Reason: ${reason}`,
    null,
    'invalid_encrypted_content',
  );
}

function isResponses(path: string): boolean {
  return path.endsWith('/responses');
}

function refuseParameter(message: string, param: string | null, code: string): WireAnswer {
  return json(400, { error: { message, type: 'invalid_request_error', param, code } });
}

function refuse(
  status: number,
  message: string,
  type: string,
  code: string | null,
  headers?: Record<string, string>,
): WireAnswer {
  return json(status, { error: { message, type, param: null, code } }, headers);
}

function reachedLimit(
  reached: string,
  type: string,
  headers: Record<string, string>,
  retryAfterMs: number | null,
): WireAnswer {
  if (retryAfterMs === null) return refuse(429, `${reached} ${visit}`, type, 'rate_limit_exceeded');
  return refuse(
    429,
    `${reached} Please try again in ${goDuration(retryAfterMs)}. ${visit}`,
    type,
    'rate_limit_exceeded',
    {
      ...headers,
      'retry-after': retryAfterSeconds(retryAfterMs),
      'retry-after-ms': String(Math.round(retryAfterMs)),
    },
  );
}

function quotaHeaders(states: QuotaStates): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const unit of ['requests', 'tokens'] as const) {
    const state = tightest(states, unit);
    if (!state) continue;
    headers[`x-ratelimit-limit-${unit}`] = String(state.limit);
    headers[`x-ratelimit-remaining-${unit}`] = String(state.remaining);
    headers[`x-ratelimit-reset-${unit}`] = goDuration(state.resetMs);
  }
  return headers;
}

function organisation({ account }: RefusedRequest): string {
  return `org-${digest(account, 24)}`;
}

/** The first eight and last four characters, as OpenAI shows them; less of a short secret. */
function masked(secret: string): string {
  if (secret.length < 16) return `${secret.slice(0, 3)}${'*'.repeat(secret.length)}`;
  return `${secret.slice(0, 8)}${'*'.repeat(secret.length - 12)}${secret.slice(-4)}`;
}
