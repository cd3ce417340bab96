import { midnight } from '../limit/midnight.ts';
import type { FakeQuota } from '../limit/quota-state.ts';
import { anthropic } from './anthropic.ts';
import type { Protocol, RefusedRequest, WireAnswer } from './protocol.ts';
import {
  bearer,
  bodyModel,
  digest,
  fieldOf,
  json,
  lastRole,
  retryAfterSeconds,
  sseData,
  statusPhrase,
} from './wire.ts';

/**
 * OpenRouter chat completions. Errors: https://openrouter.ai/docs/api-reference/errors; limits:
 * https://openrouter.ai/docs/api-reference/limits. Healthy answers carry no quota headers.
 */
export const openrouter: Protocol = {
  basePath: '/api/v1',
  readSecret: headers => bearer(headers.authorization),
  readModel: (_path, body) => bodyModel(body),
  readStream: (_path, body) => fieldOf(body, 'stream') === true,
  readPrefill: (_path, body) => lastRole(body, 'messages') === 'assistant',
  healthyHeaders: () => ({}),

  // Free requests per day: 50, from 10 credits on 1,000 (limits page); they start over at 00:00 UTC.
  day: { end: midnight('UTC'), window: 'fixed', requests: 50 },

  // Bodies: Gitlawb/openclaude#936 (per day; per minute in its shape) and #1549 (high balance).
  usedUp(request, { quota, state }, retryAfterMs) {
    const message = `Rate limit exceeded: ${limitName(quota, state.limit)}`;
    if (retryAfterMs === null) return refuse(request, 429, message);
    const limits = {
      'X-RateLimit-Limit': String(state.limit),
      'X-RateLimit-Remaining': '0',
      'X-RateLimit-Reset': String(Math.round(request.now + retryAfterMs)),
    };
    return refuse(
      request,
      429,
      message,
      { headers: limits, provider_name: null },
      // The refusal of a day has the reset alone.
      quota === 'rpd' ? limits : { ...limits, 'Retry-After': retryAfterSeconds(retryAfterMs) },
    );
  },

  // No such body is public: in the words of the other limits.
  busy: (request, _limit, retryAfterMs) =>
    refuse(
      request,
      429,
      'Rate limit exceeded: concurrent-requests. ',
      undefined,
      retryAfterMs === null ? {} : { 'Retry-After': retryAfterSeconds(retryAfterMs) },
    ),

  // Body: OpenRouterTeam/docs, PaymentRequiredResponseErrorData.
  unpaid: () =>
    json(402, {
      error: {
        message: 'Insufficient credits. Add more using https://openrouter.ai/credits',
        code: 402,
      },
    }),

  // Body: errors page, 401 of a disabled key: leaked keys are turned off.
  leaked: () =>
    json(401, {
      error: {
        message: 'API key is disabled',
        code: 401,
        metadata: { error_type: 'authentication' },
      },
    }),

  // Bodies: what the API answers to a secret it does not know, and to none at all.
  invalidKey: ({ secret }) =>
    json(401, {
      error: {
        message: secret === undefined ? 'No auth credentials found' : 'User not found.',
        code: 401,
      },
    }),

  // Body: ShamanicArts/Flow.Launcher.Plugin.AI-Assistant#2 (the account's policy rules it out).
  noAccess: () =>
    json(404, {
      error: {
        message:
          'No endpoints found matching your data policy. Enable prompt training here: ' +
          'https://openrouter.ai/settings/privacy',
        code: 404,
      },
    }),

  // Body: errors page, 400 model_not_found.
  missingModel: request => refuse(request, 400, `${request.model} is not a valid model ID`),

  // Body: errors page, 503 (no provider meets the routing requirements).
  overloaded: () => json(503, { error: { message: 'No instances available', code: 503 } }),

  // Body: what the API answers beside `context_length_exceeded` of the errors page.
  contextLength: request =>
    refuse(
      request,
      400,
      `This endpoint's maximum context length is 131072 tokens. However, you requested about ` +
        `${131_072 + request.tokens} tokens (${request.tokens} of text input, 131072 in the ` +
        'output). Please reduce the length of either one, or use the "middle-out" transform to ' +
        'compress your prompt automatically.',
    ),

  // Body: errors page, "Moderation errors".
  contentFilter: request =>
    refuse(
      request,
      403,
      `${request.model} requires moderation on OpenAI. Your input was flagged for "violence". No ` +
        'credits were charged.',
      {
        reasons: ['violence'],
        flagged_input: '...',
        provider_name: 'OpenAI',
        model_slug: request.model,
      },
    ),

  // The refusal of the upstream, quoted: aj47/SpeakMCP#1037.
  noPrefill: request =>
    refuse(request, 400, 'Provider returned error', {
      raw: anthropic.noPrefill(request).body,
      provider_name: 'Anthropic',
    }),

  isOutput: event =>
    /"delta":\{[^}]*"(?:content|reasoning|reasoning_content)":"[^"]|"tool_calls":\[/.test(event),
  isEnd: event => event.startsWith('data: [DONE]'),

  // https://openrouter.ai/docs/api-reference/streaming
  keepAlive: () => ': OPENROUTER PROCESSING\n\n',

  // Event: errors page, "Mid-Stream Errors".
  errorEvent: (_path, { now, model }) =>
    sseData({
      id: 'gen-fake',
      object: 'chat.completion.chunk',
      created: Math.floor(now / 1000),
      model,
      provider: 'Together',
      error: {
        code: 502,
        message: 'Provider disconnected mid-stream',
        metadata: { error_type: 'provider_unavailable' },
      },
      choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
    }),

  // Body: OpenRouterTeam/ai-sdk-provider, src/chat/errors.test.ts (an error inside a 200).
  errorBody: () => ({
    error: { message: 'Internal Server Error', code: 500 },
    user_id: 'user_fake',
  }),

  failure(request, status) {
    if (status === 503) return openrouter.overloaded(request);
    if (status === 502) {
      // Body: errors page, provider_unavailable.
      return refuse(request, 502, 'Provider returned error', {
        error_type: 'provider_unavailable',
        provider_name: 'Together',
      });
    }
    return refuse(request, status, statusPhrase(status));
  },
};

/** What the message says after the colon. There are no quotas of tokens: in the same words. */
function limitName(quota: FakeQuota, limit: number): string {
  switch (quota) {
    case 'rpm':
      return 'free-models-per-min. ';
    case 'tpm':
      return 'tokens-per-min. ';
    case 'tpd':
      return 'tokens-per-day. ';
    case 'rpd':
      return limit >= 1_000
        ? 'free-models-per-day-high-balance. '
        : 'free-models-per-day. Add 10 credits to unlock 1000 free model requests per day';
  }
}

function refuse(
  { account }: RefusedRequest,
  code: number,
  message: string,
  metadata?: object,
  headers?: Record<string, string>,
): WireAnswer {
  const error = { message, code, ...(metadata && { metadata }) };
  return json(code, { error, user_id: `user_${digest(account, 24)}` }, headers);
}
