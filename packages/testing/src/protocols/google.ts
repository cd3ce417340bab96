import { generateDeterministicEmbedding } from '@copilotkit/aimock';
import { midnight } from '../limit/midnight.ts';
import { countsTokens, type FakeQuota } from '../limit/quota-state.ts';
import { tokensOf } from '../prompt-tokens.ts';
import { isIssued, issue } from './issued.ts';
import type { Protocol, WireAnswer } from './protocol.ts';
import { fieldOf, goDuration, json, lastRole, listOf, sseData } from './wire.ts';

/** `quotaId`; the one of tokens per day: google-gemini/gemini-cli#4656. */
const quotaIds: Readonly<Record<FakeQuota, string>> = {
  rpm: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier',
  tpm: 'GenerateContentInputTokensPerModelPerMinute-FreeTier',
  rpd: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier',
  tpd: 'GenerateContentInputTokensPerModelPerDay-FreeTier',
};

/** Body: troubleshooting page, 503 UNAVAILABLE. */
const unavailable = {
  error: {
    code: 503,
    message: 'The model is overloaded. Please try again later.',
    status: 'UNAVAILABLE',
  },
};

/** One event of a stream, as far as it is counted. */
interface Chunk {
  candidates?: { content?: { parts?: { text?: string }[] } }[];
}

/** Who signs thoughts: any account's are good in any other. */
const signer = 'google';

