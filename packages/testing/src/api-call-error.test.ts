import { expect, test } from 'vitest';
import { apiCallError } from './api-call-error.ts';

test('carries the markers and fields of the AI SDK', () => {
  const cause = new Error('socket');
  const error = apiCallError({
    statusCode: 429,
    responseHeaders: { 'retry-after': '7' },
    data: { error: { message: 'slow down', type: 'requests' } },
    cause,
  });
  expect(error).toBeInstanceOf(Error);
  expect(Reflect.get(error, Symbol.for('vercel.ai.error'))).toBe(true);
  expect(Reflect.get(error, Symbol.for('vercel.ai.error.AI_APICallError'))).toBe(true);
  expect(error).toMatchObject({
    name: 'AI_APICallError',
    message: 'slow down',
    statusCode: 429,
    isRetryable: true,
    responseHeaders: { 'retry-after': '7' },
    responseBody: '{"error":{"message":"slow down","type":"requests"}}',
    cause,
  });
});

test.each([
  [408, true],
  [409, true],
  [429, true],
  [500, true],
  [529, true],
  [400, false],
  [401, false],
  [404, false],
  [undefined, false],
])('status %s is retryable: %s', (statusCode, isRetryable) => {
  const error = apiCallError(statusCode === undefined ? {} : { statusCode });
  expect(error.isRetryable).toBe(isRetryable);
});

test('says something without being told', () => {
  expect(apiCallError().message).toBe('Cannot connect to API: fetch failed');
  expect(apiCallError({ statusCode: 503 }).message).toBe('Service Unavailable');
  expect(apiCallError({ statusCode: 529 }).message).toBe('HTTP 529');
});
