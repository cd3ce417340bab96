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
  /** Also those that a router quotes in the body. */
  readonly headers: HeaderMap;
  /** The error object, with the objects inside and around it. */
  readonly things: readonly Thing[];
  readonly metadata: Thing | undefined;
  /** Codes, types and reasons as lower-case words, one per line. */
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

/**
 * Names of models and resources (`acme/quota-7b:free`, `arn:aws:…`): no words of a sentence.
 * Organisations and projects keep theirs, and the words before a name too.
 */
const names = /(?<![\w/.:-])(?!http|\d|org|proj)(?=\S{0,80}[\d:])(models\/)?[\w.]+([-/:][\w.]+)+/g;

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

const codeKeys =
  'code type status error_type error_code errorCode reason limit_source __type'.split(' ');
const textKeys = 'message Message msg detail error error_description'.split(' ');
const statusKeys = 'code status http_status statusCode status_code'.split(' ');
const innerKeys = 'metadata innererror availability details'.split(' ');

const toStatus = (value: unknown): number | undefined => {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && status >= 100 && status < 600 && status % 1 === 0
    ? status
    : undefined;
};

/** `RateLimitReached`, `RESOURCE_EXHAUSTED`, `ThrottlingException:http://…` in one spelling. */
const toWords = (code: string): string =>
  code
    .slice(0, 100)
    .replace(/^.*#|:.*/g, '')
    .replace(/([a-z\d])(?=[A-Z])/g, '$1 ')
    .replace(/[^A-Za-z\d]+/g, ' ')
    .toLowerCase();

const items = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? list(value) : [value];

/** Gathers all that a failure says about itself. */
export function gatherEvidence(source: Source, family: Family | undefined): Evidence {
  const things: Thing[] = [];
  const codes: string[] = [];
  const texts: string[] = [];
  let html = false;

  const addCodes = (thing: Thing): void => {
    things.push(thing);
    for (const key of codeKeys) {
      const code = read(thing, key);
      if (typeof code === 'string') codes.push(toWords(code));
    }
  };

  const add = (value: unknown, depth: number): void => {
    if (depth > 4 || things.length > 40) return;
    // SDKs put an edge's page into a message: `403 <!DOCTYPE html>…`
    if (typeof value === 'string' && /^(\d{3} )?<[!?a-z]/i.test(value)) html = true;
    else if (typeof value === 'string') {
      // A single word is a code: `{"error":"invalid_token"}`.
      if (/^[\w.-]{3,80}$/.test(value)) codes.push(toWords(value));
      const nested = value.startsWith('litellm.') ? undefined : jsonInText(value);
      const located = locateError(nested?.json);
      if (located) add(located.error, depth + 1);
      texts.push((located ? (nested?.before ?? '') : value).slice(0, maxSentences));
    } else if (isThing(value) && !things.includes(value)) {
      addCodes(value);
      for (const key of textKeys) {
        // `error` is taken by itself, before what is around it.
        for (const item of items(read(value, key))) {
          if (key !== 'error' || typeof item === 'string') add(item, depth + 1);
        }
      }
      // What hangs below tells by its codes; its texts may quote the prompt or the upstream.
      for (const key of innerKeys) {
        for (const item of items(read(value, key))) {
          if (isThing(item)) addCodes(item);
        }
      }
    }
  };

  const headers = toHeaderMap(source.headers);
  const awsType = headers['x-amzn-errortype'];
  if (awsType !== undefined) codes.push(toWords(awsType));
  let plain = false;
  let located: Located | undefined;
  for (const candidate of source.bodies ?? []) {
    const body = readBody(candidate);
    if (body === undefined) continue;
    html ||= body.html === true;
    plain = body.plain !== undefined;
    located = locateError(body.json);
    if (located) {
      add(located.error, 0);
      add(located.root, 0);
    } else {
      const first = items(body.plain ?? body.json)[0];
      // An answer is not read: what is in it was generated.
      if (read(first, 'choices') === undefined) add(first, 0);
    }
    if (html || texts.length > 0 || things.length > 0) break;
  }
  const http = toStatus(source.status);
  // Of an answer that could not be read the message is the client's.
  if (!html && texts.length === 0 && http !== 200) add(source.message, 0);

  // Streams have no status of their own; a 200 around an error is no status either.
  const isGuessed =
    source.guessed === true ||
    ((http ?? 0) >= 500 && /event-stream/.test(headers['content-type'] ?? ''));
  let status = isGuessed || http === 200 ? undefined : http;
  if (status === undefined || status >= 500) {
    const inner = things
      .flatMap(thing => statusKeys.map(key => toStatus(read(thing, key))))
      .find(Boolean);
    if (inner !== undefined && inner >= 400 && (status === undefined || inner < 500)) {
      status = inner;
    }
  }
  const metadata = things.map(thing => readThing(thing, 'metadata')).find(Boolean);
  return {
    family,
    status,
    guessedStatus: http,
    headers: { ...toHeaderMap(read(metadata, 'headers')), ...headers },
    things,
    metadata,
    codes: codes.join('\n'),
    text: texts
      .join('\n')
      .slice(0, maxSentences)
      .replaceAll('’', "'")
      .toLowerCase()
      .replace(names, '$1'),
    html,
    plain,
    explicit: located !== undefined,
  };
}

/** A quoted upstream answer (`metadata.raw`: text, JSON text or an object), lower case. */
export function upstreamText({ metadata }: Evidence): string {
  const raw = read(metadata, 'raw');
  const text = typeof raw === 'string' ? raw : readText(readThing(raw, 'error') ?? raw, 'message');
  return (text ?? '').slice(0, maxSentences).toLowerCase();
}
