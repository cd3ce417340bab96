import type { Evidence } from './evidence.ts';
import { read, readText } from './read.ts';

// What each of them calls an account; the same word in two places need not mean the same.
const headerNames = 'openai-organization openai-project anthropic-organization-id'.split(' ');

// "in organization org-…" (OpenAI, Groq), "Project `proj_…`", "projects/123" (Google)
const inText = /\b(org|proj)[-_]\w{8,}|\bprojects?(?:\/|_number:)\d{6,}/g;

/**
 * The organisations and projects that an answer names: two keys of a provider whose answers name
 * one of the same share its limits.
 */
export function accountIds({
  headers,
  text,
  things,
}: Pick<Evidence, 'headers' | 'text' | 'things'>): readonly string[] {
  const consumers = things.map(thing => readText(read(thing, 'metadata'), 'consumer') ?? '');
  return [
    ...headerNames.filter(name => headers[name]).map(name => `${name} ${headers[name]}`),
    ...[text, ...consumers].flatMap(each => each.toLowerCase().match(inText) ?? []),
  ];
}