/** What may stand in place of a signature, for calls that Gemini has not made. */
const dummies: ReadonlySet<string> = new Set([
  'skip_thought_signature_validator',
  'context_engineering_is_the_way_to_go',
]);

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
  readPrefill: (_path, body) => lastRole(body, 'contents') === 'model',
  healthyHeaders: () => ({}),
  // A single tool object is taken for a list of one; @ai-sdk/google 1 sends it so.
  toUpstream(body) {
    const tools = fieldOf(body, 'tools');
    if (tools === undefined || Array.isArray(tools)) return body;
    return { ...(body as object), tools: [tools] };
  },
  // A tool call ends with STOP (https://ai.google.dev/api/generate-content#FinishReason), the first
  // of an answer is signed (https://ai.google.dev/gemini-api/docs/thought-signatures), and each
  // chunk of a stream has the usage so far (ankit373/hydra#855).
  fromUpstream({ usage }) {
    let characters = 0;
    let isSigned = false;
    return text => {
      const mended = text
        .replaceAll(/"finishReason":\s*"FUNCTION_CALL"/g, '"finishReason":"STOP"')
        .replace(/"functionCall":/, call => {
          if (isSigned) return call;
          isSigned = true;
          return `"thoughtSignature":"${issue(signer)}",${call}`;
        });
      if (!mended.startsWith('data: ') || mended.includes('"usageMetadata"')) return mended;
      const chunk = JSON.parse(mended.slice('data: '.length)) as Chunk;
      for (const { text: part = '' } of chunk.candidates?.[0]?.content?.parts ?? []) {
        characters += part.length;
      }
      const { inputTokens, outputTokens } = usage();
      const candidates = Math.min(tokensOf(characters), outputTokens);
      return sseData({
        ...chunk,
        usageMetadata: {
          promptTokenCount: inputTokens,
          candidatesTokenCount: candidates,
          totalTokenCount: inputTokens + candidates,
        },
      });
    };
  },

  // The documented dummies pass (thought-signatures page, FAQ). Body: google-gemini/gemini-cli#13467.
  foreign(_request, body) {
    for (const content of listOf(body, 'contents')) {
      for (const part of listOf(content, 'parts')) {
        const signature = fieldOf(part, 'thoughtSignature');
        if (typeof signature !== 'string' || dummies.has(signature)) continue;
        if (!isIssued(signer, signature)) {
          return refuse(400, 'INVALID_ARGUMENT', 'Corrupted thought signature.');
        }
      }
    }
    return undefined;
  },

  // https://ai.google.dev/api/embeddings#method:-models.batchembedcontents
  answer(path, body) {
    const requests = fieldOf(body, 'requests');
    if (!path.endsWith(':batchEmbedContents') || !Array.isArray(requests)) return undefined;
    const embeddings = requests.map(request => ({
      values: generateDeterministicEmbedding(JSON.stringify(request), 768),
    }));
    return json(200, { embeddings });
  },

  // Requests per day start over at midnight Pacific time
  // (https://ai.google.dev/gemini-api/docs/rate-limits). What refusals of a day state is far too
  // short: gemini-cli#8437 has 34.07 s.
  day: { end: midnight('America/Los_Angeles'), window: 'fixed', requests: 20, statedMs: 34_074 },

  // Bodies: google-gemini/gemini-cli#8437 (details), continuedev/continue#9570 (message, several
  // violations); without a hint: googleapis/python-genai#2065.
  usedUp({ model }, { state, requested, refusing }, retryAfterMs) {
    if (retryAfterMs === null && requested <= state.limit) {
      return refuse(429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).');
    }
    const violated = refusing.map(({ quota, state: { limit } }) => ({
      metric: `generativelanguage.googleapis.com/${
        countsTokens(quota)
          ? 'generate_content_free_tier_input_token_count'
          : 'generate_content_free_tier_requests'
      }`,
      quotaId: quotaIds[quota],
      limit,
    }));
    const lines = violated.map(
      ({ metric, limit }) =>
        `\n* Quota exceeded for metric: ${metric}, limit: ${limit}, model: ${model}`,
    );
    const retry = retryAfterMs === null ? '' : `\nPlease retry in ${goDuration(retryAfterMs)}.`;
    return refuse(
      429,
      'RESOURCE_EXHAUSTED',
      'You exceeded your current quota, please check your plan and billing details. For more ' +
        'information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. ' +
        lines.join('') +
        retry,
      [
        {
          '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
          violations: violated.map(({ metric, quotaId, limit }) => ({
            quotaMetric: metric,
            quotaId,
            quotaDimensions: { location: 'global', model },
            quotaValue: String(limit),
          })),
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
        ...retryInfo(retryAfterMs),
      ],
    );
  },

  // Body: googleapis/python-genai#2065, which does not say what is exhausted.
  busy(_request, _limit, retryAfterMs) {
    const message = 'Resource has been exhausted (e.g. check quota).';
    if (retryAfterMs === null) return refuse(429, 'RESOURCE_EXHAUSTED', message);
    return refuse(429, 'RESOURCE_EXHAUSTED', message, retryInfo(retryAfterMs));
  },

  // Bodies: AI Studio's answer since prepaid billing (429); troubleshooting page (402).
  unpaid: (_request, with402) =>
    with402
      ? refuse(
          402,
          'RESOURCE_EXHAUSTED',
          'Your prepay credit balance is depleted. Please add credits to your billing account.',
        )
      : refuse(
          429,
          'RESOURCE_EXHAUSTED',
          'Your prepayment credits are depleted. Please go to AI Studio at ' +
            'https://ai.studio/projects to manage your project and billing.',
        ),

  // Body: continuedev/continue#11541.
  leaked: () =>
    refuse(
      403,
      'PERMISSION_DENIED',
      'Your API key was reported as leaked. Please use another API key.',
    ),

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

  overloaded: () => refuse(503, unavailable.error.status, unavailable.error.message),

  // Body: BerriAI/litellm, "exceeds the maximum number of tokens allowed".
  contextLength: ({ tokens }) =>
    refuse(
      400,
      'INVALID_ARGUMENT',
      `The input token count (${1_048_576 + tokens}) exceeds the maximum number of tokens allowed ` +
        '(1048576).',
    ),

  // https://ai.google.dev/api/generate-content#PromptFeedback: no candidates, but a reason.
  contentFilter({ model, stream, tokens }) {
    const blocked = {
      promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
      usageMetadata: { promptTokenCount: tokens, totalTokenCount: tokens },
      modelVersion: model,
    };
    if (!stream) return json(200, blocked);
    return {
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      body: sseData(blocked),
    };
  },

  // Message: songquanpeng/one-api#836.
  noPrefill: () =>
    refuse(
      400,
      'INVALID_ARGUMENT',
      'Please ensure that multiturn requests ends with a user role or a function response.',
    ),

  isOutput: event => /"text":"[^"]|"functionCall"/.test(event),
  isEnd: event => event.includes('"finishReason"'),

  // Nothing is documented: an empty comment, as the standard of event streams proposes.
  keepAlive: () => ':\n\n',

  // Event: the body of a 503, inside the stream.
  errorEvent: () => sseData(unavailable),
  errorBody: () => unavailable,

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

function retryInfo(retryAfterMs: number | null): object[] {
  if (retryAfterMs === null) return [];
  return [
    {
      '@type': 'type.googleapis.com/google.rpc.RetryInfo',
      retryDelay: `${Math.round(retryAfterMs) / 1000}s`,
    },
  ];
}

function refuse(code: number, status: string, message: string, details?: object[]): WireAnswer {
  return json(
    code,
    { error: { code, message, status, ...(details && { details }) } },
    { server: 'scaffolding on HTTPServer2' },
  );
}
