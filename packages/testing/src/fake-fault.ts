/** A free-form refusal. */
export interface FakeRefusalAnswer {
  status: number;
  /**
   * Without `body`: what a refusal by rate limit states as the time to wait, in milliseconds;
   * `null` leaves every hint out. Default 60,000.
   */
  retryAfterMs?: number | null;
  /** Added to the answer's own headers. */
  headers?: Readonly<Record<string, string>>;
  /** A string is sent as it is, anything else as JSON. Default: the provider's body for `status`. */
  body?: unknown;
}

/** A refusal of the request itself, with the status and in the words of the provider. */
export type FakeRequestRefusal =
  /** The prompt is longer than the model's context: a 400. */
  | 'context-length'
  /**
   * The prompt was filtered: a 400, at OpenRouter a 403. Gemini answers with status 200, and with
   * a reason instead of an answer.
   */
  | 'content-filter'
  /**
   * The model does not go on with a message of the assistant: a prompt that ends with one is
   * refused with a 400, any other is answered.
   */
  | 'no-prefill';

/** An answer with status 200 that begins well and does not end well. */
export interface FakeBrokenStream {
  /**
   * How many chunks of output get through first, with everything around them. 0: only status and
   * headers. Of an answer that is no stream half of the body gets through instead, and nothing
   * with 0.
   */
  afterChunks: number;
  /** With `afterChunks: 0`: lets the events through that come before any output. */
  preamble?: boolean;
  /**
   * `reset` breaks the connection, `end` ends the body too early, `hang` sends nothing more,
   * `error` sends the provider's error event in the stream and ends it (an answer that is no
   * stream is the error), `malformed` cuts the next event in the middle of its JSON and goes on as
   * if nothing had happened.
   */
  ending: 'reset' | 'end' | 'hang' | 'error' | 'malformed';
  /** With `hang`: the provider's keep-alive goes on, every so many milliseconds. Default: not. */
  keepAliveMs?: number;
}

/** A whole answer that arrives in an unusual way. Times are milliseconds of real time. */
export interface FakeDelivery {
  /**
   * Time before the first output; status, headers and what comes before any output are sent at
   * once. `Infinity`: no output ever comes. Default 0.
   */
  firstChunkMs?: number;
  /**
   * Time before each further chunk of output; an answer that is no stream drips in ten pieces.
   * Default 0.
   */
  chunkMs?: number;
  /**
   * Sends the provider's keep-alive every so many milliseconds while no output comes: a comment or
   * an event of its own in a stream, a blank line before any other answer. Default: not.
   */
  keepAliveMs?: number;
  /** Every chunk of output is at least so many bytes long, filled up with blanks. */
  chunkBytes?: number;
  /**
   * `false` leaves out the event by which a stream says that it is complete: `[DONE]` at OpenAI
   * chat and OpenRouter, `response.completed` at OpenAI responses, `message_stop` at Anthropic. At
   * Gemini it is the last chunk, with the text in it. Default true.
   */
  endMarker?: boolean;
}

/** What happens to one request. */
export type FakeFault =
  /** The usual answer. */
  | 'ok'
  | FakeRefusalAnswer
  | FakeRequestRefusal
  /** The connection breaks before any header. */
  | 'reset'
  /** The request is never answered. */
  | 'hang'
  /** Status 200 with a page in HTML, as a proxy or a login wall answers. */
  | 'html-page'
  /** The usual answer, with a header that says gzip and a body that is none. */
  | 'invalid-gzip'
  | FakeBrokenStream
  | FakeDelivery;
