import { generateDeterministicEmbedding } from '@copilotkit/aimock';
import type { Protocol, WireAnswer } from './protocol.ts';
import { fieldOf, goDuration, json, sseData } from './wire.ts';

const modelInPath = /\/models\/(.+?):(?:\w+)$/;

/**
 * Gemini API (AI Studio). Error shape: google.rpc.Status with details; statuses:
 * https://ai.google.dev/gemini-api/docs/troubleshooting. Gemini sends no quota headers.
 */
export const google: Protocol = {
  basePath: '/v1beta',
  readSecret(headers, query) {
    const header = headers['x-goog-api-key'];
    return (typeof header === 'string' ? header : query.get('key')) || undefined;
  },
  readModel(path) {
    const model = path.match(modelInPath)?.[1];
    return model === undefined ? undefined : decodeURIComponent(model);
  },
  readStream: path => path.endsWith(':streamGenerateContent'),
  healthyHeaders: () => ({}),

  // https://ai.google.dev/api/embeddings#method:-models.batchembedcontents
  answer(path, body) {
    const requests = fieldOf(body, 'requests');
    if (!path.endsWith(':batchEmbedContents') || !Array.isArray(requests)) return undefined;
    const embeddings = requests.map(request => ({
      values: generateDeterministicEmbedding(JSON.stringify(request), 768),
    }));
    return json(200, { embeddings });
  },

  // Bodies: google-gemini/gemini-cli#8437 (details), continuedev/continue#9570 (message);
  // without a hint: googleapis/python-genai#2065.
  rateLimit({ model }, quota, retryAfterMs) {
    if (retryAfterMs === null) {
      return refuse(429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).');
    }
    const metric = 'generativelanguage.googleapis.com/generate_content_free_tier_requests';
    return refuse(
      429,
      'RESOURCE_EXHAUSTED',
      'You exceeded your current quota, please check your plan and billing details. For more ' +
        'information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. ' +
        `\n* Quota exceeded for metric: ${metric}, limit: ${quota.limit}, model: ${model}` +
        `\nPlease retry in ${goDuration(retryAfterMs)}.`,
      [
        {
          '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
          violations: [
            {
              quotaMetric: metric,
              quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier',
              quotaDimensions: { location: 'global', model },
              quotaValue: String(quota.limit),
            },
          ],
        },
        {
          '@type': 'type.googleapis.com/google.rpc.Help',
          links: [
            {
              description: 'Learn more about Gemini API quotas',
              url: 'https://ai.google.dev/gemini-api/docs/rate-limits',
            },
          ],
        },
        {
          '@type': 'type.googleapis.com/google.rpc.RetryInfo',
          retryDelay: `${Math.round(retryAfterMs) / 1000}s`,
        },
      ],
    );
  },

  // Bodies: can1357/oh-my-pi#449; without a key: the API's answer to unregistered callers.
  invalidKey({ secret }) {
    if (secret === undefined) {
      return refuse(
        403,
        'PERMISSION_DENIED',
        "Method doesn't allow unregistered callers (callers without established identity). " +
          'Please use API Key or other form of API consumer identity to call this API.',
      );
    }
    const message = 'API key not valid. Please pass a valid API key.';
    return refuse(400, 'INVALID_ARGUMENT', message, [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'API_KEY_INVALID',
        domain: 'googleapis.com',
        metadata: { service: 'generativelanguage.googleapis.com' },
      },
      {
        '@type': 'type.googleapis.com/google.rpc.LocalizedMessage',
        locale: 'en-US',
        message,
      },
    ]);
  },

  // Status: troubleshooting page, 403 PERMISSION_DENIED; the sentence is recalled.
  noAccess: ({ model }) =>
    refuse(
      403,
      'PERMISSION_DENIED',
      `You do not have permission to access the model models/${model}.`,
    ),

  // Body: troubleshooting page, 404 NOT_FOUND.
  missingModel: ({ model }) =>
    refuse(
      404,
      'NOT_FOUND',
      `models/${model} is not found for API version v1beta, or is not supported for ` +
        'generateContent. Call ListModels to see the list of available models and their ' +
        'supported methods.',
    ),

  // Body: troubleshooting page, 503 UNAVAILABLE.
  overloaded: () => refuse(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'),

  isOutput: event => /"text":"[^"]|"functionCall"/.test(event),

  // Event: the body of a 503, inside the stream.
  errorEvent: () =>
    sseData({
      error: {
        code: 503,
        message: 'The model is overloaded. Please try again later.',
        status: 'UNAVAILABLE',
      },
    }),

  failure(request, status) {
    if (status === 503) return google.overloaded(request);
    if (status >= 500) {
      // Body: troubleshooting page, 500 INTERNAL.
      return refuse(
        status,
        'INTERNAL',
        'An internal error has occurred. Please retry or report in ' +
          'https://developers.generativeai.google/guide/troubleshooting',
      );
    }
    return refuse(status, 'INVALID_ARGUMENT', 'Request contains an invalid argument.');
  },
};

function refuse(code: number, status: string, message: string, details?: object[]): WireAnswer {
  return json(
    code,
    { error: { code, message, status, ...(details && { details }) } },
    { server: 'scaffolding on HTTPServer2' },
  );
}
