import { describe, expect, it } from 'vitest';
import { apiCallError, noon as now } from './__fixtures__/cases.ts';
import { classifyFailure } from './classify-failure.ts';

/** `kind scope action`, the pause in ms, `P` for permanent, `A` for counted per account. */
function brief(error: unknown, provider?: string): string {
  const context = provider === undefined ? { now } : { provider, now };
  const verdict = classifyFailure(error, context);
  const { kind, scope, action, retryAfterMs, permanent, sharedBy } = verdict;
  const said = [kind, scope, action, retryAfterMs, permanent && 'P', sharedBy && 'A'];
  return said.filter(each => each !== null && each !== false && each !== undefined).join(' ');
}

const cloudflarePage =
  '<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head><body><h1>Sorry, you have been blocked by the content policy of this account</h1></body></html>';

interface OpenAIBody {
  readonly error?: { readonly message?: string; readonly code?: unknown; readonly type?: unknown };
}

/** As the package `openai` makes its errors of an answer (`APIError.generate`). */
function openaiError(
  status: number | undefined,
  body: string | object,
  headers: Readonly<Record<string, string>> = {},
): Error {
  const error = typeof body === 'string' ? undefined : (body as OpenAIBody).error;
  const said = error?.message ?? (typeof body === 'string' ? body : '');
  const message = `${status ?? ''} ${said === '' ? 'status code (no body)' : said}`.trim();
  return Object.assign(new Error(message), {
    status,
    headers: new Headers(headers),
    requestID: headers['x-request-id'],
    error,
    code: error?.code,
    param: null,
    type: error?.type,
  });
}

describe('errors of the package openai', () => {
  it.each<[string, Error, string]>([
    [
      'a rate limit',
      openaiError(
        429,
        {
          error: {
            message:
              'Rate limit reached for gpt-4o on tokens per min (TPM). Please try again in 6s.',
            type: 'tokens',
            param: null,
            code: 'rate_limit_exceeded',
          },
        },
        { 'retry-after-ms': '5900', 'x-request-id': 'req_404' },
      ),
      'rate-limit key-model next-key 5900 A',
    ],
    [
      'no quota',
      openaiError(429, {
        error: {
          message: 'You exceeded your current quota, please check your plan and billing details.',
          type: 'insufficient_quota',
          param: null,
          code: 'insufficient_quota',
        },
      }),
      'billing account next-key P',
    ],
    [
      'a bad key',
      openaiError(401, {
        error: {
          message: 'Incorrect API key provided: sk-a***0000.',
          type: 'invalid_request_error',
          param: null,
          code: 'invalid_api_key',
        },
      }),
      'auth key next-key P',
    ],
    ['no body', openaiError(503, ''), 'overloaded model next-model'],
    ['a page of an edge', openaiError(403, cloudflarePage), 'blocked provider next-provider'],
    [
      'a page of a proxy',
      openaiError(502, '<html>Bad Gateway</html>'),
      'server-error provider same-key',
    ],
    [
      'another API at the address',
      openaiError(404, { detail: 'Not Found' }),
      'model-not-found model next-model P',
    ],
    [
      'an error in the stream',
      openaiError(undefined, {
        error: {
          message: 'The server had an error',
          type: 'server_error',
          param: null,
          code: null,
        },
      }),
      'server-error provider same-key',
    ],
    [
      'no connection',
      Object.assign(new Error('Connection error.'), {
        status: undefined,
        cause: new TypeError('fetch failed', {
          cause: Object.assign(new Error('getaddrinfo ENOTFOUND api.openai.com'), {
            code: 'ENOTFOUND',
          }),
        }),
      }),
      'network network next-provider',
    ],
    ['its own time limit', new Error('Request timed out.'), 'timeout model next-model'],
    ['its own abort', new Error('Request was aborted.'), 'timeout model next-model'],
  ])('%s', (_, error, expected) => {
    expect(brief(error, 'openai')).toBe(expected);
  });

  it('know where they were sent', () => {
    const error = openaiError(429, { error: { message: 'Provider returned error', code: 429 } });
    expect(brief(error, 'openai')).toBe('overloaded model next-model');
  });
});

