import { apiCallError, cases, constructed, type FailureCase } from './cases.ts';

/** What may differ between two answers that mean the same. */
export interface Answer {
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}
type Random = () => number;
type Mutation = (answer: Answer, random: Random) => Answer;

const pick = <T>(items: readonly [T, ...T[]], random: Random): T =>
  items[Math.floor(random() * items.length)] ?? items[0];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The same value with every object and every string changed, innermost first. */
export function changed(
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
export const isSentence = (text: string, key: string): boolean =>
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

/** Changes that no verdict may hang on, by name. */
export const mutations: readonly (readonly [name: string, mutate: Mutation])[] = [
  ['ids of requests', ({ status, headers, body }, random) => {
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
  }],
  ['amounts', ({ body, ...answer }, random) => {
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
  }],
  ['names of models', ({ body, ...answer }, random) => {
    const name = pick(modelNames, random);
    return { ...answer, body: changed(body, { text: text => text.replaceAll(modelName, name) }) };
  }],
  ['spelling of codes', ({ body, ...answer }, random) => {
    const spell = pick(spellings, random);
    return {
      ...answer,
      body: changed(body, {
        text: (text, key) => (isCode(text, key) ? spell(wordsOf(text)) : text),
      }),
    };
  }],
  ['letters of sentences', ({ body, ...answer }, random) => {
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
  }],
  ['letters of headers', ({ headers, ...answer }, random) => ({
    ...answer,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        Array.from(name, letter => (random() < 0.5 ? letter.toUpperCase() : letter)).join(''),
        value,
      ]),
    ),
  })],
  ['order of keys', ({ body, ...answer }, random) => ({
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
  })],
  ['an array around it', ({ body, ...answer }) => ({
    ...answer,
    body: Array.isArray(body) ? body : [body],
  })],
  ['further fields', ({ body, ...answer }, random) => ({
    ...answer,
    body: changed(body, {
      object: object => ({
        ...Object.fromEntries(Object.entries(misleading).filter(() => random() < 0.4)),
        ...object,
      }),
    }),
  })],
];

/** Answers with a JSON body, and frames of streams. */
export const subjects: readonly FailureCase[] = [...cases, ...constructed].filter(
  ({ status, body }) => status !== null && typeof body === 'object',
);

/** The answer of a case; of a stream its error frame, which has no status. */
export function answerOf({ status, headers, body, transport }: FailureCase): Answer {
  if (transport !== 'sse') return { status, headers, body };
  const frames = body as readonly { readonly type?: string; readonly error?: unknown }[];
  const frame = frames.find(each => each.type === 'error' || each.error !== undefined);
  return { status: null, headers: {}, body: { type: 'error', error: frame?.error } };
}

export const toAnswerError = ({ status, headers, body }: Answer): unknown =>
  status === null
    ? Array.isArray(body)
      ? body[0]
      : body
    : apiCallError({
        statusCode: status,
        responseHeaders: headers,
        responseBody: JSON.stringify(body),
      });

