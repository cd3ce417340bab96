import { fakeModel } from '@ai-pool/testing';
import { expect, it } from 'vitest';
import { createPooledModel } from '../index.ts';

const withUrls = (supportedUrls: unknown) => {
  const model = fakeModel({ specificationVersion: 'v3' });
  Object.defineProperty(model, 'supportedUrls', { get: () => supportedUrls });
  return model;
};

const v1 = (options: object) => fakeModel({ specificationVersion: 'v1', ...options });

it('keeps a URL pattern only where every member has an equal one', () => {
  const shared = createPooledModel([
    withUrls({ 'image/*': [/^https:/, /^gs:/], 'audio/*': [/x/] }),
    withUrls({ 'image/*': [/^gs:/, /^https:/i], 'text/*': [/y/] }),
  ]).supportedUrls;
  expect(shared).toEqual({ 'image/*': [/^gs:/] });
});

it('waits for promised patterns and never rejects', async () => {
  const promised = createPooledModel([
    withUrls(Promise.resolve({ a: [/x/] })),
    withUrls({ a: [/x/] }),
  ]).supportedUrls;
  await expect(Promise.resolve(promised)).resolves.toEqual({ a: [/x/] });
  const rejected = createPooledModel([
    withUrls(Promise.reject(new Error('no'))),
    withUrls({ a: [/x/] }),
  ]).supportedUrls;
  await expect(Promise.resolve(rejected)).resolves.toEqual({});
  expect(createPooledModel([withUrls(undefined)]).supportedUrls).toEqual({});
});

it('gives V1 its four capability members', () => {
  const pooled = createPooledModel([
    v1({ defaultObjectGenerationMode: 'json', supportsStructuredOutputs: true }),
    v1({ defaultObjectGenerationMode: 'tool', supportsImageUrls: false }),
  ]) as unknown as Record<string, unknown> & { supportsUrl: (url: URL) => boolean };
  expect(pooled).toMatchObject({
    specificationVersion: 'v1',
    defaultObjectGenerationMode: 'json',
    supportsImageUrls: false,
    supportsStructuredOutputs: false,
  });
  expect(pooled.supportsUrl(new URL('https://x'))).toBe(false);
  expect('supportedUrls' in pooled).toBe(false);
});

it('is a plain, unfrozen object with stable names', () => {
  const pooled = createPooledModel([fakeModel({ specificationVersion: 'v4', modelId: 'm' })]);
  expect(Object.isFrozen(pooled)).toBe(false);
  expect(Object.getPrototypeOf(pooled)).toBe(Object.prototype);
  expect([pooled.provider, pooled.modelId]).toEqual(['ai-pool', 'm']);
});
