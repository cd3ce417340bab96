import { describe, expect, it } from 'vitest';
import { http, noon as now } from './__fixtures__/cases.ts';
import { classifyFailure } from './classify-failure.ts';

const oa = (
  message: string,
  type: string | null = null,
  code: string | null = null,
  param: string | null = null,
): unknown => ({ error: { message, type, param, code } });

/** `kind scope action`, the pause in ms, `P` for permanent, `A` for counted per account. */
function brief(error: unknown, provider: string): string {
  const verdict = classifyFailure(error, { provider, now });
  const { kind, scope, action, retryAfterMs, permanent, sharedBy } = verdict;
  const wait = retryAfterMs === null ? [] : [retryAfterMs];
  return [
    kind,
    scope,
    action,
    ...wait,
    ...(permanent ? ['P'] : []),
    ...(sharedBy ? ['A'] : []),
  ].join(' ');
}

const message = (text: string): unknown => ({ error: { message: text } });

// What a caller sent must never close a key, an account, a model or a provider.
const callersFaults: readonly (readonly [status: number, message: string])[] = [
  [400, 'messages.1.content.0: Invalid `signature` in `thinking` block'],
  [400, 'Function call is missing a thought_signature in functionCall parts'],
  [400, 'The user message was blocked by a content policy'],
  [403, 'The prompt of this workspace was blocked by a guardrail'],
  [400, 'Blocked: the input holds a credit card number'],
  [400, 'Thinking budget exceeded'],
  [400, 'tools.0.user_location is not supported'],
  [400, 'The image URL is inaccessible'],
  [400, 'Model output named the tool get_weather, which was not found'],
  [400, 'The model cannot use the file, it was not found'],
  [400, 'Invalid token count in logit_bias: special token not found'],
  [400, 'Your request mentions an account which is out of scope'],
  [400, 'messages: roles must alternate'],
  [422, 'temperature must be at most 2'],
  [413, 'Request Entity Too Large'],
];

describe('a mistake of the caller', () => {
  it.each(callersFaults)('%i %s', (status, text) => {
    for (const provider of ['openai', 'anthropic', 'google', 'mistral', 'openai-compatible', '']) {
      const verdict = classifyFailure(http(status, message(text)), { provider, now });
      expect(verdict.scope).toBe('request');
    }
  });
});

