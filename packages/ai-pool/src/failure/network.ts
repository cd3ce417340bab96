import {
  aborted,
  networkCut,
  networkMisconfigured,
  networkUnreachable,
  timeout,
  type Outcome,
} from './outcomes.ts';
import { list, read, readText } from './read.ts';

/** Codes of Node (libuv, undici, TLS) and Bun; messages of browsers, Deno and Workers. */
const signs: readonly (readonly [RegExp, Outcome])[] = [
  [
    /^(UND_ERR_(HEADERS|BODY)_TIMEOUT|ESOCKETTIMEDOUT|Request (timed out|was aborted)\.?)$/,
    timeout,
  ],
  [
    /^(CERT_|CRL_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO$|UNKNOWN_CERT)|certificate|(tls|ssl) handshake/i,
    networkMisconfigured,
  ],
  [
    /^(ENOTFOUND|ENODATA|ECONNREFUSED|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|E(NET|HOST)(UNREACH|DOWN)|EADDRNOTAVAIL|FailedToOpenSocket|ConnectionTimeout)$|connection ?refused|dns error|getaddrinfo|connect timeout|unable to connect|network is unreachable|no route to host/i,
    networkUnreachable,
  ],
  [
    /^(ECONNRESET|ECONNABORTED|EPIPE|EAI_AGAIN|UND_ERR_\w+|ERR_STREAM_\w+|ERR_HTTP2_\w+|HPE_\w+|ERR_NETWORK|fetch failed|failed to fetch|load failed|terminated|premature close|socket hang up|other side closed|connection error\.?|network error)$|^networkerror when|connection ?(was )?(lost|closed|reset|aborted)|error (sending request|reading a body)|^cannot connect to api|^failed to process successful/i,
    networkCut,
  ],
];

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
  const find = (key: string): Outcome | undefined => {
    // The innermost knows best.
    for (const item of errors.toReversed()) {
      const text = (readText(item, key) ?? '').slice(0, 500);
      const outcome = signs.find(([says]) => says.test(text))?.[1];
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  };
  const code = find('code');
  if (code !== undefined) return code;
  for (const item of errors) {
    const name = readText(item, 'name') ?? '';
    // Next.js: the client went away
    if (name === 'ResponseAborted') return aborted;
    if (/^(Abort|Timeout)Error$/.test(name)) return timeout;
  }
  return find('message');
}
