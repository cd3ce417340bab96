/** The fields of a request's body that hold its prompt, in any protocol. */
const promptFields = [
  'messages',
  'system',
  'input',
  'instructions',
  'contents',
  'content',
  'systemInstruction',
  'requests',
];

/** The fields that hold text inside of a prompt. */
const textFields = new Set([...promptFields, 'text', 'output']);

/**
 * The tokens of a request's prompt by the usual rule of thumb: the characters of its texts divided
 * by 4, rounded up, at least 1. Roles, tool calls, schemas and files count nothing.
 */
export function promptTokens(body: unknown): number {
  if (typeof body !== 'object' || body === null) return 1;
  let characters = 0;
  for (const [name, value] of Object.entries(body)) {
    if (promptFields.includes(name)) characters += textLength(value, true);
  }
  return Math.max(1, tokensOf(characters));
}

/** Four characters make a token. */
export function tokensOf(characters: number): number {
  return Math.ceil(characters / 4);
}

function textLength(value: unknown, isText: boolean): number {
  if (typeof value === 'string') return isText ? value.length : 0;
  if (typeof value !== 'object' || value === null) return 0;
  let length = 0;
  if (Array.isArray(value)) {
    for (const item of value) length += textLength(item, isText);
  } else {
    for (const [name, field] of Object.entries(value)) {
      length += textLength(field, textFields.has(name));
    }
  }
  return length;
}
