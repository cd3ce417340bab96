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

/** An answer with status 200 that begins well and does not end well. */
export interface FakeBrokenStream {
  /**
   * How many chunks of output get through first, with everything around them. 0: only status and
   * headers.
   */
  afterChunks: number;
  /** With `afterChunks: 0`: lets the events through that come before any output. */
  preamble?: boolean;
  /**
   * `reset` breaks the connection, `end` ends the body too early, `hang` sends nothing more,
   * `error` sends the provider's error event in the stream and ends it.
   */
  ending: 'reset' | 'end' | 'hang' | 'error';
}

/**
 * What happens to one request: a refusal, a connection that breaks before any header, a request
 * that is never answered, a stream that breaks off, or (`'ok'`) the usual answer.
 */
export type FakeFault = FakeRefusalAnswer | FakeBrokenStream | 'reset' | 'hang' | 'ok';
