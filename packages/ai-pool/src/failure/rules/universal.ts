import type { Evidence } from '../evidence.ts';
import {
  auth,
  badRequest,
  badResponse,
  billing,
  modelNotFound,
  overloaded,
  permission,
  permissionOfModel,
  permissionOfTier,
  quota,
  quotaOfAccount,
  rateLimit,
  serverError,
  timeout,
  tooLarge,
  type Outcome,
  unsupported,
  until,
} from '../outcomes.ts';
import { aboutBilling, phrases, request } from './phrases.ts';
import { decideBy, type Rule } from './rule.ts';

const toNumber = (text = ''): number => Number(text.replaceAll(',', ''));

/** One request asks for more than the whole limit: no wait makes it fit. */
const exceedsLimit = ({ text }: Evidence): boolean => {
  const [, limit, requested] =
    /\blimit:? ([\d,]+)[^\d]{1,12}(?:used:? [\d,]+[^\d]{1,12})?requested:? ([\d,]+)/.exec(text) ??
    [];
  return /request too large/.test(text) || toNumber(requested) > toNumber(limit);
};

/** Where a code and a sentence have to be read together. */
const combined: readonly Rule[] = [
  { is: tooLarge, status: /^$|413|429/, when: exceedsLimit },
  // Anthropic: a spend limit ends on the first of the month; the type says only rate limit.
  { is: until(quotaOfAccount, 'utc-month'), code: /enforced spend limit/ },
  {
    is: until(quotaOfAccount, 'utc-month'),
    text: /api usage limits?\b|regain access|usage blocked until/,
  },
  // The organisation lacks something, not the model.
  { is: permissionOfTier, text: /organization must be verified/ },
  {
    is: permissionOfModel,
    code: /model not found|invalid model/,
    when: e => e.status === 403 || /have access/.test(e.text),
  },
  { is: quota, code: /service quota|quota reached/ },
  { is: quota, status: /403/, text: /usage limit/ },
  { is: billing, status: /402/, code: /quota/ },
  // A feature has gone, not the model.
  { is: unsupported, status: /410/, when: e => e.explicit && !/model/.test(e.codes + e.text) },
  // Load is shed as a 429 that speaks of a deadline.
  { is: overloaded, status: /429/, code: /time ?out|deadline/ },
  { is: overloaded, status: /429/, code: /rate limit error/, text: /overloaded/ },
  // A router has nobody who serves the model now.
  { is: overloaded, status: /503/, code: /model not found/ },
  // Days and months; where a code says rate limit the window rolls, and the hint is the truth.
  {
    is: quota,
    status: /^$|429/,
    text: /(\/|per|this) ?(day|week|month)\b|daily|weekly|monthly/,
    when: e => !/rate limit (exceeded|error)/.test(e.codes) && !aboutBilling.test(e.text),
  },
];

/** What codes and sentences mean where there is no status: in streams, in errors inside a 200. */
const statusless: readonly (readonly [RegExp, Outcome])[] = [
  [
    /rate.?limit|too many requests|quota|resource exhausted|per (minute|second|hour)|please wait/,
    rateLimit,
  ],
  [/authentication|unauth/, auth],
  [/permission|access denied|forbidden/, permission],
  [/not found/, modelNotFound],
  [/invalid|bad request|failed precondition|validation/, badRequest],
  [/timed? ?out|deadline/, timeout],
  [
    /server error|api error|internal|upstream|unexpected error|provider returned error|bad gateway/,
    serverError,
  ],
  [/\bjson\b|unexpected (token|end)/, badResponse],
];

/** What means the same wherever it appears. */
export function decideUniversally(evidence: Evidence): Outcome | undefined {
  const { codes, text } = evidence;
  const status = String(evidence.status ?? '');
  return (
    decideBy(combined, evidence) ??
    // A 429 is never about the request, whatever its code is called.
    phrases.find(
      ([says, , when]) => (status !== '429' || when !== request) && says.test(codes),
    )?.[1] ??
    phrases.find(([says, , when]) => when.test(status) && says.test(text))?.[1] ??
    (status === ''
      ? (
          statusless.find(([says]) => says.test(codes)) ??
          statusless.find(([says]) => says.test(text))
        )?.[1]
      : undefined)
  );
}
