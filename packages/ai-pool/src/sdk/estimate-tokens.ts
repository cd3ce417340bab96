/** English prose and code have about four characters to the token; other scripts have fewer. */
const CHARACTERS_PER_TOKEN = 4;

/** Fields whose text is bytes, or is never sent as text. */
const NOT_TEXT: ReadonlySet<string> = /* @__PURE__ */ new Set(['data', 'image', 'providerOptions']);

function characters(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null || depth > 12) return 0;
  if (ArrayBuffer.isView(value)) return 0;
  let sum = 0;
  for (const [name, inner] of Object.entries(value)) {
    if (!NOT_TEXT.has(name)) sum += characters(inner, depth + 1);
  }
  return sum;
}

/** About how many tokens a prompt has: of its texts alone, so rather too few than too many. */
export function estimateTokens(prompt: unknown): number {
  return Math.ceil(characters(prompt, 0) / CHARACTERS_PER_TOKEN);
}
