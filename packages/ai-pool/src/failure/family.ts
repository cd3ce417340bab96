/** A provider's error dialect. */
export type Family =
  | 'openai'
  | 'anthropic'
  | 'openrouter'
  | 'google'
  | 'google-vertex'
  | 'azure'
  | 'groq'
  | 'mistral'
  | 'xai'
  | 'amazon-bedrock'
  | 'deepseek'
  | 'cohere'
  | 'togetherai'
  | 'fireworks'
  | 'cerebras'
  | 'ollama'
  | 'litellm'
  | 'gateway'
  | 'openai-compatible';

/** First match wins: routers and clouds before the makers whose models they serve. */
const names: readonly (readonly [RegExp, Family])[] = [
  [/open-?router/, 'openrouter'],
  [/litellm/, 'litellm'],
  [/bedrock/, 'amazon-bedrock'],
  [/vertex/, 'google-vertex'],
  [/azure/, 'azure'],
  [/gateway/, 'gateway'],
  [/openai-compatible/, 'openai-compatible'],
  [/google|gemini|generative-?ai|generativelanguage/, 'google'],
  [/anthropic|claude/, 'anthropic'],
  [/groq/, 'groq'],
  [/mistral/, 'mistral'],
  [/\bx-?ai\b|grok/, 'xai'],
  [/deepseek/, 'deepseek'],
  [/cohere/, 'cohere'],
  [/together/, 'togetherai'],
  [/fireworks/, 'fireworks'],
  [/cerebras/, 'cerebras'],
  [/ollama/, 'ollama'],
  [/openai/, 'openai'],
];

/** Hosts that tell who answers, whatever the client calls itself. */
const hosts: readonly (readonly [RegExp, Family])[] = [
  [/(^|\.)openrouter\.ai$/, 'openrouter'],
  [/^bedrock|bedrock-runtime/, 'amazon-bedrock'],
  [/aiplatform\.googleapis/, 'google-vertex'],
  [/generativelanguage\.googleapis/, 'google'],
  [/\.azure\.com$/, 'azure'],
  [/ai-gateway\.vercel/, 'gateway'],
  [/\.anthropic\.com$/, 'anthropic'],
  [/\.groq\.com$/, 'groq'],
  [/\.mistral\.ai$/, 'mistral'],
  [/\.x\.ai$/, 'xai'],
  [/\.deepseek\.com$/, 'deepseek'],
  [/\.cohere\.(com|ai)$/, 'cohere'],
  [/\.together\.(xyz|ai)$/, 'togetherai'],
  [/\.fireworks\.ai$/, 'fireworks'],
  [/\.cerebras\.ai$/, 'cerebras'],
  [/\.openai\.com$/, 'openai'],
];

const find = (table: typeof names, text: string): Family | undefined =>
  table.find(([pattern]) => pattern.test(text))?.[1];

/** The family of a family name, an AI SDK provider id (`openai.responses`) or an entry's name. */
export function familyOf(provider: unknown): Family | undefined {
  return typeof provider === 'string'
    ? find(names, provider.slice(0, 200).toLowerCase())
    : undefined;
}

/** The family that answers at a URL. */
export function familyOfUrl(url: unknown): Family | undefined {
  if (typeof url !== 'string') return undefined;
  const host = /^https?:\/\/([^/:?#]+)/i.exec(url.slice(0, 500))?.[1];
  return host === undefined ? undefined : find(hosts, host.toLowerCase());
}
