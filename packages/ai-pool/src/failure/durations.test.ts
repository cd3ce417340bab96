import fc from 'fast-check';
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

/** `7m12s`, `114h18m0s` */
function goDuration(ms: number): string {
  const seconds = (ms % 60_000) / 1000;
  const minutes = Math.floor(ms / 60_000);
  const hours = Math.floor(minutes / 60);
  const upToMinutes = minutes === 0 ? '' : `${minutes % 60}m`;
  return `${hours === 0 ? '' : `${hours}h`}${upToMinutes}${seconds}s`;
}

function inWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts = [
    [Math.floor(seconds / 3600), 'hour'],
    [Math.floor(seconds / 60) % 60, 'minute'],
    [seconds % 60, 'second'],
  ] as const;
  return parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}${amount === 1 ? '' : 's'}`)
    .join(' and ');
}

const isoAt = (ms: number): string => new Date(noon + ms).toISOString();

interface Said {
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Everything that means `ms` from now; whole seconds where a form has no finer ones. */
const forms: Readonly<Record<string, (ms: number) => Said>> = {
  seconds: ms => ({ headers: { 'retry-after': String(ms / 1000) } }),
  'an HTTP date': ms => ({ headers: { 'retry-after': new Date(noon + ms).toUTCString() } }),
  milliseconds: ms => ({ headers: { 'retry-after-ms': String(ms), 'retry-after': '1' } }),
  'milliseconds of Azure': ms => ({ headers: { 'x-ms-retry-after-ms': String(ms) } }),
  'a field in seconds': ms => ({ fields: { retry_after: ms / 1000 } }),
  'a field in milliseconds': ms => ({ fields: { retry_after_ms: ms } }),
  'Google RetryInfo': ms => ({ fields: { details: [{ retryDelay: `${ms / 1000}s` }] } }),
  'RetryInfo with nanoseconds': ms => ({
    fields: { details: [{ retryDelay: `${(ms / 1000).toFixed(9)}s` }] },
  }),
  'a moment in a field': ms => ({ fields: { metadata: { resets_at: isoAt(ms) } } }),
  'epoch seconds in a field': ms => ({ fields: { resets_at: (noon + ms) / 1000 } }),
  'a Go duration in a sentence': ms => ({
    message: `Please try again in ${goDuration(ms)}. Visit`,
  }),
  'words in a sentence': ms => ({ message: `Please retry after ${inWords(ms)}.` }),
  'a moment in a sentence': ms => ({
    message: `You will regain access on ${isoAt(ms).slice(0, 10)} at ${isoAt(ms).slice(11, 19)} UTC.`,
  }),
  'a reset in seconds': ms => reset('x-ratelimit', String(ms / 1000)),
  'a reset as a Go duration': ms => reset('x-ratelimit', goDuration(ms)),
  'a reset in epoch milliseconds': ms => reset('x-ratelimit', String(noon + ms)),
  'a reset in epoch seconds': ms => reset('x-ratelimit', String((noon + ms) / 1000)),
  'a reset of the IETF draft': ms => reset('ratelimit', String(ms / 1000)),
  'a reset as RFC 3339': ms => ({
    headers: {
      'anthropic-ratelimit-tokens-remaining': '0',
      'anthropic-ratelimit-tokens-reset': isoAt(ms),
      // What is left over there says nothing.
      'anthropic-ratelimit-requests-remaining': '7',
      'anthropic-ratelimit-requests-reset': isoAt(ms + 9_000_000),
    },
  }),
};

const reset = (prefix: string, value: string): Said => ({
  headers: { [`${prefix}-remaining`]: '0', [`${prefix}-reset`]: value },
});

// Seconds to days, in whole seconds and in milliseconds.
const seconds = fc.integer({ min: 1, max: 400_000 }).map(number => number * 1000);
const milliseconds = fc.integer({ min: 1000, max: 9_000_000 });
const isFine = /millisec|Azure|field in|RetryInfo|Go duration/;

describe('the same pause, however it is written', () => {
  it.each(Object.entries(forms))('%s', (name, form) => {
    fc.assert(
      fc.property(isFine.test(name) ? fc.oneof(seconds, milliseconds) : seconds, ms => {
        const { message = 'Slow down', headers = {}, fields = {} } = form(ms);
        expect(Math.abs((wait(message, headers, fields) ?? -1) - ms)).toBeLessThan(1.5);
      }),
      { seed: 20_260_514, numRuns: 200 },
    );
  });

  it('is nothing where it lies in the past: clocks differ', () => {
    const past = forms['an HTTP date']?.(-90_000);
    expect(wait('Slow down', past?.headers)).toBe(0);
    expect(wait(`Limit resets at: ${isoAt(-5000).slice(0, 19).replace('T', ' ')} UTC`)).toBe(0);
  });
});
