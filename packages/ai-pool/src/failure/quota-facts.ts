import { readWait } from './durations.ts';
import type { Family } from './family.ts';
import type { HeaderMap } from './headers.ts';

/** What a provider's headers tell about one of its limits. */
export interface QuotaFact {
  /** The provider's own name of what is limited: `requests`, `input-tokens`, `tokens-minute`, … */
  readonly name: string;
  readonly counts: 'requests' | 'tokens' | 'input-tokens' | 'output-tokens';
  /** Undefined: the provider does not say over which time it counts. */
  readonly per?: 'second' | 'minute' | 'hour' | 'day' | 'month' | undefined;
  readonly limit?: number;
  readonly remaining?: number;
  /** Milliseconds from now until the limit is whole again. */
  readonly resetMs?: number;
}

type Writable = { -readonly [K in keyof QuotaFact]: QuotaFact[K] };

// x-ratelimit-remaining-requests (OpenAI, Azure, Groq, Cerebras), x-ratelimit-remaining (Together,
// OpenRouter), anthropic-ratelimit-input-tokens-remaining, ratelimit-remaining (IETF drafts)
const named =
  /^(?:x-|anthropic-)?rate-?limit-(?:([\w-]+)-)??(limit|remaining|reset)(?:-([\w-]+))?$/;

const amount = (text: string | undefined): number | undefined =>
  text !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;

/**
 * The limits that headers tell of, of refusals and of answers alike. A reset is the moment at
 * which a limit is whole again, not the one at which the next request fits.
 */
export function quotaFacts(headers: HeaderMap, now: number, family?: Family): readonly QuotaFact[] {
  const facts = new Map<string, Writable>();
  const fact = (name: string): Writable => {
    let known = facts.get(name);
    if (known === undefined) facts.set(name, (known = { name, ...meaning(name, family) }));
    return known;
  };
  for (const [header, value] of Object.entries(headers)) {
    const [, before, field, after = before ?? 'requests'] = named.exec(header) ?? [];
    if (field !== undefined) tell(fact(after), field, value, now);
    // "default";r=50;t=30 — with its policy "default";q=100;w=60 — or limit=100, remaining=50
    else if (/^ratelimit(-policy)?$/.test(header)) {
      for (const [, sign = '', number] of value.matchAll(/\b([a-z]+)=(\d+)/g)) {
        if (sign === 'w') fact('requests').per = WINDOWS[number ?? ''];
        else tell(fact('requests'), FIELDS[sign] ?? sign, number, now);
      }
    }
  }
  return [...facts.values()];
}

/** Windows of policies, in seconds. */
const WINDOWS: Readonly<Record<string, QuotaFact['per']>> = {
  1: 'second',
  60: 'minute',
  3600: 'hour',
  86400: 'day',
};

const FIELDS: Readonly<Record<string, string>> = { q: 'limit', r: 'remaining', t: 'reset' };

function tell(fact: Writable, field: string, value: string | undefined, now: number): void {
  const number = field === 'reset' ? readWait(value, now) : amount(value);
  if (number === undefined) return;
  if (field === 'reset') fact.resetMs = number;
  else if (field === 'limit' || field === 'remaining') fact[field] = number;
}

function meaning(name: string, family: Family | undefined): Pick<QuotaFact, 'counts' | 'per'> {
  const [counts = 'requests'] = /((in|out)put-)?tokens/.exec(name) ?? [];
  let [per] = /second|minute|hour|day|month/.exec(name.replace('daily', 'day')) ?? [];
  // Groq counts requests by the day and tokens by the minute, Anthropic both by the minute, but
  // subscriptions (unified) in windows of hours.
  if (family === 'groq') per ??= counts === 'requests' ? 'day' : 'minute';
  if (name.startsWith('unified')) per = 'day';
  else if (family === 'anthropic') per ??= 'minute';
  return { counts, ...(per && { per }) } as Pick<QuotaFact, 'counts' | 'per'>;
}
