import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { configurationPage } from '../.ci/configuration-docs.ts';
import { failuresPage } from '../.ci/failures-docs.ts';
import { faultsPage } from '../.ci/faults-docs.ts';

test.each([
  ['configuration', 'the doc comments say', configurationPage],
  ['failures', 'the code concludes', failuresPage],
  ['faults', 'the suite declares', faultsPage],
])('docs/%s.md is what %s: npx -y pnpm@12 run generate:docs', async (name, _, page) => {
  const committed = await readFile(new URL(`../docs/${name}.md`, import.meta.url), 'utf8');
  expect(committed).toBe(await page());
});
