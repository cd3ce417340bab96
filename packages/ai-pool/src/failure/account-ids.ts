import { read } from './read.ts';

// What each of them calls an account; the same word in two places need not mean the same.
const headerNames = 'openai-organization openai-project anthropic-organization-id'.split(' ');

// "in organization org-…" (OpenAI, Groq), "Project `proj_…`", "consumer": "projects/123" (Google)
const inText = /\b(org|proj)[-_]\w{8,}|\bprojects?(?:\/|_number:)\d{6,}/gi;

/**
 * The organisations and projects that an answer names: two keys of a provider whose answers name
 * one of the same share its limits.
 *
 * @param headers with names in lower case
 * @param said what a refusal says; never what a model generated
 */
export function accountIds(headers: unknown, said = ''): readonly string[] {
  const ids: string[] = [];
  for (const name of headerNames) {
    const id = read(headers, name);
    if (typeof id === 'string' && id !== '') ids.push(`${name} ${id}`);
  }
  return said === '' ? ids : [...ids, ...(said.slice(0, 8192).toLowerCase().match(inText) ?? [])];
}
