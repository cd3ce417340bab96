import { PoolExhaustedError, type ExhaustedDetails } from '../errors.ts';
import { isThing, read, readText, readThing } from '../failure/read.ts';
import type { FailureKind, Verdict } from '../failure/verdict.ts';
import type { AttemptRecord } from '../observe/attempt-record.ts';
import type { CallOutlook } from '../scheduling/scheduler.ts';
import type { Target } from '../scheduling/targets.ts';

/** What is expected later than this is not worth an outer retry. */
const SOON_MS = 60_000;
/** What an attempt under way may open is worth a look after so long. */
const LOOK_MS = 1_000;
/** The longest `retry-after-ms` that the SDK believes; beyond it comes back after 2 s. */
const SDK_BELIEVES_MS = 59_999;

const TIME_HEALS: ReadonlySet<FailureKind> = /* @__PURE__ */ new Set<FailureKind>([
  'rate-limit',
  'quota',
  'overloaded',
  'server-error',
  'timeout',
  'network',
  'bad-response',
]);

export function timeHeals({ kind, permanent }: Verdict): boolean {
  return TIME_HEALS.has(kind) && !permanent;
}

interface End {
  readonly records: readonly AttemptRecord[];
  /** Whether every failure of the call is one that time heals. */
  readonly hopeful: boolean;
  readonly last:
    | { readonly target: Target; readonly verdict: Verdict; readonly error: unknown }
    | undefined;
  readonly outlook: CallOutlook;
  /** When it is this caller's turn, after those who came before: epoch ms. */
  readonly turnAt: number;
  readonly now: number;
}

/** The error of a call that no target could serve. */
export function exhausted(end: End): PoolExhaustedError {
  const { last, outlook, now } = end;
  const openAt = Math.min(outlook.at, outlook.possibleAt + LOOK_MS);
  const expected = Number.isFinite(openAt);
  const retryAt = Math.max(openAt, end.turnAt);
  const retryAfterMs = Math.max(Math.ceil(retryAt - now), 0);
  const isRetryable = expected && retryAfterMs <= SOON_MS && end.hopeful;
  const cause = last === undefined ? outlook.closing?.error : last.error;
  const shown = fieldsOf(last === undefined ? undefined : cause);
  const headers = isRetryable
    ? {
        ...shown.responseHeaders,
        'retry-after-ms': String(Math.min(retryAfterMs, SDK_BELIEVES_MS)),
      }
    : shown.responseHeaders;
  return new PoolExhaustedError({
    ...shown,
    message: messageOf(end, cause),
    attempts: [...end.records],
    statusCode:
      last === undefined
        ? outlook.onlyLimits && outlook.closing !== undefined
          ? 429
          : 503
        : (shown.statusCode ?? last.verdict.status),
    responseHeaders: headers,
    isRetryable,
    retryAt: expected ? retryAt : undefined,
    retryAfterMs: expected ? retryAfterMs : undefined,
    cause,
  });
}

function messageOf({ last, records: { length } }: End, cause: unknown): string {
  if (last === undefined) return 'every target of the pool is unavailable';
  const { ref } = last.target;
  const { kind, status = '-' } = last.verdict;
  return `no target could serve the call: ${length} failed, last ${ref.provider}/${ref.model} (${kind}, ${status}): ${textOf(cause)}`;
}

function textOf(cause: unknown): string {
  const message = isThing(cause) ? read(cause, 'message') : cause;
  return typeof message === 'string' ? message.slice(0, 500) : '';
}

/** The fields of an APICallError, as far as the member's error has them. */
function fieldsOf(
  error: unknown,
): Pick<ExhaustedDetails, 'statusCode' | 'responseHeaders' | 'responseBody' | 'data' | 'url'> {
  const statusCode = read(error, 'statusCode');
  const responseBody = read(error, 'responseBody');
  return {
    statusCode: typeof statusCode === 'number' ? statusCode : undefined,
    responseHeaders: readThing(error, 'responseHeaders') as Record<string, string> | undefined,
    responseBody: typeof responseBody === 'string' ? responseBody : undefined,
    // What a stream tells of as its error need not be an Error: then it is the data itself.
    data: read(error, 'data') ?? (isThing(error) && !('stack' in error) ? error : undefined),
    url: readText(error, 'url') ?? '',
  };
}
