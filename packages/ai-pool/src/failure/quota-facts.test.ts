import { describe, expect, it } from 'vitest';
import type { Family } from './family.ts';
import { toHeaderMap } from './headers.ts';
import { quotaFacts } from './quota-facts.ts';

const NOW = Date.UTC(2026, 4, 1, 12);
const facts = (headers: Record<string, string>, family?: Family) =>
  quotaFacts(toHeaderMap(headers), NOW, family);

describe('limits in headers', () => {
  it('of OpenAI: Go durations, requests and tokens', () => {
    expect(
      facts({
        'X-RateLimit-Limit-Requests': '500',
        'x-ratelimit-remaining-requests': '499',
        'x-ratelimit-reset-requests': '120ms',
        'x-ratelimit-limit-tokens': '30000',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '6m0s',
        'x-ratelimit-limit-project-tokens': '9000',
      }),
    ).toEqual([
      { name: 'requests', counts: 'requests', limit: 500, remaining: 499, resetMs: 120 },
      { name: 'tokens', counts: 'tokens', limit: 30_000, remaining: 0, resetMs: 360_000 },
      { name: 'project-tokens', counts: 'tokens', limit: 9_000 },
    ]);
  });

  it('of Azure: seconds; what is negative says nothing', () => {
    expect(
      facts({
        'x-ratelimit-remaining-requests': '-1',
        'x-ratelimit-limit-requests': '-1',
        'x-ratelimit-reset-requests': '17',
      }),
    ).toEqual([{ name: 'requests', counts: 'requests', resetMs: 17_000 }]);
  });

  it('of Anthropic: RFC 3339, the field last', () => {
    expect(
      facts(
        {
          'anthropic-ratelimit-input-tokens-limit': '50000',
          'anthropic-ratelimit-input-tokens-remaining': '1000',
          'anthropic-ratelimit-input-tokens-reset': '2026-05-01T12:00:45Z',
          'anthropic-ratelimit-unified-reset': String(NOW / 1000 + 3600),
        },
        'anthropic',
      ),
    ).toEqual([
      {
        name: 'input-tokens',
        counts: 'input-tokens',
        per: 'minute',
        limit: 50_000,
        remaining: 1000,
        resetMs: 45_000,
      },
      { name: 'unified', counts: 'requests', per: 'day', resetMs: 3_600_000 },
    ]);
  });

  it('of Groq: requests are those of a day', () => {
    expect(
      facts({ 'x-ratelimit-limit-requests': '14400', 'x-ratelimit-remaining-tokens': '0' }, 'groq'),
    ).toEqual([
      { name: 'requests', counts: 'requests', per: 'day', limit: 14_400 },
      { name: 'tokens', counts: 'tokens', per: 'minute', remaining: 0 },
    ]);
  });

  it('of Cerebras: the time in the name', () => {
    expect(
      facts({
        'x-ratelimit-remaining-requests-day': '0',
        'x-ratelimit-reset-tokens-minute': '12.5',
      }),
    ).toEqual([
      { name: 'requests-day', counts: 'requests', per: 'day', remaining: 0 },
      { name: 'tokens-minute', counts: 'tokens', per: 'minute', resetMs: 12_500 },
    ]);
  });

  it('of Together and OpenRouter: no name; epoch milliseconds', () => {
    expect(
      facts({
        'x-ratelimit-limit': '20',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(NOW + 30_000),
      }),
    ).toEqual([{ name: 'requests', counts: 'requests', limit: 20, remaining: 0, resetMs: 30_000 }]);
  });

  it('of the IETF drafts, old and new', () => {
    const fact = { name: 'requests', counts: 'requests', limit: 100, remaining: 50 };
    expect(
      facts({
        'RateLimit-Limit': '100',
        'RateLimit-Remaining': '50',
        'RateLimit-Reset': '30',
      }),
    ).toEqual([{ ...fact, resetMs: 30_000 }]);
    expect(facts({ RateLimit: 'limit=100, remaining=50, reset=30' })).toEqual([
      { ...fact, resetMs: 30_000 },
    ]);
    expect(
      facts({ 'RateLimit-Policy': '"default";q=100;w=60', RateLimit: '"default";r=50;t=30' }),
    ).toEqual([{ ...fact, per: 'minute', resetMs: 30_000 }]);
  });

  it('are none where there are none', () => {
    expect(facts({ 'retry-after': '3', 'content-type': 'x', 'x-ratelimit-foo': '1' })).toEqual([]);
  });
});
