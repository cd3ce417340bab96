import { describe, expect, it } from 'vitest';
import { http, noon } from './__fixtures__/cases.ts';
import { classifyFailure } from './classify-failure.ts';
import { readDuration, readWait } from './durations.ts';

describe('readDuration', () => {
  it.each([
    ['1s', 1000],
    ['6m0s', 360_000],
    ['120ms', 120],
    ['174ms', 174],
    ['26.604s', 26_604],
    ['7m12s', 432_000],
    ['114h18m0s', 411_480_000],
    ['34.4s', 34_400],
    ['9h54m12s', 35_652_000],
    ['2m59.56s', 179_560],
    ['9m38.016s', 578_016],
    ['39.837508571s', 39_837.508571],
    ['33 seconds', 33_000],
    ['1 minute and 5 seconds', 65_000],
    ['1 hour, 2 minutes', 3_720_000],
    ['2 days', 172_800_000],
    ['500 milliseconds', 500],
    ['3 hrs', 10_800_000],
    ['5 messages', undefined],
    ['12 models', undefined],
    ['soon', undefined],
    ['', undefined],
  ])('%s', (text, ms) => {
    expect(readDuration(text)).toBe(ms);
  });
});

describe('readWait', () => {
  it.each<[unknown, number | undefined]>([
    ['19', 19_000],
    ['23.125', 23_125],
    ['0', 0],
    [8, 8000],
    ['-1', undefined],
    ['', undefined],
    ['later', undefined],
    [String(noon / 1000 + 120), 120_000],
    [String(noon + 42_000), 42_000],
    [String(noon - 5000), 0],
    ['2026-05-14T12:00:45Z', 45_000],
    ['2026-05-14T14:00:45+02:00', 45_000],
    ['2026-05-14 12:00:30 UTC', 30_000],
    ['Thu, 14 May 2026 12:01:30 GMT', 90_000],
    ['Thu, 14 May 2026 11:59:00 GMT', 0],
    ['17s', 17_000],
    ['6m0s', 360_000],
    [null, undefined],
    [Number.NaN, undefined],
    [{}, undefined],
  ])('%s', (value, ms) => {
    expect(readWait(value, noon)).toBe(ms);
  });

  it('reads milliseconds where the field is one of milliseconds', () => {
    expect(readWait('18642', noon, 1)).toBe(18_642);
  });
});

const wait = (
  message: string,
  headers: Readonly<Record<string, string>> = {},
  fields: Readonly<Record<string, unknown>> = {},
): number | null =>
  classifyFailure(
    http(429, { error: { message, code: 'rate_limit_exceeded', ...fields } }, headers),
    { provider: 'openai', now: noon },
  ).retryAfterMs;

describe('the pause of a 429', () => {
  it.each<[string, Readonly<Record<string, string>>, number | null]>([
    [
      'retry-after-ms before retry-after',
      { 'retry-after': '19', 'retry-after-ms': '18642' },
      18_642,
    ],
    ['Azure milliseconds', { 'retry-after': '6', 'x-ms-retry-after-ms': '5500' }, 5500],
    ['a header without a value', { 'retry-after': '' }, null],
    [
      'only what is used up',
      { 'x-ratelimit-remaining-requests': '3', 'x-ratelimit-reset-requests': '5s' },
      null,
    ],
    [
      'used up',
      { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6m0s' },
      360_000,
    ],
    [
      'a limit per day',
      { 'x-ratelimit-remaining-requests-day': '0', 'x-ratelimit-reset-requests-day': '900' },
      null,
    ],
    ['nonsense', { 'x-ratelimit-remaining-tokens': '-1', 'x-ratelimit-reset-tokens': '0' }, null],
    [
      'the longest',
      {
        'x-ratelimit-remaining-a': '0',
        'x-ratelimit-reset-a': '2',
        'x-ratelimit-remaining-b': '0',
        'x-ratelimit-reset-b': '7',
      },
      7000,
    ],
    ['the IETF draft', { 'ratelimit-remaining': '0', 'ratelimit-reset': '17' }, 17_000],
    [
      'Anthropic',
      {
        'anthropic-ratelimit-tokens-remaining': '0',
        'anthropic-ratelimit-tokens-reset': '2026-05-14T12:00:37Z',
      },
      37_000,
    ],
  ])('in headers: %s', (_, headers, ms) => {
    expect(wait('Slow', headers)).toBe(ms);
  });

  it.each<[string, number | null]>([
    ['Please try again in 174ms.', 174],
    ['Please try again in 7m12s. Visit x', 432_000],
    ['Please retry after 33 seconds.', 33_000],
    ['Please retry in 9h54m12.5s.', 35_652_500],
    ['Try again in 60 seconds. Passed model=x', 60_000],
    ['Limit resets at: 2026-05-14 12:00:30 UTC', 30_000],
    ['You will be able to try again at 2026-05-14T12:02:00Z', 120_000],
    ['Limit 10000, Used 9000, Requested 500', null],
    ['Try again later. Request req_5m12s', null],
    ['Try again later (request 15m)', null],
    ['Limited to 20 requests per 1 minute', null],
  ])('in a sentence: %s', (message, ms) => {
    expect(wait(message)).toBe(ms);
  });

  it.each<[Readonly<Record<string, unknown>>, number]>([
    [{ retry_after: 9 }, 9000],
    [{ retry_after_ms: 250 }, 250],
    [{ metadata: { resets_at: '2026-05-14T12:10:00Z' } }, 600_000],
    [{ availability: { retry_after: 4 } }, 4000],
    [{ details: [{ retryDelay: '17s' }] }, 17_000],
    [{ metadata: { headers: { 'Retry-After': '11' } } }, 11_000],
  ])('in the body: %j', (fields, ms) => {
    expect(wait('Slow', {}, fields)).toBe(ms);
  });
});
