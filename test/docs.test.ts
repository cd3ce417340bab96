import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { configurationPage } from '../.ci/configuration-docs.ts';
import { failuresPage } from '../.ci/failures-docs.ts';

test('docs/configuration.md is what the doc comments say: npx -y pnpm@12 run generate:docs', async () => {
  const committed = await readFile(new URL('../docs/configuration.md', import.meta.url), 'utf8');
  expect(committed).toBe(await configurationPage());
});

test('docs/failures.md is what the code concludes: npx -y pnpm@12 run generate:docs', async () => {
  const committed = await readFile(new URL('../docs/failures.md', import.meta.url), 'utf8');
  expect(committed).toBe(await failuresPage());
});
