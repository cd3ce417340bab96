/** A file's bytes say nothing that its message does not, and there may be many. */
const short = (_: string, value: unknown): unknown =>
  ArrayBuffer.isView(value) ? value.byteLength : value;

/**
 * Tells calls apart by what they ask: the length of the conversation and its last message. The
 * SDK's own retries of a call ask the same again, in objects made anew.
 */
export function callerOf(prompt: unknown): string {
  const messages = Array.isArray(prompt) ? prompt : [];
  try {
    return `${messages.length} ${JSON.stringify(messages.at(-1), short)}`.slice(0, 2_000);
  } catch {
    return '';
  }
}
