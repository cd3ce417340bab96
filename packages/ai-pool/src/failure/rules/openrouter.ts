import { upstreamText, type Evidence } from '../evidence.ts';
import {
  billingOfKey,
  billingOfRequest,
  blockedModel,
  contentFilter,
  contextLength,
  overloaded,
  permissionOfTier,
  quotaOfAccount,
  quotaOfKey,
  rateLimitOfAccount,
  unsupported,
  upstreamError,
  until,
} from '../outcomes.ts';
import { read } from '../read.ts';
import type { Rule } from './rule.ts';
import { aboutContext, aboutFilter } from './phrases.ts';

const has = ({ metadata }: Evidence, ...keys: readonly string[]): boolean =>
  keys.some(key => (read(metadata, key) ?? null) !== null);

/** The upstream refused, not OpenRouter. */
const isUpstream = (evidence: Evidence): boolean =>
  has(evidence, 'provider_name', 'raw', 'provider_code') ||
  /provider returned error|upstream/.test(evidence.codes + evidence.text);

const hasReset = (evidence: Evidence): boolean => has(evidence, 'resets_at');
const isOfKey = ({ metadata, codes, text }: Evidence): boolean =>
  read(metadata, 'scope') === 'key' ||
  /openrouter key |key limit|settings\/keys/.test(codes + text);
const isModerated = (evidence: Evidence): boolean => has(evidence, 'reasons', 'patterns');

const money = /402|403/;

/** OpenRouter: openrouter.ai/docs errors-and-debugging, limits. */
export const openrouter: readonly Rule[] = [
  // 402 has four meanings: what is in flight, this request, this key, this account.
  { is: rateLimitOfAccount, code: /openrouter in ?flight/ },
  { is: billingOfRequest, code: /weight exceeds budget/ },
  { is: billingOfRequest, text: /can only afford [1-9]|prompt tokens limit/ },
  { is: quotaOfKey, status: money, when: e => hasReset(e) && isOfKey(e) },
  { is: quotaOfAccount, status: money, when: hasReset },
  // Key limits that renew themselves do so at midnight UTC.
  { is: until(quotaOfKey, 'utc-day'), status: money, text: /key limit.*\(daily/ },
  { is: until(quotaOfKey, 'utc-month'), status: money, text: /key limit.*\(monthly/ },
  { is: billingOfKey, status: money, when: isOfKey },
  {
    is: quotaOfAccount,
    status: money,
    when: e => /openrouter .*budget|budget limit/.test(e.codes + e.text),
  },
  // The owners of a 429: free models (account, until 00:00 UTC), the upstream, the platform.
  { is: until(quotaOfAccount, 'utc-day'), status: /429/, text: /per-day/ },
  { is: overloaded, status: /429/, when: isUpstream },
  { is: rateLimitOfAccount, status: /429/ },
  { is: contentFilter, status: /403/, when: isModerated },
  { is: blockedModel, status: /403/, when: e => /region|country/.test(e.codes + e.text) },
  // 404 is about the model, this request's features, or the account's privacy settings.
  {
    is: permissionOfTier,
    status: /404/,
    text: /data policy|privacy|guardrail|no allowed providers|been ignored/,
  },
  { is: unsupported, status: /404/, text: /that (support|can handle)|requested parameters/ },
  // The upstream's own refusal: its keys and money are not the caller's.
  { is: contextLength, status: /4../, when: e => aboutContext.test(upstreamText(e)) },
  { is: contentFilter, status: /4../, when: e => aboutFilter.test(upstreamText(e)) },
  { is: unsupported, status: /400|422/, text: /provider returned error/ },
  { is: upstreamError, status: /40[123]/, text: /provider returned error/ },
  { is: upstreamError, code: /provider unavailable/ },
  { is: upstreamError, status: /50[02]/, when: isUpstream },
];
