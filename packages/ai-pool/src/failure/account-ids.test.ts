import { expect, it } from 'vitest';
import { accountIds } from './account-ids.ts';
import { gatherEvidence } from './evidence.ts';

const idsOf = (body: unknown, headers: Record<string, string> = {}): readonly string[] =>
  accountIds(gatherEvidence({ status: 429, headers, bodies: [body] }, undefined));

it('reads organisations and projects in headers', () => {
  expect(
    idsOf(undefined, { 'OpenAI-Organization': 'user-abc', 'openai-project': 'proj_x' }),
  ).toEqual(['openai-organization user-abc', 'openai-project proj_x']);
  expect(idsOf(undefined, { 'anthropic-organization-id': '0b5c' })).toEqual([
    'anthropic-organization-id 0b5c',
  ]);
});

it('reads them in what a refusal says', () => {
  const message = 'Rate limit reached for gpt-4o in organization org-AbCdEf123456 on requests';
  expect(idsOf({ error: { message } })).toEqual(['org-abcdef123456']);
  expect(idsOf({ error: { message: 'Project `proj_12345678` does not have access' } })).toEqual([
    'proj_12345678',
  ]);
  const details = [{ reason: 'RATE_LIMIT_EXCEEDED', metadata: { consumer: 'projects/123456789' } }];
  expect(idsOf({ error: { code: 429, status: 'RESOURCE_EXHAUSTED', details } })).toEqual([
    'projects/123456789',
  ]);
});

it('reads nothing where nothing is named', () => {
  expect(idsOf({ error: { message: 'Your org-wide projects are over their limit' } })).toEqual([]);
  expect(idsOf('<html>')).toEqual([]);
});
