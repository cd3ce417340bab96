import type { ServerResponse } from 'node:http';

/** Changes the text of an answer on its way out, of a stream chunk by chunk. */
export function rewrite(response: ServerResponse, change: (text: string) => string): void {
  const changed = (chunk: unknown): unknown => (typeof chunk === 'string' ? change(chunk) : chunk);
  const write = response.write.bind(response) as (chunk: unknown) => boolean;
  const end = response.end.bind(response) as (chunk?: unknown) => ServerResponse;
  response.write = (chunk: unknown) => write(changed(chunk));
  response.end = (chunk?: unknown) => end(changed(chunk));
}
