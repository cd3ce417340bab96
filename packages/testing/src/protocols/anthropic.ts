import { midnight } from '../limit/midnight.ts';
import { countsTokens, isDaily, tightest, type QuotaStates } from '../limit/quota-state.ts';
import { isIssued, issue } from './issued.ts';
import type { Protocol, RefusedRequest, WireAnswer } from './protocol.ts';
import {
  bearer,
  bodyModel,
  digest,
  fieldOf,
  json,
  lastRole,
  listOf,
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
  readPrefill: (_path, body) => lastRole(body, 'messages') === 'assistant',

  // Today's limits are per minute and per month; those of a day, which there were until 2024, said
  // nothing about their end. Chosen: the day in UTC, since limits of a month end in UTC.
  day: { end: midnight('UTC'), window: 'fixed', requests: 1_000 },

  healthyHeaders: (request, states) => ({
    'anthropic-organization-id': organisation(request),
    ...quotaHeaders(request, states),
  }),

  // Thoughts are signed for the model, whatever the account (anthropics/anthropic-sdk-python#1598).
  fromUpstream:
    ({ model }) =>
    text =>
      text.replace(/"signature":"[^"]+"/, `"signature":"${issue(signerOf(model))}"`),

  // Body: anthropics/claude-code#10627.
  foreign(request, body) {
    for (const [i, message] of listOf(body, 'messages').entries()) {
      for (const [j, block] of listOf(message, 'content').entries()) {
        const signature = fieldOf(block, 'signature');
        if (fieldOf(block, 'type') !== 'thinking' || typeof signature !== 'string') continue;
        if (isIssued(signerOf(request.model), signature)) continue;
        const why = `messages.${i}.content.${j}: Invalid \`signature\` in \`thinking\` block`;
        return refuse(request, 400, 'invalid_request_error', why);
      }
    }
    return undefined;
  },

  // Bodies: OpenHands/OpenHands#9259 (per minute), SakanaAI/AI-Scientist#115 (tokens per day,
  // requests in the same words); without a hint: anthropics/claude-code#71668.
  usedUp(request, { quota, state, requested, states }, retryAfterMs) {
    const tooLarge = requested > state.limit;
    if (retryAfterMs === null && !tooLarge) {
      return refuse(request, 429, 'rate_limit_error', 'Rate limited');
    }
    const limit = state.limit.toLocaleString('en-US');
    const exceeded = isDaily(quota)
      ? `Number of ${countsTokens(quota) ? 'request tokens' : 'requests'} has exceeded your daily ` +
        'rate limit (https://docs.claude.com/en/api/rate-limits); see the response headers for ' +
        'current usage.'
      : 'This request would exceed the rate limit for your organization ' +
        `(${organisation(request)}) of ${limit} ` +
        `${countsTokens(quota) ? 'input tokens' : 'requests'} per minute. For details, refer to: ` +
        'https://docs.claude.com/en/api/rate-limits. You can see the response headers for ' +
        'current usage.';
    return refuse(
      request,
      429,
      'rate_limit_error',
      `${exceeded} Please reduce the prompt length or the maximum tokens requested, or try again ` +
        'later. You may also contact sales at https://www.anthropic.com/contact-sales to discuss ' +
        'your options for a rate limit increase.',
      {
        'anthropic-organization-id': organisation(request),
        ...(retryAfterMs !== null && { 'retry-after': retryAfterSeconds(retryAfterMs) }),
        ...quotaHeaders(request, states),
      },
    );
  },

  // Body: cline/cline#4351.
  busy: (request, _limit, retryAfterMs) =>
    refuse(
      request,
      429,
      'rate_limit_error',
      'Number of concurrent connections has exceeded your rate limit. Please try again later or ' +
        'contact sales at https://www.anthropic.com/contact-sales to discuss your options for a ' +
        'rate limit increase.',
      retryAfterMs === null ? {} : { 'retry-after': retryAfterSeconds(retryAfterMs) },
    ),

  // Bodies: TauricResearch/TradingAgents#501; errors page, 402 billing_error.
  unpaid: (request, with402) =>
    with402
      ? refuse(
          request,
          402,
          'billing_error',
          'There is an issue with your billing or payment information.',
        )
      : refuse(
          request,
          400,
          'invalid_request_error',
          'Your credit balance is too low to access the Anthropic API. Please go to Plans & ' +
            'Billing to upgrade or purchase credits.',
        ),

  // Keys that are found in public are turned off
  // (https://support.claude.com/en/articles/9767949): no longer known.
  leaked: request => anthropic.invalidKey(request),

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

  // Body: prompt lengths, https://docs.claude.com/en/docs/build-with-claude/context-windows.
  contextLength: request =>
    refuse(
      request,
      400,
      'invalid_request_error',
      `prompt is too long: ${200_000 + request.tokens} tokens > 200000 maximum`,
    ),

  // Body: BerriAI/litellm, "content filtering policy".
  contentFilter: request =>
    refuse(request, 400, 'invalid_request_error', 'Output blocked by content filtering policy'),

  // Body: smallmain/vscode-unify-chat-provider#249.
  noPrefill: request => refuse(request, 400, 'invalid_request_error', noPrefill),

  isOutput: event => event.includes('"content_block_delta"'),
  isEnd: event => event.includes('"message_stop"'),

  // Event: streaming page, "Ping events".
  keepAlive: () => `event: ping\n${sseData({ type: 'ping' })}`,

  // Event: errors page, "Error event" of streams.
  errorEvent: () => `event: error\n${sseData(overloadedError)}`,
  errorBody: () => overloadedError,

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

/** What models answer that end a conversation with the assistant's words no more. */
export const noPrefill: string =
  'This model does not support assistant message prefill. The conversation must end with a user ' +
  'message.';

const signerOf = (model: string): string => `anthropic ${model}`;

const overloadedError = {
  type: 'error',
  error: { details: null, type: 'overloaded_error', message: 'Overloaded' },
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

/**
 * Rate-limit page, "Response headers": of several limits the most restrictive one. The quota counts
 * input and output together, so that each of them may still use what is left.
 */
function quotaHeaders({ now }: RefusedRequest, states: QuotaStates): Record<string, string> {
  const requests = tightest(states, 'requests');
  const tokens = tightest(states, 'tokens');
  const headers: Record<string, string> = {};
  for (const [unit, state] of Object.entries({
    requests,
    tokens,
    'input-tokens': tokens,
    'output-tokens': tokens,
  })) {
    if (!state) continue;
    headers[`anthropic-ratelimit-${unit}-limit`] = String(state.limit);
    headers[`anthropic-ratelimit-${unit}-remaining`] = String(state.remaining);
    headers[`anthropic-ratelimit-${unit}-reset`] = rfc3339(now + state.resetMs);
  }
  return headers;
}

/** Without fractions of a second, and never earlier than the time. */
function rfc3339(time: number): string {
  return new Date(Math.ceil(time / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

/** A UUID that belongs to the account. */
function organisation({ account }: RefusedRequest): string {
  return digest(account, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
