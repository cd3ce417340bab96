import type { Protocol, QuotaState, RefusedRequest, WireAnswer } from './protocol.ts';
import {
  bearer,
  bodyModel,
  digest,
  fieldOf,
  goDuration,
  json,
  retryAfterSeconds,
  sseData,
} from './wire.ts';

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

  healthyHeaders: (request, quota) => ({
    'openai-organization': organisation(request),
    ...(quota && quotaHeaders(quota)),
  }),

  // Responses always say that nothing went wrong; @ai-sdk/openai 1 insists on it.
  answerFields: path =>
    path.endsWith('/responses') ? { error: null, incomplete_details: null } : undefined,

  // Body: openai/openai-cookbook "How to handle rate limits"; the headers beside it are those of
  // the rate-limit guide.
  rateLimit(request, quota, retryAfterMs) {
    const { model } = request;
    const reached =
      `Rate limit reached for ${model} in organization ${organisation(request)} on requests per ` +
      `min (RPM): Limit ${quota.limit}, Used ${quota.limit}, Requested 1.`;
    const visit = 'Visit https://platform.openai.com/account/rate-limits to learn more.';
    if (retryAfterMs === null) {
      return refuse(429, `${reached} ${visit}`, 'requests', 'rate_limit_exceeded');
    }
    return refuse(
      429,
      `${reached} Please try again in ${goDuration(retryAfterMs)}. ${visit}`,
      'requests',
      'rate_limit_exceeded',
      {
        'openai-organization': organisation(request),
        'retry-after': retryAfterSeconds(retryAfterMs),
        'retry-after-ms': String(Math.round(retryAfterMs)),
        ...quotaHeaders(quota),
      },
    );
  },

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

  isOutput: event =>
    /"delta":\{"(?:content|reasoning_content)":"[^"]|"tool_calls":\[|"response\.(?:output_text|reasoning_summary_text|function_call_arguments)\.delta"/.test(
      event,
    ),

  // Events: vercel/ai, fixtures of packages/openai (responses), chat the error object alone.
  errorEvent(path) {
    const error = {
      message:
        'The server had an error while processing your request. Sorry about that! You can retry ' +
        'your request, or contact us through our help center at help.openai.com if the error ' +
        'persists.',
      type: 'server_error',
      param: null,
      code: 'server_error',
    };
    return path.endsWith('/responses')
      ? `event: error\n${sseData({ type: 'error', sequence_number: 99, error })}`
      : sseData({ error });
  },

  failure(request, status) {
    if (status === 503) return openai.overloaded(request);
    if (status >= 500) {
      // Body: error-codes guide, "500 - The server had an error while processing your request".
      return refuse(
        status,
        'The server had an error while processing your request. Sorry about that! You can retry ' +
          'your request, or contact us through our help center at help.openai.com if the error ' +
          'persists.',
        'server_error',
        null,
      );
    }
    return refuse(status, 'Your request could not be served.', 'invalid_request_error', null);
  },
};

function refuse(
  status: number,
  message: string,
  type: string,
  code: string | null,
  headers?: Record<string, string>,
): WireAnswer {
  return json(status, { error: { message, type, param: null, code } }, headers);
}

function quotaHeaders({ limit, remaining, resetMs }: QuotaState): Record<string, string> {
  return {
    'x-ratelimit-limit-requests': String(limit),
    'x-ratelimit-remaining-requests': String(remaining),
    'x-ratelimit-reset-requests': goDuration(resetMs),
  };
}

function organisation({ account }: RefusedRequest): string {
  return `org-${digest(account, 24)}`;
}

/** The first eight and last four characters, as OpenAI shows them; less of a short secret. */
function masked(secret: string): string {
  if (secret.length < 16) return `${secret.slice(0, 3)}${'*'.repeat(secret.length)}`;
  return `${secret.slice(0, 8)}${'*'.repeat(secret.length - 12)}${secret.slice(-4)}`;
}
