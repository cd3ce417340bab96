import { expect, it } from 'vitest';
import { accountIds } from './account-ids.ts';

it('reads organisations and projects in headers', () => {
  expect(accountIds({ 'openai-organization': 'user-abc', 'openai-project': 'proj_x' })).toEqual([
    'openai-organization user-abc',
    'openai-project proj_x',
  ]);
  expect(accountIds({ 'anthropic-organization-id': '0b5c' })).toEqual([
    'anthropic-organization-id 0b5c',
  ]);
});

it('reads them in what a refusal says', () => {
  const limit = 'Rate limit reached for gpt-4o in organization org-AbCdEf123456 on requests';
  expect(accountIds(undefined, limit)).toEqual(['org-abcdef123456']);
  expect(accountIds({}, 'Project `proj_12345678` does not have access')).toEqual(['proj_12345678']);
  expect(accountIds({}, '"metadata":{"consumer":"projects/123456789"}')).toEqual([
    'projects/123456789',
  ]);
});

it('reads nothing where nothing is named', () => {
  expect(accountIds({}, 'Your org-wide projects are over their limit')).toEqual([]);
  expect(accountIds(null)).toEqual([]);
  expect(accountIds('text')).toEqual([]);
});
