import type { FakeRefusalAnswer } from './fake-fault.ts';
import type { Protocol, RefusedRequest, WireAnswer } from './protocols/protocol.ts';

/** What a scripted refusal by rate limit names as the limit. */
const namedLimit = 10;

/** Writes a free-form refusal, in the provider's own words where no body is given. */
export function scriptedAnswer(
  protocol: Protocol,
  given: FakeRefusalAnswer,
  request: RefusedRequest,
): { answer: WireAnswer; retryAfterMs?: number } {
  const { status, headers, body, retryAfterMs = 60_000 } = given;
  const answer =
    body === undefined
      ? ownWords(protocol, status, request, retryAfterMs)
      : {
          status,
          headers: typeof body === 'string' ? {} : { 'content-type': 'application/json' },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        };
  const states = status === 429 && body === undefined && retryAfterMs !== null;
  return {
    answer: { ...answer, headers: { ...answer.headers, ...headers } },
    ...(states && { retryAfterMs }),
  };
}

function ownWords(
  protocol: Protocol,
  status: number,
  request: RefusedRequest,
  retryAfterMs: number | null,
): WireAnswer {
  switch (status) {
    case 401:
      return protocol.invalidKey(request);
    case 402: {
      const unpaid = protocol.unpaid(request, true);
      return unpaid.status === status ? unpaid : protocol.failure(request, status);
    }
    case 403:
      return protocol.noAccess(request);
    case 404:
      return protocol.missingModel(request);
    case 429: {
      const state = { limit: namedLimit, remaining: 0, resetMs: retryAfterMs ?? 60_000 };
      const refusing = [{ quota: 'rpm', state }] as const;
      const used = { quota: 'rpm', state, requested: 1, refusing, states: { rpm: state } } as const;
      return protocol.usedUp(request, used, retryAfterMs);
    }
    default:
      return protocol.failure(request, status);
  }
}
