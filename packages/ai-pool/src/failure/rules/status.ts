import type { Evidence } from '../evidence.ts';
import {
  auth,
  badRequest,
  badResponse,
  billing,
  blocked,
  blockedByEdge,
  modelError,
  modelNotFound,
  networkMisconfigured,
  overloaded,
  permission,
  rateLimit,
  rateLimitOfAddress,
  serverError,
  timeout,
  tooLarge,
  unknown,
  unsupported,
  wrongAddress,
  type Outcome,
} from '../outcomes.ts';

/** What a status means when nothing else tells. */
const table: Readonly<Record<number, Outcome>> = {
  401: auth,
  402: billing,
  403: permission,
  404: modelNotFound,
  405: wrongAddress,
  407: networkMisconfigured,
  408: timeout,
  // Conflict, too early, and a cancellation that the caller did not ask for: again, at once.
  409: serverError,
  410: modelNotFound,
  413: tooLarge,
  415: unsupported,
  // Bedrock: the model failed
  424: modelError,
  425: serverError,
  429: rateLimit,
  451: blocked,
  // Groq: flex tier capacity
  498: overloaded,
  499: serverError,
  501: unsupported,
  503: overloaded,
  504: timeout,
  524: timeout,
  529: overloaded,
};

/** An edge in front of the API answered: its refusals are about the caller's address. */
function byEdge({ html, plain, text, status }: Evidence): Outcome | undefined {
  // Cloudflare without HTML: "error code: 1015"
  const code = plain ? /^error code: (1\d{3})/.exec(text)?.[1] : undefined;
  if (code === '1015' || (html && status === 429)) return rateLimitOfAddress;
  if (status === 403 && (html || code !== undefined)) return blockedByEdge;
  // A 404 that does not speak the API's language is somebody else's.
  return status === 404 &&
    (html || ((/^not found|url|\broute\b/.test(text) || plain) && !/model/.test(text)))
    ? wrongAddress
    : undefined;
}

export function byStatus(evidence: Evidence): Outcome {
  const edge = byEdge(evidence);
  if (edge !== undefined) return edge;
  const status = evidence.status ?? evidence.guessedStatus;
  if (status === undefined) return unknown;
  const known = table[status];
  if (known !== undefined) return known;
  if (status >= 500) return serverError;
  // A refusal in HTML is not the API's.
  if (status >= 400) return evidence.html ? badResponse : badRequest;
  if (status >= 300) return wrongAddress;
  return evidence.explicit ? serverError : badResponse;
}
