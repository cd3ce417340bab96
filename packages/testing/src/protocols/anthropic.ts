import type { Protocol, QuotaState, RefusedRequest, WireAnswer } from './protocol.ts';
import {
  bearer,
  bodyModel,
  digest,
  fieldOf,
  json,
  retryAfterSeconds,
  sseData,
  statusPhrase,
} from './wire.ts';

/**
 * Anthropic messages. Errors: https://docs.claude.com/en/api/errors; quota headers:
 * https://docs.claude.com/en/api/rate-limits.
 */
export const anthropic: Protocol = {
  basePath: '/v1',
  readSecret(headers) {
    const header = headers['x-api-key'];
    return typeof header === 'string' && header !== '' ? header : bearer(headers.authorization);
  },
  readModel: (_path, body) => bodyModel(body),
  readStream: (_path, body) => fieldOf(body, 'stream') === true,

  healthyHeaders: (request, quota) => ({
    'anthropic-organization-id': organisation(request),
    ...(quota && quotaHeaders(request, quota)),
  }),

  // Bodies: OpenHands/OpenHands#9259; without a hint: anthropics/claude-code#71668.
  rateLimit(request, quota, retryAfterMs) {
    if (retryAfterMs === null) return refuse(request, 429, 'rate_limit_error', 'Rate limited');
    return refuse(
      request,
      429,
      'rate_limit_error',
      `This request would exceed the rate limit for your organization (${organisation(request)}) ` +
        `of ${quota.limit} requests per minute. For details, refer to: ` +
        'https://docs.claude.com/en/api/rate-limits. You can see the response headers for ' +
        'current usage. Please reduce the prompt length or the maximum tokens requested, or try ' +
        'again later. You may also contact sales at https://www.anthropic.com/contact-sales to ' +
        'discuss your options for a rate limit increase.',
      {
        'anthropic-organization-id': organisation(request),
        'retry-after': retryAfterSeconds(retryAfterMs),
        ...quotaHeaders(request, quota),
      },
    );
  },

  // Bodies: errors page, 401 authentication_error.
  invalidKey: request =>
    refuse(
      request,
      401,
      'authentication_error',
      request.secret === undefined ? 'x-api-key header is required' : 'invalid x-api-key',
    ),

  // Body: errors page, 403 permission_error.
  noAccess: request =>
    refuse(
      request,
      403,
      'permission_error',
      'Your API key does not have permission to use the specified resource.',
    ),

  // Body: errors page, 404 not_found_error; the message is the model id.
  missingModel: request => refuse(request, 404, 'not_found_error', `model: ${request.model}`),

  // Body: errors page, 529 overloaded_error.
  overloaded: request =>
    refuse(request, 529, 'overloaded_error', 'Overloaded', { 'x-should-retry': 'true' }),

  isOutput: event => event.includes('"content_block_delta"'),

  // Event: errors page, "Error event" of streams.
  errorEvent: () =>
    `event: error\n${sseData({
      type: 'error',
      error: { details: null, type: 'overloaded_error', message: 'Overloaded' },
    })}`,

  failure(request, status) {
    if (status === 529) return anthropic.overloaded(request);
    // Body: errors page, 500 api_error.
    if (status === 500) return refuse(request, 500, 'api_error', 'Internal server error');
    return refuse(
      request,
      status,
      status > 500 ? 'api_error' : 'invalid_request_error',
      statusPhrase(status),
    );
  },
};

function refuse(
  { now, account }: RefusedRequest,
  status: number,
  type: string,
  message: string,
  headers: Record<string, string> = {},
): WireAnswer {
  const requestId = `req_${digest(`${account} ${now}`, 24)}`;
  return json(
    status,
    { type: 'error', error: { type, message }, request_id: requestId },
    { 'request-id': requestId, ...headers },
  );
}

function quotaHeaders({ now }: RefusedRequest, quota: QuotaState): Record<string, string> {
  return {
    'anthropic-ratelimit-requests-limit': String(quota.limit),
    'anthropic-ratelimit-requests-remaining': String(quota.remaining),
    // RFC 3339 without fractions, never earlier than the reset.
    'anthropic-ratelimit-requests-reset': new Date(Math.ceil((now + quota.resetMs) / 1000) * 1000)
      .toISOString()
      .replace('.000Z', 'Z'),
  };
}

/** A UUID that belongs to the account. */
function organisation({ account }: RefusedRequest): string {
  return digest(account, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