// Answers that were not observed, in the dialects of their providers.
const answers: readonly (readonly [provider: string, error: unknown, expected: string])[] = [
  [
    'openai',
    http(429, [
      {
        error: {
          code: 429,
          message: 'You exceeded your current quota, please check your plan and billing details.',
          status: 'RESOURCE_EXHAUSTED',
          details: [{ retryDelay: '26s' }],
        },
      },
    ]),
    'rate-limit key-model next-key 26000 A',
  ],
  [
    'anthropic',
    http(403, {
      type: 'error',
      error: {
        type: 'permission_error',
        message: 'Your organization does not have access to claude-x.',
      },
    }),
    'permission key-model next-key P',
  ],
  [
    'openrouter',
    http(403, { error: { message: 'This model is not available in your country.', code: 403 } }),
    'blocked model next-model P',
  ],
  [
    'anthropic',
    http(400, {
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: '`max_tokens` must be greater than `thinking.budget_tokens`.',
      },
    }),
    'bad-request request fail P',
  ],
  [
    'amazon-bedrock',
    http(
      400,
      {
        message:
          'Access to Anthropic models is not allowed from unsupported countries, regions, or territories.',
      },
      { 'x-amzn-errortype': 'ValidationException' },
    ),
    'blocked provider next-provider P',
  ],
  [
    'openai',
    Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL' }),
    'unknown request next-model',
  ],
  [
    'mistral',
    http(404, { message: 'no Route matched with those values' }),
    'bad-response provider next-provider P',
  ],
  [
    'openai',
    http(
      400,
      oa(
        'Billing hard limit has been reached',
        'invalid_request_error',
        'billing_hard_limit_reached',
      ),
    ),
    'billing account next-key P',
  ],
  [
    'openai',
    http(
      429,
      oa(
        'You exceeded your current quota, please check your plan and billing details.',
        'insufficient_quota',
        null,
      ),
    ),
    'billing account next-key P',
  ],
  [
    'openai',
    http(
      401,
      oa('You must be a member of an organization to use the API.', 'invalid_request_error', null),
    ),
    'auth key next-key P',
  ],
  [
    'openai',
    http(
      401,
      oa(
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth",
        'invalid_request_error',
        null,
      ),
    ),
    'auth key next-key P',
  ],
  [
    'openai',
    http(
      401,
      oa('Your IP 1.2.3.4 is not authorized', 'invalid_request_error', 'ip_not_authorized'),
    ),
    'permission key next-key P',
  ],
  [
    'openai',
    http(
      404,
      oa(
        'The model `gpt-5-foo` does not exist or you do not have access to it.',
        'invalid_request_error',
        'model_not_found',
      ),
    ),
    'permission key-model next-key P',
  ],
  [
    'openai',
    http(
      404,
      oa('The model `gpt-nope` does not exist', 'invalid_request_error', 'model_not_found'),
    ),
    'model-not-found model next-model P',
  ],
  [
    'openai',
    http(
      404,
      oa(
        'This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?',
        'invalid_request_error',
        null,
        'model',
      ),
    ),
    'unsupported request next-model P',
  ],
  [
    'openai',
    http(
      404,
      oa(
        'This model is only supported in v1/responses and not in v1/chat/completions.',
        'invalid_request_error',
        null,
        'model',
      ),
    ),
    'unsupported request next-model P',
  ],
  [
    'openai',
    http(404, oa('Invalid URL (POST /v1/chat/completion)', 'invalid_request_error', null)),
    'bad-response provider next-provider P',
  ],
  [
    'openai',
    http(
      400,
      oa(
        "Invalid 'user': string too long. Expected a string with maximum length 64, but got a string with length 100 instead.",
        'invalid_request_error',
        'string_above_max_length',
        'user',
      ),
    ),
    'bad-request request fail P',
  ],
  [
    'openai',
    http(
      400,
      oa(
        "Invalid schema for function 'get_weather': In context=('properties', 'x'), 'additionalProperties' is required to be supplied and to be false.",
        'invalid_request_error',
        'invalid_function_parameters',
      ),
    ),
    'bad-request request fail P',
  ],
  [
    'openai',
    http(400, oa("Unknown parameter: 'foo'.", 'invalid_request_error', 'unknown_parameter', 'foo')),
    'unsupported request next-model P',
  ],
  [
    'openai',
    http(
      400,
      oa('Unrecognized request argument supplied: functions', 'invalid_request_error', null),
    ),
    'unsupported request next-model P',
  ],
  [
    'openai',
    http(
      400,
      oa(
        'Invalid content type. image_url is only supported by certain models.',
        'invalid_request_error',
        null,
      ),
    ),
    'unsupported request next-model P',
  ],
  [
    'openai',
    http(
      400,
      oa(
        'max_tokens is too large: 50000. This model supports at most 16384 completion tokens, whereas you provided 50000.',
        'invalid_request_error',
        null,
        'max_tokens',
      ),
    ),
    'unsupported request next-model P',
  ],
  [
    'openai',
    http(
      400,
      oa(
        "Previous response with id 'resp_123' not found.",
        'invalid_request_error',
        'previous_response_not_found',
        'previous_response_id',
      ),
    ),
    'bad-request request fail P',
  ],
  [
    'openai',
    http(
      404,
      oa(
        "Item with id 'rs_123' not found. Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.",
        'invalid_request_error',
        null,
        'input',
      ),
    ),
    'bad-request request fail P',
  ],
  [
    'openai',
    http(
      400,
      oa(
        'No tool output found for function call call_123.',
        'invalid_request_error',
        null,
        'input',
      ),
    ),
    'bad-request request fail P',
  ],
  [
    'openai',
    http(
      400,
      oa(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: call_1",
        'invalid_request_error',
        null,
        'messages',
      ),
    ),
    'bad-request request fail P',
  ],
  [
    'openai',
    http(
      400,
      oa(
        "Missing required parameter: 'messages'.",
        'invalid_request_error',
        'missing_required_parameter',
        'messages',
      ),
    ),
    'bad-request request fail P',
  ],
  [
    'openai',
    http(
      429,
      oa(
        'Rate limit reached for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Used 30000, Requested 1500. Please try again in 3s. You can increase your rate limit by adding a payment method to your account at https://platform.openai.com/account/billing.',
        'tokens',
        'rate_limit_exceeded',
      ),
    ),
    'rate-limit key-model next-key 3000 A',
  ],
  [
    'openai',
    http(
      429,
      oa(
        'Request too large for gpt-4 (organization: org-x) on tokens per min (TPM): Limit 10000, Requested 12000. Please try again in 50s.',
        'tokens',
        'rate_limit_exceeded',
      ),
    ),
    'too-large request next-model P',
  ],
  [
    'openai',
    http(
      429,
      oa(
        'Rate limit reached for gpt-4 in organization org-x on tokens per min (TPM): Limit 10000, Used 100, Requested 10500. Please try again in 6m12s.',
        'tokens',
        'rate_limit_exceeded',
      ),
    ),
    'too-large request next-model P',
  ],
  [
    'openai',
    http(
      429,
      oa(
        'Rate limit reached for o1 in organization org-x on requests per day (RPD): Limit 100, Used 100, Requested 1. Please try again in 14m24s.',
        'requests',
        'rate_limit_exceeded',
      ),
    ),
    'rate-limit key-model next-key 864000 A',
  ],
  [
    'openai',
    http(
      429,
      oa(
        'Rate limit reached for gpt-4 in organization org-x on tokens per min. Limit: 10000 / min. Please try again in 114h18m0s.',
        'tokens',
        'rate_limit_exceeded',
      ),
    ),
    'rate-limit key-model next-key 411480000 A',
  ],
  [
    'openai',
    http(
      503,
      oa('The engine is currently overloaded, please try again later', 'server_error', null),
      { 'retry-after': '20' },
    ),
    'overloaded model next-model 20000',
  ],
  [
    'openai',
    http(429, oa('The engine is currently overloaded, please try again later', 'requests', null)),
    'overloaded model next-model',
  ],
  [
    'openai',
    http(403, '<html><head><title>403 Forbidden</title></head></html>', {
      'content-type': 'text/html',
    }),
    'blocked provider next-provider',
  ],
  [
    'openai',
    http(
      400,
      oa(
        'Your input image may contain content that is not allowed by our safety system.',
        'user_error',
        'content_policy_violation',
      ),
    ),
    'content-filter request next-model P',
  ],
  [
    'openai',
    { code: 'server_error', message: 'The server had an error processing your request' },
    'server-error provider same-key',
  ],
  [
    'openai',
    {
      code: 'rate_limit_exceeded',
      message:
        'Rate limit reached for gpt-4o in organization org on tokens per min (TPM): Limit 1, Used 1, Requested 1. Please try again in 5s.',
    },
    'rate-limit key-model next-key 5000 A',
  ],
  [
    'openai',
    {
      type: 'response.failed',
      response: {
        id: 'x',
        error: {
          code: 'context_length_exceeded',
          message: 'Your input exceeds the context window of this model.',
        },
      },
    },
    'context-length request next-model P',
  ],
  [
    'openai',
    http(
      400,
      oa(
        'Your input exceeds the context window of this model. Please adjust your input and try again.',
        'invalid_request_error',
        'context_length_exceeded',
        'input',
      ),
    ),
    'context-length request next-model P',
  ],
  ['openai', http(404, ''), 'model-not-found model next-model P'],
  [
    'anthropic',
    http(400, {
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message:
          'You have reached your specified API usage limits. You will regain access on 2026-06-01 at 00:00 UTC.',
      },
    }),
    'quota account next-key 1512000000',
  ],
  [
    'anthropic',
    http(
      429,
      {
        type: 'error',
        error: {
          type: 'rate_limit_error',
          message:
            'Number of request tokens has exceeded your per-minute rate limit (https://docs.anthropic.com/en/api/rate-limits)',
        },
      },
      { 'retry-after': '12', 'anthropic-ratelimit-tokens-reset': '2026-05-14T12:00:12Z' },
    ),
    'rate-limit key-model next-key 12000 A',
  ],
  [
    'anthropic',
    http(
      429,
      {
        type: 'error',
        error: {
          type: 'rate_limit_error',
          message:
            "This request would exceed your organization's rate limit of 50 requests per minute",
        },
      },
      {
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': '2026-05-14T12:00:45Z',
      },
    ),
    'rate-limit key-model next-key 45000 A',
  ],
  [
    'anthropic',
    http(403, { type: 'error', error: { type: 'forbidden', message: 'Request not allowed' } }),
    'blocked provider next-provider P',
  ],
  [
    'anthropic',
    http(400, {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'This organization has been disabled.' },
    }),
    'auth account next-key P',
  ],
  [
    'anthropic',
    http(401, {
      type: 'error',
      error: {
        type: 'authentication_error',
        message:
          'OAuth token has expired. Please obtain a new token or refresh your existing token.',
      },
    }),
    'auth key next-key',
  ],
  [
    'anthropic',
    http(400, {
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message:
          'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length or `max_tokens` and try again',
      },
    }),
    'context-length request next-model P',
  ],
  [
    'anthropic',
    http(400, {
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message:
          'max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens for claude-3-5-sonnet',
      },
    }),
    'unsupported request next-model P',
  ],
  [
    'anthropic',
    http(400, {
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: 'messages: text content blocks must be non-empty',
      },
    }),
    'bad-request request fail P',
  ],
  [
    'anthropic',
    http(400, {
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: "'claude-3-haiku' does not support thinking.",
      },
    }),
    'unsupported request next-model P',
  ],
  [
    'anthropic',
    http(
      413,
      '<html><head><title>413 Payload Too Large</title></head><body>cloudflare</body></html>',
      { 'content-type': 'text/html' },
    ),
    'too-large request next-model P',
  ],
  [
    'anthropic',
    http(504, { type: 'error', error: { type: 'timeout_error', message: 'Request timed out' } }),
    'timeout model next-model',
  ],
  [
    'anthropic',
    { type: 'rate_limit_error', message: 'Rate limited' },
    'rate-limit key-model next-key A',
  ],
  [
    'anthropic',
    Object.assign(http(500, { type: 'rate_limit_error', message: 'x would exceed' }), {
      responseHeaders: { 'content-type': 'text/event-stream' },
    }),
    'rate-limit key-model next-key A',
  ],
  [
    'anthropic',
    Object.assign(http(500, { type: 'invalid_request_error', message: 'messages: bad' }), {
      responseHeaders: { 'content-type': 'text/event-stream' },
    }),
    'bad-request request fail P',
  ],
  [
    'google',
    http(429, {
      error: {
        code: 429,
        message: 'You exceeded your current quota, please check your plan and billing details.',
        status: 'RESOURCE_EXHAUSTED',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
            violations: [
              { quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier', quotaValue: '15' },
              { quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier', quotaValue: '200' },
            ],
          },
          { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '12s' },
        ],
      },
    }),
    'quota key-model next-key 68400000 A',
  ],
  [
    'google',
    http(400, {
      error: {
        code: 400,
        message:
          'Gemini API free tier is not available in your country. Please enable billing on your project in Google AI Studio.',
        status: 'FAILED_PRECONDITION',
      },
    }),
    'billing account next-key P',
  ],
  [
    'google',
    http(400, {
      error: {
        code: 400,
        message: 'API Key not found. Please pass a valid API key.',
        status: 'INVALID_ARGUMENT',
        details: [{ reason: 'API_KEY_INVALID' }],
      },
    }),
    'auth key next-key P',
  ],
  [
    'google',
    http(403, {
      error: {
        code: 403,
        message: "Permission denied: Consumer 'api_key:AIza' has been suspended.",
        status: 'PERMISSION_DENIED',
        details: [{ reason: 'CONSUMER_SUSPENDED' }],
      },
    }),
    'auth account next-key P',
  ],
  [
    'google',
    http(403, {
      error: {
        code: 403,
        message: 'Requests from referer <empty> are blocked.',
        status: 'PERMISSION_DENIED',
        details: [{ reason: 'API_KEY_HTTP_REFERRER_BLOCKED' }],
      },
    }),
    'permission key next-key P',
  ],
  [
    'google',
    http(504, {
      error: {
        code: 504,
        message: 'Deadline expired before operation could complete.',
        status: 'DEADLINE_EXCEEDED',
      },
    }),
    'timeout model next-model',
  ],
  [
    'google',
    http(400, {
      error: {
        code: 400,
        message: 'Function calling is not enabled for models/gemma-3-27b-it',
        status: 'INVALID_ARGUMENT',
      },
    }),
    'unsupported request next-model P',
  ],
  [
    'google',
    http(400, {
      error: {
        code: 400,
        message: 'Invalid JSON payload received. Unknown name "foo": Cannot find field.',
        status: 'INVALID_ARGUMENT',
      },
    }),
    'unsupported request next-model P',
  ],
  [
    'google',
    http(400, {
      error: {
        code: 400,
        message: 'The request payload size exceeds the limit: 20971520 bytes.',
        status: 'INVALID_ARGUMENT',
      },
    }),
    'too-large request next-model P',
  ],
  [
    'google',
    http(400, {
      error: {
        code: 400,
        message:
          'Please ensure that function call turn comes immediately after a user turn or after a function response turn.',
        status: 'INVALID_ARGUMENT',
      },
    }),
    'bad-request request fail P',
  ],
  [
    'google',
    http(429, {
      error: {
        code: 429,
        message:
          "Quota exceeded for quota metric 'Generate Content API requests per minute' and limit 'GenerateContent request limit per minute for a region' of service",
        status: 'RESOURCE_EXHAUSTED',
      },
    }),
    'rate-limit key-model next-key A',
  ],
  // A prompt that ends with the model's words: another model goes on with it.
  [
    'google',
    http(400, {
      error: {
        code: 400,
        message:
          'Please ensure that multiturn requests ends with a user role or a function response.',
        status: 'INVALID_ARGUMENT',
      },
    }),
    'unsupported request next-model P',
  ],
  [
    'anthropic',
    http(400, {
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message:
          'This model does not support assistant message prefill. The conversation must end with a user message.',
      },
    }),
    'unsupported request next-model P',
  ],
  // A filtered prompt has no candidates, which older packages take for an invalid answer.
  [
    'google',
    http(200, {
      promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
      usageMetadata: { promptTokenCount: 4, totalTokenCount: 4 },
    }),
    'content-filter request next-model P',
  ],
  [
    'google-vertex',
    http(429, {
      error: {
        code: 429,
        message:
          'Resource exhausted. Please try again later. Please refer to https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 for more details.',
        status: 'RESOURCE_EXHAUSTED',
      },
    }),
    'overloaded model next-model',
  ],
  [
    'google-vertex',
    http(403, {
      error: {
        code: 403,
        message:
          "Permission 'aiplatform.endpoints.predict' denied on resource '//aiplatform.googleapis.com/projects/x' (or it may not exist).",
        status: 'PERMISSION_DENIED',
        details: [{ reason: 'IAM_PERMISSION_DENIED' }],
      },
    }),
    'permission key next-key P',
  ],
  [
    'google-vertex',
    http(403, {
      error: {
        code: 403,
        message: 'Vertex AI API has not been used in project 1 before or it is disabled.',
        status: 'PERMISSION_DENIED',
        details: [{ reason: 'SERVICE_DISABLED' }],
      },
    }),
    'permission account next-key P',
  ],
  [
    'openrouter',
    http(429, {
      error: { message: 'Rate limit exceeded: free-models-per-day-high-balance. ', code: 429 },
    }),
    'quota account next-key 43200000',
  ],
  [
    'openrouter',
    http(429, {
      error: {
        message: 'Rate limit exceeded',
        code: 429,
        metadata: {
          headers: {
            'X-RateLimit-Limit': '20',
            'X-RateLimit-Remaining': '0',
            'X-RateLimit-Reset': String(now + 30000),
          },
        },
      },
    }),
    'rate-limit account next-key 30000',
  ],
  [
    'openrouter',
    http(
      429,
      {
        error: {
          message: 'Provider returned error',
          code: 429,
          metadata: { limit_source: 'upstream_provider_shared_pool' },
        },
      },
      { 'retry-after': '9' },
    ),
    'overloaded model next-model 9000',
  ],
  [
    'openrouter',
    http(403, {
      error: {
        message:
          'Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys',
        code: 403,
      },
    }),
    'billing key next-key P',
  ],
  [
    'openrouter',
    http(404, {
      error: {
        message:
          'No endpoints found that support tool use. To learn more about provider routing, visit: x',
        code: 404,
      },
    }),
    'unsupported request next-model P',
  ],
  [
    'openrouter',
    http(404, { error: { message: 'No endpoints found that support image input', code: 404 } }),
    'unsupported request next-model P',
  ],
  [
    'openrouter',
    http(403, {
      error: {
        message: 'This model is not available in your region.',
        code: 403,
        metadata: { error_type: 'region_restricted' },
      },
    }),
    'blocked model next-model P',
  ],
  [
    'openrouter',
    http(403, {
      error: {
        message: 'Key budget exceeded',
        code: 403,
        metadata: {
          limit_source: 'openrouter_key_budget',
          scope: 'key',
          resets_at: '2026-05-15T00:00:00Z',
        },
      },
    }),
    'quota key next-key 43200000',
  ],
  [
    'openrouter',
    http(400, {
      error: {
        message: 'Provider returned error',
        code: 400,
        metadata: {
          raw: '{"error":{"message":"This model\'s maximum context length is 8192 tokens."}}',
          provider_name: 'X',
        },
      },
    }),
    'context-length request next-model P',
  ],
  [
    'openrouter',
    http(401, { error: { message: 'User not found.', code: 401 } }),
    'auth key next-key P',
  ],
  [
    'openrouter',
    http(402, {
      error: {
        message:
          'Insufficient credits. This account never purchased credits. Make sure your key is on the correct account or org, and if so, purchase more at https://openrouter.ai/settings/credits',
        code: 402,
      },
    }),
    'billing account next-key P',
  ],
  [
    'azure',
    http(404, { error: { code: '404', message: 'Resource not found' } }),
    'permission key-model next-key P',
  ],
  [
    'azure',
    http(400, {
      error: {
        code: 'content_filter',
        message: 'The response was filtered',
        innererror: { code: 'ResponsibleAIPolicyViolation' },
      },
    }),
    'content-filter request next-model P',
  ],
  [
    'azure',
    http(
      429,
      {
        error: {
          code: 'RateLimitReached',
          message: 'Your requests have exceeded call rate limit. Please retry after 6 seconds.',
        },
      },
      { 'x-ms-retry-after-ms': '5500', 'retry-after': '6' },
    ),
    'rate-limit key-model next-key 5500 A',
  ],
  [
    'azure',
    http(429, {
      error: { code: 'insufficient_quota', message: 'You exceeded your current quota' },
    }),
    'billing account next-key P',
  ],
  [
    'groq',
    http(
      400,
      oa(
        'Organization has been restricted. Please reach out to support if you believe this was in error.',
        'invalid_request_error',
        'organization_restricted',
      ),
    ),
    'auth account next-key P',
  ],
  [
    'groq',
    http(403, { error: { message: 'Access denied. Please check your network settings.' } }),
    'blocked provider next-provider P',
  ],
  [
    'groq',
    http(
      400,
      oa(
        'The model `mixtral-8x7b-32768` has been decommissioned and is no longer supported.',
        'invalid_request_error',
        'model_decommissioned',
      ),
    ),
    'model-not-found model next-model P',
  ],
  [
    'groq',
    http(
      400,
      oa(
        "Failed to generate JSON. Please adjust your prompt. See 'failed_generation' for more details.",
        'invalid_request_error',
        'json_validate_failed',
      ),
    ),
    'server-error model same-key',
  ],
  [
    'groq',
    http(
      400,
      oa(
        '`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model',
        'invalid_request_error',
        null,
        'max_tokens',
      ),
    ),
    'unsupported request next-model P',
  ],
  [
    'groq',
    http(
      400,
      oa(
        'Please reduce the length of the messages or completion.',
        'invalid_request_error',
        'context_length_exceeded',
      ),
    ),
    'context-length request next-model P',
  ],
  ['mistral', http(401, { message: 'Unauthorized', request_id: '404abc' }), 'auth key next-key P'],
  [
    'mistral',
    http(429, { message: 'Requests rate limit exceeded' }),
    'rate-limit key-model next-key A',
  ],
  [
    'mistral',
    http(429, {
      object: 'error',
      message: 'Service tier capacity exceeded for this model.',
      type: 'service_tier_capacity_exceeded',
      param: null,
      code: '3505',
    }),
    'overloaded model next-model',
  ],
  [
    'mistral',
    http(400, {
      object: 'error',
      message:
        'Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant',
      type: 'invalid_request_message_order',
      param: null,
      code: '3230',
    }),
    'bad-request request fail P',
  ],
  [
    'xai',
    http(403, {
      code: 'The caller does not have permission to execute the specified operation',
      error:
        'Your team has either used all available credits or reached its monthly spending limit.',
    }),
    'billing account next-key P',
  ],
  [
    'xai',
    http(
      429,
      '"Your team abc has used all available credits or reached its monthly spending limit."',
    ),
    'billing account next-key P',
  ],
  [
    'xai',
    http(400, {
      code: 'Client specified an invalid argument',
      error: 'Argument not supported on this model: presencePenalty',
    }),
    'unsupported request next-model P',
  ],
  [
    'amazon-bedrock',
    http(
      429,
      { message: 'Too many requests, please wait before trying again.' },
      { 'x-amzn-errortype': 'ThrottlingException' },
    ),
    'rate-limit key-model next-key A',
  ],
  [
    'amazon-bedrock',
    http(
      403,
      { message: 'The security token included in the request is expired' },
      { 'x-amzn-errortype': 'ExpiredTokenException' },
    ),
    'auth key next-key',
  ],
  [
    'amazon-bedrock',
    http(
      403,
      {
        message:
          'User: arn:aws:iam::1:user/x is not authorized to perform: bedrock:InvokeModel on resource: arn',
      },
      { 'x-amzn-errortype': 'AccessDeniedException' },
    ),
    'permission key next-key P',
  ],
  [
    'amazon-bedrock',
    http(
      400,
      { message: 'The provided model identifier is invalid.' },
      { 'x-amzn-errortype': 'ValidationException' },
    ),
    'model-not-found model next-model P',
  ],
  [
    'amazon-bedrock',
    http(
      403,
      { message: 'The request signature we calculated does not match the signature you provided.' },
      { 'x-amzn-errortype': 'InvalidSignatureException' },
    ),
    'auth key next-key P',
  ],
  [
    'amazon-bedrock',
    http(
      403,
      { Message: "You don't have access to the model with the specified model ID." },
      { 'x-amzn-errortype': 'AccessDeniedException' },
    ),
    'permission key-model next-key P A',
  ],
  [
    'amazon-bedrock',
    http(
      500,
      {
        message:
          'The system encountered an unexpected error during processing. Try your request again.',
      },
      { 'x-amzn-errortype': 'InternalServerException' },
    ),
    'server-error provider same-key',
  ],
  [
    'amazon-bedrock',
    { message: 'Too many requests, please wait before trying again.' },
    'rate-limit key-model next-key A',
  ],
  [
    'cohere',
    http(429, {
      message: 'You are past the per minute request limit, please wait and try again later.',
    }),
    'rate-limit key-model next-key A',
  ],
  [
    'togetherai',
    http(422, {
      error: {
        message:
          'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097. Given: 5000 `inputs` tokens and 512 `max_new_tokens`',
        type: 'invalid_request_error',
      },
    }),
    'context-length request next-model P',
  ],
  [
    'togetherai',
    http(429, {
      error: {
        message:
          'Request was rejected due to request rate limiting. Your rate limits are 60 RPM (1 QPS) and 60000 TPM (1000 tokens per second).',
        type: 'credit_limit',
        param: null,
        code: null,
      },
    }),
    'rate-limit key-model next-key A',
  ],
  [
    'fireworks',
    http(404, {
      error: { message: 'Model not found, inaccessible, and/or not deployed', code: 'NOT_FOUND' },
    }),
    'permission key-model next-key P',
  ],
  [
    'fireworks',
    http(412, { error: { message: 'Account x is suspended due to unpaid invoices' } }),
    'billing account next-key P',
  ],
  [
    'cerebras',
    http(
      429,
      {
        message: 'Tokens per minute limit exceeded - too many tokens processed.',
        type: 'too_many_tokens_error',
        param: 'quota',
        code: 'token_quota_exceeded',
      },
      {
        'x-ratelimit-remaining-tokens-minute': '0',
        'x-ratelimit-reset-tokens-minute': '12.5',
        'x-ratelimit-remaining-requests-day': '0',
        'x-ratelimit-reset-requests-day': '40000',
      },
    ),
    'rate-limit key-model next-key 12500 A',
  ],
  ['ollama', http(404, { error: "model 'foo' not found" }), 'model-not-found model next-model P'],
  [
    'ollama',
    http(400, { error: 'registry.ollama.ai/library/x does not support thinking' }),
    'unsupported request next-model P',
  ],
  [
    'litellm',
    http(429, {
      error: {
        message:
          'litellm.RateLimitError: RateLimitError: OpenAIException - You exceeded your current quota, please check your plan and billing details.',
        type: 'throttling_error',
        param: null,
        code: '429',
      },
    }),
    'overloaded model next-model',
  ],
  [
    'litellm',
    http(401, {
      error: {
        message: 'key not allowed to access model. This key can only access models=[x]',
        type: 'key_model_access_denied',
        param: 'model',
        code: '401',
      },
    }),
    'permission key-model next-key P',
  ],
  [
    'litellm',
    http(429, {
      error: {
        message: 'Budget has been exceeded! Current cost: 1, Max budget: 1',
        type: 'budget_exceeded',
        code: '429',
      },
    }),
    'billing key next-key P',
  ],
  [
    'litellm',
    http(400, {
      error: {
        message:
          '/chat/completions: Invalid model name passed in model=foo. Call `/v1/models` to view available models for your key.',
        type: 'invalid_request_error',
        code: '400',
      },
    }),
    'model-not-found model next-model P',
  ],
  [
    'litellm',
    http(503, {
      error: {
        message: 'litellm.ServiceUnavailableError: AnthropicException - overloaded',
        code: '503',
      },
    }),
    'overloaded model next-model',
  ],
  [
    'litellm',
    http(408, {
      error: { message: 'litellm.Timeout: APITimeoutError - Request timed out.', code: '408' },
    }),
    'timeout model next-model',
  ],
  [
    'gateway',
    http(402, {
      error: {
        message:
          'Insufficient funds. Please add credits to your account to continue using AI services.',
        type: 'insufficient_funds',
      },
    }),
    'billing account next-key P',
  ],
  [
    'gateway',
    http(
      429,
      { error: { message: 'Rate limit exceeded', type: 'rate_limit_exceeded' } },
      { 'retry-after': '3' },
    ),
    'rate-limit account next-key 3000',
  ],
  [
    'gateway',
    http(408, { error: { message: 'timeout', type: 'timeout_error' } }),
    'timeout model next-model',
  ],
  ['openai-compatible', http(404, '404 page not found'), 'bad-response provider next-provider P'],
  [
    'openai-compatible',
    http(404, '<html><body>nope</body></html>'),
    'bad-response provider next-provider P',
  ],
  [
    'openai-compatible',
    http(404, { detail: 'Not Found' }),
    'bad-response provider next-provider P',
  ],
  [
    'openai-compatible',
    http(404, {
      error: { message: 'The model `x` does not exist.', type: 'NotFoundError', code: 404 },
    }),
    'model-not-found model next-model P',
  ],
  [
    'openai-compatible',
    http(400, {
      object: 'error',
      message:
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
      type: 'BadRequestError',
      code: 400,
    }),
    'context-length request next-model P',
  ],
  [
    'openai-compatible',
    http(
      503,
      'upstream connect error or disconnect/reset before headers. reset reason: connection failure',
    ),
    'overloaded model next-model',
  ],
  [
    'openai-compatible',
    http(429, 'error code: 1015', { 'retry-after': '30' }),
    'rate-limit provider next-provider 30000',
  ],
  [
    'openai-compatible',
    http(429, { error: { message: 'Too many' } }, { 'retry-after': '1.5' }),
    'rate-limit key-model next-key 1500 A',
  ],
  [
    'openai-compatible',
    http(
      429,
      { error: { message: 'Too many' } },
      { 'ratelimit-reset': '17', 'ratelimit-remaining': '0' },
    ),
    'rate-limit key-model next-key 17000 A',
  ],
  [
    'openai-compatible',
    http(
      429,
      { error: { message: 'Too many' } },
      { 'retry-after': 'Thu, 14 May 2026 11:59:00 GMT' },
    ),
    'rate-limit key-model next-key 0 A',
  ],
  ['openai-compatible', http(524, '<html></html>'), 'timeout model next-model'],
  ['openai-compatible', http(521, '<html></html>'), 'server-error provider same-key'],
  ['openai-compatible', http(529, ''), 'overloaded model next-model'],
  ['openai-compatible', http(200, ''), 'bad-response provider same-key'],
  [
    'openai-compatible',
    http(200, '{"id":"x","choices":[{"message":{"content":"rate limit exceeded"}'),
    'bad-response provider same-key',
  ],
  ['openai-compatible', 'Rate limit reached. Please slow down.', 'rate-limit key-model next-key A'],
  ['openai-compatible', new Error('socket hang up'), 'network network same-key'],
  [
    'openai-compatible',
    Object.assign(new Error('x'), {
      status: 429,
      headers: new Headers({ 'retry-after': '7' }),
      error: { message: 'slow', type: 'rate_limit_error' },
    }),
    'rate-limit key-model next-key 7000 A',
  ],
  [
    'anthropic',
    Object.assign(new Error('429 {"type":"error"}'), {
      status: 529,
      headers: new Headers(),
      error: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    }),
    'overloaded model next-model',
  ],
  [
    'google',
    Object.assign(
      new Error(
        JSON.stringify({
          error: {
            code: 400,
            message: 'API key not valid. Please pass a valid API key.',
            status: 'INVALID_ARGUMENT',
            details: [{ reason: 'API_KEY_INVALID' }],
          },
        }),
      ),
      { name: 'ApiError', status: 400 },
    ),
    'auth key next-key P',
  ],
  [
    'google',
    new Error(
      'got status: 503 Service Unavailable. {"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}',
    ),
    'overloaded model next-model',
  ],
  [
    'openai',
    new Response('x', { status: 429, headers: { 'retry-after': '4' } }),
    'rate-limit key-model next-key 4000 A',
  ],
  [
    'openai',
    Object.assign(new Error('Invalid JSON response'), {
      name: 'AI_APICallError',
      statusCode: 200,
      responseBody: '{"foo":1}',
      [Symbol.for('vercel.ai.error')]: true,
    }),
    'bad-response provider same-key',
  ],
  ['openai', undefined, 'unknown request next-model'],
  [
    'openai',
    Object.assign(new Error('Connection error.'), {
      cause: new TypeError('fetch failed', {
        cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
      }),
    }),
    'network network next-provider',
  ],
  [
    'openai',
    new TypeError(
      'error sending request for url (https://x): client error (Connect): dns error: failed to lookup',
    ),
    'network network next-provider',
  ],
  ['openai', new Error('Network connection lost.'), 'network network same-key'],
];

describe('dialects', () => {
  it.each(
    answers.map(
      ([provider, error, expected], index) => [index, provider, error, expected] as const,
    ),
  )('%i %s', (_, provider, error, expected) => {
    expect(brief(error, provider)).toBe(expected);
  });
});
