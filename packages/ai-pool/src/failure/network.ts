import {
  aborted,
  networkCut,
  networkMisconfigured,
  networkUnreachable,
  timeout,
  type Outcome,
} from './outcomes.ts';
import { list, read, readText } from './read.ts';

/** Error codes of Node (libuv, undici, TLS) and Bun. */
const byCode: readonly (readonly [RegExp, Outcome])[] = [
  [/^(UND_ERR_(HEADERS|BODY)_TIMEOUT|ESOCKETTIMEDOUT)$/, timeout],
  [
    /^(CERT_|CRL_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO$|UNKNOWN_CERTIFICATE)/,
    networkMisconfigured,
  ],
  [
    /^(ENOTFOUND|ENODATA|ECONNREFUSED|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|E(NET|HOST)(UNREACH|DOWN)|EADDRNOTAVAIL|ConnectionRefused|FailedToOpenSocket|ConnectionTimeout)$/,
    networkUnreachable,
  ],
  [
    /^(ECONNRESET|ECONNABORTED|EPIPE|EAI_AGAIN|UND_ERR_\w+|ERR_STREAM_\w+|ERR_HTTP2_\w+|HPE_\w+|ERR_NETWORK|ConnectionClosed|ConnectionReset)$/,
    networkCut,
  ],
];

/** Messages where there is no code: browsers, Deno, Workers. */
const byMessage: readonly (readonly [RegExp, Outcome])[] = [
  [/certificate|tls handshake|ssl handshake/i, networkMisconfigured],
  [
    /dns error|getaddrinfo|connection refused|connect timeout|unable to connect|network is unreachable|no route to host/i,
    networkUnreachable,
  ],
  [
    /^(fetch failed|failed to fetch|load failed|terminated|premature close|socket hang up|other side closed|connection error\.?|network error)$|^networkerror when|network connection (was )?lost|socket connection was closed|connection (was )?(reset|closed|aborted)|error (sending request|reading a body)|^cannot connect to api|^failed to process successful response/i,
    networkCut,
  ],
  [/^request (timed out|was aborted)\.?$/i, timeout],
];

const find = (table: typeof byCode, text: string): Outcome | undefined =>
  table.find(([pattern]) => pattern.test(text))?.[1];

/** The errors behind an error, outermost first. */
function chain(error: unknown): readonly unknown[] {
  const errors: unknown[] = [];
  for (let next = error; next !== undefined && errors.length < 8;) {
    if (errors.includes(next)) break;
    errors.push(next);
    // Several addresses tried at once fail as an AggregateError.
    next = read(next, 'cause') ?? list(read(next, 'errors'))[0];
  }
  return errors;
}

/** What the network did, when no answer came (or it broke off). */
export function byNetwork(error: unknown): Outcome | undefined {
  const errors = chain(error);
  for (const item of errors) {
    const code = readText(item, 'code');
    const outcome = code === undefined ? undefined : find(byCode, code);
    if (outcome !== undefined) return outcome;
  }
  for (const item of errors) {
    const name = readText(item, 'name') ?? '';
    // Next.js: the client went away
    if (name === 'ResponseAborted') return aborted;
    if (/^(Abort|Timeout)Error$/.test(name)) return timeout;
  }
  for (const item of errors.toReversed()) {
    const outcome = find(byMessage, (readText(item, 'message') ?? '').slice(0, 500));
    if (outcome !== undefined) return outcome;
  }
  return undefined;
}
