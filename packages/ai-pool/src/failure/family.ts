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

/**
 * What to look for in a provider id or a host; a family's own name where nothing else is said.
 * First match wins: routers and clouds stand before the makers whose models they serve.
 */
const names: readonly (readonly [Family, RegExp?])[] = [
  ['openrouter'],
  ['litellm'],
  ['amazon-bedrock', /bedrock/],
  ['google-vertex', /vertex|aiplatform/],
  ['azure'],
  ['gateway', /^gateway$|ai-gateway/],
  ['openai-compatible'],
  ['google', /google|gemini|generative/],
  ['anthropic', /anthropic|claude/],
  ['groq'],
  ['mistral'],
  ['xai', /\bx[.-]?ai\b|grok/],
  ['deepseek'],
  ['cohere'],
  ['togetherai', /together/],
  ['fireworks'],
  ['cerebras'],
  ['ollama'],
  ['openai'],
];

/**
 * The family of a family name, an AI SDK provider id (`openai.responses`), an entry's name or a
 * host.
 */
export function familyOf(provider: unknown): Family | undefined {
  if (typeof provider !== 'string') return undefined;
  const name = provider.slice(0, 200).toLowerCase();
  return names.find(([family, says]) => says?.test(name) ?? name.includes(family))?.[0];
}

/** The family that answers at a URL. */
export function familyOfUrl(url: unknown): Family | undefined {
  return typeof url === 'string'
    ? familyOf(/^https?:\/\/([^/:?#]+)/i.exec(url.slice(0, 500))?.[1])
    : undefined;
}