/** As the package `@anthropic-ai/sdk` makes them: the whole body is in `error`. */
function anthropicError(
  name: string,
  status: number | undefined,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Error {
  const inner = (body as { error?: { type?: string } } | undefined)?.error;
  const message = body === undefined ? 'status code (no body)' : JSON.stringify(body);
  return Object.assign(new Error([status, message].filter(Boolean).join(' ')), {
    name,
    status,
    headers: new Headers(headers),
    requestID: null,
    error: body,
    type: inner?.type ?? null,
  });
}

const anthropicBody = (type: string, message: string, details: unknown = null): unknown => ({
  type: 'error',
  error: { type, message, details },
  request_id: 'req_011C404',
});

describe('errors of the package @anthropic-ai/sdk', () => {
  it.each<[string, Error, string]>([
    [
      'a rate limit',
      anthropicError(
        'RateLimitError',
        429,
        anthropicBody('rate_limit_error', 'This request would exceed your rate limit'),
        { 'retry-after': '14' },
      ),
      'rate-limit key-model next-key 14000 A',
    ],
    [
      'a spend limit',
      anthropicError(
        'RateLimitError',
        429,
        anthropicBody('rate_limit_error', 'You have reached your limit.', {
          error_code: 'enforced_spend_limit_reached',
        }),
      ),
      'quota account next-key 1512000000',
    ],
    [
      'overload',
      anthropicError('OverloadedError', 529, anthropicBody('overloaded_error', 'Overloaded')),
      'overloaded model next-model',
    ],
    [
      'overload in the stream',
      anthropicError('APIError', undefined, anthropicBody('overloaded_error', 'Overloaded')),
      'overloaded model next-model',
    ],
    [
      'a prompt that is too long',
      anthropicError(
        'BadRequestError',
        400,
        anthropicBody(
          'invalid_request_error',
          'prompt is too long: 208310 tokens > 200000 maximum',
        ),
      ),
      'context-length request next-model P',
    ],
    [
      'no connection',
      Object.assign(new Error('Connection error.'), {
        name: 'APIConnectionError',
        cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
      }),
      'network network same-key',
    ],
    [
      'its own time limit',
      Object.assign(new Error('Request timed out.'), { name: 'APIConnectionTimeoutError' }),
      'timeout model next-model',
    ],
  ])('%s', (_, error, expected) => {
    expect(brief(error, 'anthropic')).toBe(expected);
  });
});

/** As the package `@google/genai` makes them: all is in the message. */
const googleError = (status: number, body: unknown): Error =>
  Object.assign(new Error(JSON.stringify(body)), { name: 'ApiError', status });

describe('errors of the package @google/genai', () => {
  const details = [
    {
      '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
      violations: [{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel', quotaValue: '15' }],
    },
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '21.5s' },
  ];
  it.each<[string, Error, string]>([
    [
      'a rate limit',
      googleError(429, {
        error: {
          code: 429,
          message: 'You exceeded your current quota',
          status: 'RESOURCE_EXHAUSTED',
          details,
        },
      }),
      'rate-limit key-model next-key 21500 A',
    ],
    [
      'a bad key',
      googleError(400, {
        error: {
          code: 400,
          message: 'API key not valid. Please pass a valid API key.',
          status: 'INVALID_ARGUMENT',
          details: [{ reason: 'API_KEY_INVALID' }],
        },
      }),
      'auth key next-key P',
    ],
    [
      'a page, as a message in JSON',
      googleError(403, { error: { message: cloudflarePage, code: 403, status: 'Forbidden' } }),
      'blocked provider next-provider',
    ],
    [
      'an error in the stream',
      Object.assign(
        new Error(
          'got status: UNAVAILABLE. {"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}',
        ),
        { name: 'ApiError', status: 503 },
      ),
      'overloaded model next-model',
    ],
    [
      'no connection',
      new Error('exception TypeError: fetch failed sending request', {
        cause: new TypeError('fetch failed', {
          cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
        }),
      }),
      'network network next-provider',
    ],
    [
      'its own time limit',
      new DOMException('This operation was aborted', 'AbortError'),
      'timeout model next-model',
    ],
  ])('%s', (_, error, expected) => {
    expect(brief(error, 'google')).toBe(expected);
  });
});

/** As `@ai-sdk/gateway` makes them: status and type of its own, the answer on the cause. */
function gatewayError(name: string, type: string, status: number, answer?: object): Error {
  const cause =
    answer === undefined
      ? undefined
      : apiCallError({ statusCode: status, responseHeaders: {}, ...answer });
  return Object.assign(new Error(`${type} [gen_404]`, { cause }), {
    name,
    type,
    statusCode: status,
    generationId: 'gen_404',
    isRetryable: status === 429 || status >= 500,
    [Symbol.for('vercel.ai.gateway.error')]: true,
    [Symbol.for(`vercel.ai.gateway.error.${name}`)]: true,
  });
}

const gatewayAnswer = (message: string, type: string): object => ({
  responseBody: JSON.stringify({ error: { message, type }, generationId: 'gen_404' }),
});

describe('gateway errors', () => {
  it.each<[string, Error, string]>([
    [
      'a bad key',
      gatewayError('GatewayAuthenticationError', 'authentication_error', 401),
      'auth key next-key P',
    ],
    [
      'a rate limit',
      gatewayError('GatewayRateLimitError', 'rate_limit_exceeded', 429, {
        ...gatewayAnswer('Rate limit exceeded', 'rate_limit_exceeded'),
        responseHeaders: { 'retry-after': '7' },
      }),
      'rate-limit account next-key 7000',
    ],
    [
      'an unknown model',
      gatewayError(
        'GatewayModelNotFoundError',
        'model_not_found',
        404,
        gatewayAnswer('Model not found', 'model_not_found'),
      ),
      'model-not-found model next-model P',
    ],
    [
      'a mistake of the caller',
      gatewayError(
        'GatewayInvalidRequestError',
        'invalid_request_error',
        400,
        gatewayAnswer('Missing parameter', 'invalid_request_error'),
      ),
      'bad-request request fail P',
    ],
    [
      'no money, under a type that the package does not know',
      gatewayError(
        'GatewayInternalServerError',
        'internal_server_error',
        402,
        gatewayAnswer('Insufficient funds.', 'insufficient_funds'),
      ),
      'billing account next-key P',
    ],
    [
      'an answer that is no JSON',
      gatewayError('GatewayResponseError', 'response_error', 502, {
        responseBody: '<html>502</html>',
      }),
      'server-error provider same-key',
    ],
    [
      'a time limit',
      gatewayError('GatewayTimeoutError', 'timeout_error', 408),
      'timeout model next-model',
    ],
  ])('%s', (_, error, expected) => {
    expect(brief(error, 'gateway')).toBe(expected);
  });
});

describe('a Response', () => {
  it.each<[Response, string]>([
    [new Response('no', { status: 401 }), 'auth key next-key P'],
    [
      new Response(null, { status: 429, headers: { 'Retry-After': '3' } }),
      'rate-limit key-model next-key 3000 A',
    ],
    [new Response('no', { status: 404 }), 'model-not-found model next-model P'],
    [new Response('no', { status: 529 }), 'overloaded model next-model'],
    [new Response('no', { status: 400 }), 'bad-request request fail P'],
  ])('%#', (response, expected) => {
    expect(brief(response)).toBe(expected);
  });

  it('is also found on errors that carry one', () => {
    // As axios and ky make them.
    const response = {
      status: 429,
      headers: { 'retry-after': '9' },
      data: { error: { code: 'insufficient_quota' } },
    };
    expect(
      brief(Object.assign(new Error('Request failed with status code 429'), { response })),
    ).toBe('billing account next-key P');
    const ky = Object.assign(new Error('Request failed'), {
      response: new Response('x', { status: 503 }),
    });
    expect(brief(ky)).toBe('overloaded model next-model');
  });
});

const coded = (message: string, code: unknown, name = 'Error'): Error =>
  Object.assign(new Error(message), { name, code });

const fetchErrors: readonly (readonly [name: string, error: unknown, expected: string])[] = [
  // Node
  [
    'Node: the address tried by all its families',
    new TypeError('fetch failed', {
      cause: Object.assign(
        new AggregateError([coded('connect ETIMEDOUT 1.2.3.4:443', 'ETIMEDOUT')]),
        {
          code: 'ETIMEDOUT',
        },
      ),
    }),
    'network network next-provider',
  ],
  [
    'Node: cut in the body',
    new TypeError('terminated', {
      cause: coded('other side closed', 'UND_ERR_SOCKET', 'SocketError'),
    }),
    'network network same-key',
  ],
  [
    'Node: HTTP/2',
    coded('Stream closed with error code NGHTTP2_REFUSED_STREAM', 'ERR_HTTP2_STREAM_ERROR'),
    'network network same-key',
  ],
  [
    'Node: a slow connection',
    coded('Connection timeout', 'ERR_SOCKET_CONNECTION_TIMEOUT'),
    'network network next-provider',
  ],
  [
    'Node: a bad address',
    Object.assign(new TypeError('Failed to parse URL from /v1'), { code: 'ERR_INVALID_URL' }),
    'unknown request next-model',
  ],
  // Bun
  [
    'Bun: refused',
    coded('Unable to connect. Is the computer able to access the url?', 'ConnectionRefused'),
    'network network next-provider',
  ],
  [
    'Bun: closed',
    coded(
      'The socket connection was closed unexpectedly. For more information, pass `verbose: true`',
      'ECONNRESET',
    ),
    'network network same-key',
  ],
  [
    'Bun: no such host',
    coded('Was there a typo in the url or port?', 'FailedToOpenSocket'),
    'network network next-provider',
  ],
  [
    'Bun: a certificate',
    coded('certificate has expired', 'CERT_HAS_EXPIRED'),
    'network network next-provider P',
  ],
  [
    'Bun: a time limit',
    Object.assign(new DOMException('The operation timed out.', 'TimeoutError')),
    'timeout model next-model',
  ],
  // Deno
  [
    'Deno: refused',
    new TypeError(
      'error sending request for url (https://a/): client error (Connect): tcp connect error: Connection refused (os error 111)',
    ),
    'network network next-provider',
  ],
  [
    'Deno: no such host',
    new TypeError(
      'error sending request for url (https://a/): client error (Connect): dns error: failed to lookup address information',
    ),
    'network network next-provider',
  ],
  [
    'Deno: reset',
    new TypeError(
      'error sending request for url (https://a/): connection error: Connection reset by peer (os error 104)',
    ),
    'network network same-key',
  ],
  [
    'Deno: a certificate',
    new TypeError(
      'error sending request for url (https://a/): client error (Connect): invalid peer certificate: Expired',
    ),
    'network network next-provider P',
  ],
  ['Deno: by name', coded('', undefined, 'ConnectionReset'), 'network network same-key'],
  [
    'Deno: cut in the body',
    new TypeError('error reading a body from connection: unexpected end of file'),
    'network network same-key',
  ],
  // Workers
  ['Workers: lost', new Error('Network connection lost.'), 'network network same-key'],
  // Browsers
  ['Chrome', new TypeError('Failed to fetch'), 'network network same-key'],
  [
    'Firefox',
    new TypeError('NetworkError when attempting to fetch resource.'),
    'network network same-key',
  ],
  ['Safari', new TypeError('Load failed'), 'network network same-key'],
  [
    'a bug',
    new TypeError("Cannot read properties of undefined (reading 'connection')"),
    'unknown request next-model',
  ],
];

describe('errors of fetch', () => {
  it.each(fetchErrors)('%s', (_, error, expected) => {
    expect(brief(error)).toBe(expected);
  });

  it.each(fetchErrors.filter(([, , expected]) => expected.startsWith('network')))(
    '%s, wrapped by the AI SDK',
    (_, cause, expected) => {
      expect(brief(apiCallError({ message: 'Cannot connect to API', cause }))).toBe(expected);
    },
  );
});

describe('what is no error', () => {
  it.each<[unknown, string]>([
    [undefined, 'unknown request next-model'],
    [null, 'unknown request next-model'],
    ['', 'unknown request next-model'],
    [429, 'unknown request next-model'],
    ['Rate limit reached', 'rate-limit key-model next-key A'],
    [{ status: 429 }, 'rate-limit key-model next-key A'],
    [{ statusCode: 503, headers: { 'Retry-After': 2 } }, 'overloaded model next-model 2000'],
    [Symbol('x'), 'unknown request next-model'],
    [() => 'no', 'unknown request next-model'],
    [new Map([['status', 429]]), 'unknown request next-model'],
  ])('%#', (value, expected) => {
    expect(brief(value)).toBe(expected);
  });
});
