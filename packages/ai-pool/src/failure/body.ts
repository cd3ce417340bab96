import { isThing, keysOf, list, maxText, read, type Thing } from './read.ts';

/** What a response body turned out to be. */
export interface Body {
  /** The parsed value; undefined where the body is not JSON. */
  readonly json?: unknown;
  /** Text that is neither JSON nor HTML. */
  readonly plain?: string;
  readonly html?: true;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The first of each telling field of JSON that is cut off or otherwise broken. */
function salvage(text: string): Thing | undefined {
  const found: Record<string, unknown> = {};
  for (const [, key, value] of text.matchAll(
    /"(code|type|status|message|reason|error)"\s*:\s*("(?:[^"\\]|\\.){0,4000}"|\d{3}\b)/g,
  )) {
    if (key !== undefined && value !== undefined) found[key] ??= parse(value);
  }
  return keysOf(found).length > 0 ? found : undefined;
}

/** Reads a body that is a string (JSON, event stream, HTML, plain text) or already parsed. */
export function readBody(body: unknown): Body | undefined {
  if (typeof body !== 'string') return isThing(body) ? { json: body } : undefined;
  const text = body.slice(0, maxText).trim();
  if (text === '') return undefined;
  if (/^<[!?a-z]/i.test(text)) return { html: true };
  if (/^(data|event|id|:)\b.*(\n|$)/.test(text)) {
    const frames = [...text.matchAll(/^data: ?(.+)$/gm)].slice(0, 50);
    return { json: frames.map(([, frame]) => parse(frame ?? '')) };
  }
  if (!/^[[{"]/.test(text)) return { plain: text };
  const json = parse(text) ?? salvage(text);
  return json === undefined ? { plain: '' } : { json };
}

/** JSON inside a sentence (`429 {"error":…}`), and the words before it. */
export function jsonInText(text: string): { before: string; json: unknown } | undefined {
  const start = text.search(/[[{]\s*["{]/);
  if (start < 0) return undefined;
  const rest = text.slice(start, maxText);
  const end = Math.max(rest.lastIndexOf('}'), rest.lastIndexOf(']')) + 1;
  const json = parse(rest.slice(0, end)) ?? salvage(rest);
  return json === undefined ? undefined : { before: text.slice(0, start), json };
}

/** An error object and the object around it. */
export interface Located {
  readonly error: Thing;
  readonly root: Thing;
}

/** The error that a body explicitly carries: in an answer without one there is nothing to read. */
export function locateError(json: unknown, depth = 0): Located | undefined {
  if (depth > 3 || !isThing(json)) return undefined;
  for (const item of list(json)) {
    const located = locateError(item, depth + 1);
    if (located !== undefined) return located;
  }
  const error = read(json, 'error');
  if (isThing(error)) return { error, root: json };
  if (typeof error === 'string' && error !== '') return { error: json, root: json };
  const inner =
    // OpenAI Responses: `response.failed`; routers: the choice that broke off.
    read(read(json, 'response'), 'error') ??
    list(read(json, 'choices'))
      .map(choice => read(choice, 'error'))
      .find(isThing) ??
    list(read(json, 'errors'))[0];
  if (isThing(inner)) return { error: inner, root: json };
  return read(json, 'type') === 'error' || read(json, 'object') === 'error'
    ? { error: json, root: json }
    : undefined;
}
