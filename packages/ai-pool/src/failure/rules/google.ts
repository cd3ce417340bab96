import type { Evidence } from '../evidence.ts';
import {
  billing,
  contentFilter,
  overloaded,
  permissionOfAccount,
  permissionOfTier,
  quota,
  rateLimit,
  until,
} from '../outcomes.ts';
import { list, read, readText } from '../read.ts';
import { aboutBilling } from './phrases.ts';
import type { Rule } from './rule.ts';

const violations = ({ things }: Evidence): readonly unknown[] =>
  things.flatMap(thing => list(read(thing, 'violations')));

/** Several limits may be hit at once: the longest window decides. */
const isDaily = (evidence: Evidence): boolean =>
  /per[_ ]?day|daily/.test(evidence.text) ||
  violations(evidence).some(violation =>
    ['quotaId', 'quotaMetric'].some(key => /per_?day|daily/i.test(readText(violation, key) ?? '')),
  );

/** `limit: 0` is a tier without this model: the delay that stands beside it is not true. */
const isZero = (evidence: Evidence): boolean =>
  /\blimit: ?0(?![.,]?\d)/.test(evidence.text) ||
  violations(evidence).some(violation => read(violation, 'quotaValue') === '0');

const isFiltered = ({ things }: Evidence): boolean =>
  things.some(thing => readText(read(thing, 'promptFeedback'), 'blockReason') !== undefined);

/** Gemini and Vertex, and whoever passes their `google.rpc.Status` bodies on. */
export const google: readonly Rule[] = [
  // "free tier is not available in your country, please enable billing": a paid project may.
  { is: billing, text: /free tier .*country/ },
  // "You exceeded your current quota, … billing details" is any 429: only the structure tells.
  { is: billing, status: /429/, text: aboutBilling },
  { is: permissionOfTier, status: /429/, when: isZero },
  // ai.google.dev rate-limits: requests per day are reset at midnight Pacific time.
  { is: until(quota, 'pacific-day'), status: /429/, when: isDaily },
  // Dynamic shared quota: the region is busy, nobody's limit is reached.
  { is: overloaded, status: /429/, when: e => /error-code-429|capacity/.test(e.codes + e.text) },
  { is: rateLimit, status: /429/ },
  // A reason of google.rpc.ErrorInfo: the project lacks the API.
  { is: permissionOfAccount, code: /service disabled/ },
  // ai.google.dev/api/generate-content#PromptFeedback: a 200 with a reason and no candidates.
  { is: contentFilter, status: /^$/, when: isFiltered },
];
