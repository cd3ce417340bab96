import { createHash } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { WireAnswer } from './protocol.ts';

/** A JSON answer. */
export function json(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): WireAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

/** The standard phrase of a status, such as `Bad Gateway`. */
export function statusPhrase(status: number): string {
  return STATUS_CODES[status] ?? 'Unknown Error';
}

/** A field of a parsed JSON body, or `undefined` where the body is no object. */
export function fieldOf(body: unknown, name: string): unknown {
  if (typeof body !== 'object' || body === null) return undefined;
  return Object.getOwnPropertyDescriptor(body, name)?.value;
}

/** The `model` of a JSON body. */
export function bodyModel(body: unknown): string | undefined {
  const model = fieldOf(body, 'model');
  return typeof model === 'string' ? model : undefined;
}

/** The token of an `authorization: Bearer` header. */
export function bearer(authorization: string | undefined): string | undefined {
  return authorization?.match(/^Bearer\s+(\S+)$/i)?.[1];
}

/** Whole seconds as the `retry-after` header has them: never earlier than stated. */
export function retryAfterSeconds(ms: number): string {
  return String(Math.ceil(Math.max(0, ms) / 1000));
}

/** A Go duration as OpenAI prints it: `120ms`, `26.604s`, `7m12s`, `114h18m0s`. */
export function goDuration(ms: number): string {
  const rounded = Math.max(0, Math.round(ms));
  if (rounded < 1000) return `${rounded}ms`;
  const hours = Math.floor(rounded / 3_600_000);
  const minutes = Math.floor((rounded % 3_600_000) / 60_000);
  const seconds = `${(rounded % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

/** Hex digits that always are the same for the same account. */
export function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

/** A JSON event of a stream. */
export function sseData(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** A list in a parsed JSON body; empty where there is none. */
export function listOf(body: unknown, name: string): readonly unknown[] {
  const items = fieldOf(body, name);
  return Array.isArray(items) ? items : [];
}

/** The `role` of the last item of a list in a JSON body. */
export function lastRole(body: unknown, list: string): unknown {
  return fieldOf(listOf(body, list).at(-1), 'role');
}
