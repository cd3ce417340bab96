import {
  aborted,
  networkCut,
  networkMisconfigured,
  networkUnreachable,
  timeout,
  type Outcome,
} from './outcomes.ts';
import { list, read, readText } from './read.ts';

/** Codes of Node (libuv, undici, TLS) and Bun; names and messages of browsers, Deno and Workers. */
const signs: readonly (readonly [RegExp, Outcome])[] = [
  // Next.js: the client went away
  [/^responseaborted$/, aborted],
  [
    /^(abort|timeout)error$|(headers|body)_timeout|esockettimedout|^request (timed out|was aborted)\.?$/,
    timeout,
  ],
  [/(\b|_)(cert|tls|ssl)|self.signed|unable_to_|eproto|handshake/, networkMisconfigured],
  [
    /enotfound|refused|etimedout|unreach|e(net|host)down|connect(ion)?.?timeout(?!e)|failedtoopen|dns error|getaddrinfo|unable to connect|no route/,
    networkUnreachable,
  ],
  [
    /^(econn\w+|epipe|eai_again|und_err_(?!abort|inv)\w+|err_(stream|http2|network)\w*|hpe_\w+|fetch failed|failed to fetch|load failed|terminated|premature close|socket hang up|other side closed|(connection|network) error\.?)$|^networkerror when|connection ?(was )?(lost|closed|reset|aborted)|error (sending|reading)|^cannot connect to api|^failed to process succ/,
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
  // The innermost knows best, and a code is more than words.
  const errors = chain(error).toReversed();
  for (const key of ['code', 'name', 'message']) {
    for (const item of errors) {
      const text = (readText(item, key) ?? '').slice(0, 500).toLowerCase();
      const outcome = signs.find(([says]) => says.test(text))?.[1];
      if (outcome !== undefined) return outcome;
    }
  }
  return undefined;
}
