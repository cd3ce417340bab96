import type { ServerResponse } from 'node:http';

/** Adds fields to a JSON answer where it lacks them. Streams pass as they are. */
export function fillIn(response: ServerResponse, fields: Readonly<Record<string, unknown>>): void {
  const end = response.end.bind(response);
  response.end = (chunk?: unknown) => {
    if (typeof chunk !== 'string' || !chunk.startsWith('{')) return end(chunk);
    return end(JSON.stringify({ ...fields, ...JSON.parse(chunk) }));
  };
}
