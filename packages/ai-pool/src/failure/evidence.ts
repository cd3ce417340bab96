import { jsonInText, locateError, readBody, type Located } from './body.ts';
import type { Family } from './family.ts';
import { toHeaderMap, type HeaderMap } from './headers.ts';
import { isThing, list, read, readText, readThing, type Thing } from './read.ts';

/** What is known about a failure, in the order in which it may be believed. */
export interface Evidence {
  readonly family: Family | undefined;
  /** The effective status: HTTP's, or the one inside of a 200 or of a stream. */
  readonly status: number | undefined;
  /** A status that somebody guessed; looked at when nothing else tells. */
  readonly guessedStatus: number | undefined;
  readonly headers: HeaderMap;
  /** Headers of an upstream that a router quotes. */
  readonly quotedHeaders: HeaderMap;
  /** The error object, with the objects inside and around it. */
  readonly things: readonly Thing[];
  readonly metadata: Thing | undefined;
  /** Codes, types and reasons in snake case, separated by spaces. */
  readonly codes: string;
  /** The provider's own sentences, lower case. */
  readonly text: string;
  /** The body is HTML: an edge or a wrong address answered, not the API. */
  readonly html: boolean;
  /** The body is text that is neither JSON nor HTML. */
  readonly plain: boolean;
  /** There is an error object. */
  readonly explicit: boolean;
}

/** Where evidence comes from. */
export interface Source {
  readonly status?: unknown;
  readonly headers?: unknown;
  /** Bodies, best first: the first that says something is read. */
  readonly bodies?: readonly unknown[];
  readonly message?: unknown;
  /** The status was guessed by whoever made the error out of a stream's frame. */
  readonly guessed?: boolean;
}

// Sentences are short; what lies behind is somebody's data.
const maxSentences = 8192;

const codeKeys = [
  'code',
  'type',
  'status',
  'error_type',
  'error_code',
  'errorCode',
  'reason',
  'limit_source',
  '__type',
] as const;
const textKeys = [
  'message',
  'Message',
  'msg',
  'detail',
  'error',
  'error_description',
  'error_message',
  'title',
] as const;
const statusKeys = ['code', 'status', 'http_status', 'statusCode', 'status_code'] as const;

const toStatus = (value: unknown): number | undefined => {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && status >= 100 && status < 600 ? status : undefined;
};

/** `RateLimitReached`, `RESOURCE_EXHAUSTED`, `ThrottlingException:http://…` in one spelling. */
export function snakeCase(code: string): string {
  if (/^[a-z\d_]+$/.test(code)) return code;
  return code
    .slice(0, 100)
    .replace(/^.*#|:.*$/g, '')
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z\d]+/g, '_')
    .toLowerCase();
}

class Gathering {
  readonly things: Thing[] = [];
  readonly codes: string[] = [];
  readonly texts: string[] = [];

  /** Takes the codes of an object. */
  addCodes(thing: Thing): void {
    if (this.things.includes(thing) || this.things.length > 40) return;
    this.things.push(thing);
    for (const key of codeKeys) {
      const code = read(thing, key);
      if (typeof code === 'string') this.codes.push(snakeCase(code));
    }
  }

  /** Takes the codes and sentences of an error object. */
  add(thing: Thing, depth = 0): void {
    if (depth > 3 || this.things.includes(thing)) return;
    this.addCodes(thing);
    for (const key of textKeys) {
      const value = read(thing, key);
      if (typeof value === 'string') this.addText(value, depth);
      else if (Array.isArray(value)) for (const item of list(value)) this.addAny(item, depth + 1);
      else if (key !== 'error' && isThing(value)) this.add(value, depth + 1);
    }
    // What hangs below tells by its codes; its texts may quote the prompt or the upstream.
    for (const key of ['metadata', 'innererror', 'availability', 'details'] as const) {
      const value = read(thing, key);
      for (const item of Array.isArray(value) ? list(value) : [value]) {
        if (isThing(item)) this.addCodes(item);
      }
    }
  }

  addAny(value: unknown, depth: number): void {
    if (typeof value === 'string') this.addText(value, depth);
    else if (isThing(value)) this.add(value, depth);
  }

  addText(text: string, depth = 0): void {
    // A single word is a code: `{"error":"invalid_token"}`.
    if (/^[\w.-]{3,80}$/.test(text)) this.codes.push(snakeCase(text));
    const nested = depth < 3 && !text.startsWith('litellm.') ? jsonInText(text) : undefined;
    const located = nested && locateError(nested.json);
    if (nested && located) {
      this.texts.push(nested.before);
      this.add(located.error, depth + 1);
    } else if (!this.texts.includes(text)) {
      this.texts.push(text.slice(0, maxSentences));
    }
  }
}

/** Gathers all that a failure says about itself. */
export function gatherEvidence(source: Source, family: Family | undefined): Evidence {
  const gathering = new Gathering();
  const headers = toHeaderMap(source.headers);
  let html = false;
  let plain = false;
  let located: Located | undefined;
  for (const candidate of source.bodies ?? []) {
    const body = readBody(candidate);
    if (body === undefined) continue;
    html = body.html === true;
    plain = body.plain !== undefined;
    if (body.plain !== undefined) gathering.addText(body.plain);
    if (typeof body.json === 'string') gathering.addText(body.json);
    located = locateError(body.json);
    const bare = isThing(body.json) && !Array.isArray(body.json) ? body.json : undefined;
    if (located === undefined && bare !== undefined && read(bare, 'choices') === undefined) {
      gathering.add(bare);
    }
    if (located !== undefined) {
      gathering.add(located.error);
      gathering.add(located.root);
    }
    if (html || gathering.texts.length > 0 || gathering.codes.length > 0) break;
  }
  if (!html && gathering.texts.length === 0 && typeof source.message === 'string') {
    gathering.addText(source.message);
  }
  const type = headers['x-amzn-errortype'];
  if (type !== undefined) gathering.codes.unshift(snakeCase(type));

  // Streams have no status of their own; a 200 around an error is no status either.
  const http = toStatus(source.status);
  const guessed =
    source.guessed === true ||
    (http !== undefined && http >= 500 && /event-stream/.test(headers['content-type'] ?? ''));
  let status = guessed || http === 200 ? undefined : http;
  if (status === undefined || status >= 500) {
    for (const thing of gathering.things.slice(0, 8)) {
      const inner = statusKeys.map(key => toStatus(read(thing, key))).find(Boolean);
      if (inner !== undefined && inner >= 400 && (status === undefined || inner < 500)) {
        status = inner;
        break;
      }
    }
  }
  const metadata = gathering.things.map(thing => readThing(thing, 'metadata')).find(Boolean);
  return {
    family,
    status,
    guessedStatus: http,
    headers,
    quotedHeaders: toHeaderMap(read(metadata, 'headers')),
    things: gathering.things,
    metadata,
    codes: gathering.codes.join(' '),
    text: gathering.texts.join('\n').slice(0, maxSentences).replaceAll('’', "'").toLowerCase(),
    html,
    plain,
    explicit: located !== undefined,
  };
}

/** A quoted upstream answer (`metadata.raw`: text, JSON text or an object), lower case. */
export function upstreamText(evidence: Evidence): string {
  const raw = read(evidence.metadata, 'raw');
  if (typeof raw === 'string') return raw.slice(0, maxSentences).toLowerCase();
  const error = readThing(raw, 'error') ?? raw;
  return (readText(error, 'message') ?? '').slice(0, maxSentences).toLowerCase();
}
