import { describe, expect, it } from 'vitest';
import { byNetwork } from './network.ts';

const coded = (code: string): Error =>
  new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code }) });

const brief = (error: unknown): string => {
  const { kind, action, permanent } = byNetwork(error) ?? {};
  return `${kind} ${action}${permanent === true ? ' P' : ''}`;
};

describe('codes', () => {
  it.each([
    ['ECONNRESET', 'network same-key'],
    ['EPIPE', 'network same-key'],
    ['EAI_AGAIN', 'network same-key'],
    ['UND_ERR_SOCKET', 'network same-key'],
    ['ERR_STREAM_PREMATURE_CLOSE', 'network same-key'],
    ['ConnectionClosed', 'network same-key'],
    ['ENOTFOUND', 'network next-provider'],
    ['ECONNREFUSED', 'network next-provider'],
    ['ETIMEDOUT', 'network next-provider'],
    ['UND_ERR_CONNECT_TIMEOUT', 'network next-provider'],
    ['EHOSTUNREACH', 'network next-provider'],
    ['ConnectionRefused', 'network next-provider'],
    ['FailedToOpenSocket', 'network next-provider'],
    ['UND_ERR_HEADERS_TIMEOUT', 'timeout next-model'],
    ['UND_ERR_BODY_TIMEOUT', 'timeout next-model'],
    ['CERT_HAS_EXPIRED', 'network next-provider P'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'network next-provider P'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'network next-provider P'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'network next-provider P'],
    ['EPROTO', 'network next-provider P'],
  ])('%s', (code, expected) => {
    expect(brief(coded(code))).toBe(expected);
    expect(brief(Object.assign(new Error('x'), { code }))).toBe(expected);
    // Happy eyeballs: each address failed for itself.
    const all = new AggregateError([Object.assign(new Error('x'), { code })]);
    expect(brief(new TypeError('fetch failed', { cause: all }))).toBe(expected);
  });
});

describe('messages', () => {
  it.each([
    ['fetch failed', 'network same-key'],
    ['Failed to fetch', 'network same-key'],
    ['Load failed', 'network same-key'],
    ['terminated', 'network same-key'],
    ['NetworkError when attempting to fetch resource.', 'network same-key'],
    ['Network connection lost.', 'network same-key'],
    ['error reading a body from connection', 'network same-key'],
    [
      'error sending request for url (https://a/): connection closed before message completed',
      'network same-key',
    ],
    [
      'error sending request for url (https://a/): client error (Connect): dns error',
      'network next-provider',
    ],
    [
      'error sending request for url (https://a/): tcp connect error: Connection refused (os error 111)',
      'network next-provider',
    ],
    ['invalid peer certificate: UnknownIssuer', 'network next-provider P'],
  ])('%s', (message, expected) => {
    expect(brief(new TypeError(message))).toBe(expected);
  });

  it.each([
    'Cannot read properties of undefined',
    'Rate limit reached',
    'bottles terminated early',
    '',
  ])('is no network: %s', message => {
    expect(byNetwork(new TypeError(message))).toBeUndefined();
  });
});

it('ends on a chain that bites its tail', () => {
  const error = new Error('x');
  error.cause = error;
  expect(byNetwork(error)).toBeUndefined();
});
