import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { faultsPage } from '../.ci/faults-docs.ts';

test('docs/faults.md is what the suite declares: npx -y pnpm@12 run generate:docs', async () => {
  const committed = await readFile(new URL('../docs/faults.md', import.meta.url), 'utf8');
  expect(committed).toBe(await faultsPage());
});
