import { sha256 } from '../config/sha256.ts';

const ENOUGH = 2_000;

/**
 * Tells calls apart by what they ask: the length of the conversation and the text of its last
 * message, hashed. The SDK's own retries of a call ask the same again, in objects made anew.
 */
export function callerOf(prompt: unknown): string {
  const messages = Array.isArray(prompt) ? prompt : [];
  let text = `${messages.length}`;
  const visit = (value: unknown): void => {
    if (text.length > ENOUGH) return;
    if (typeof value === 'string') text += `\n${value.slice(0, ENOUGH)}`;
    else if (Array.isArray(value)) for (const item of value) visit(item);
    else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
      for (const item of Object.values(value)) visit(item);
    }
  };
  visit(messages.at(-1));
  return sha256(text);
}
