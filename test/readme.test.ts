import { globSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { run, runOn, startServices } from './readme-services.ts';

/** The programs: where `ai` 7 and its provider packages resolve. */
const folder = fileURLToPath(new URL('ai-7/node_modules/.cache/readme', import.meta.url));
const root = fileURLToPath(new URL('..', import.meta.url));
const pages = globSync(['packages/*/README.md', 'docs/**/*.md'], { cwd: root });
const files = ['README.md', ...pages.toSorted()];
const texts = await Promise.all(files.map(file => readFile(`${root}${file}`, 'utf8')));
const readme = texts.join('\n');

/** What stands in the comment before a block: how the block is checked. */
interface Block {
  note: string;
  language: string;
  code: string;
}

const blocks: readonly Block[] = [
  ...readme.matchAll(/(?:^<!-- (.*) -->\n\n)?^```(\w*)\n([\s\S]*?)^```$/gm),
].map(([, note = '', language = '', code = '']) => ({ note, language, code }));
const snippets = blocks.filter(({ language }) => language === 'ts');

const [quickStart] = snippets;

/** A snippet as a program of its own. */
function programOf({ note, code }: Block): string {
  return note === 'run: continues the quick start' ? `${quickStart?.code}\n${code}` : code;
}

/** Tables and sentences that list what a type has: a program that compiles when they do. */
function listsProgram(): string {
  const tables = readme.matchAll(/^<!-- keys of: (\w+) -->\n\n\|.*\n\|[- |]*\n((?:\|.*\n)+)/gm);
  const sentences = readme.matchAll(/^<!-- names of: (\w+) -->\n\n(.*)/gm);
  const checks = [
    // `status()` is what a call of `status` looks like.
    ...Array.from(
      tables,
      ([, type, rows = '']) => [type, rows.matchAll(/^\| `([^`(]+)/gm)] as const,
    ),
    ...Array.from(sentences, ([, type, text = '']) => [type, text.matchAll(/`([^`]+)`/g)] as const),
  ].map(([type, names], i) => {
    const union = Array.from(names, ([, name]) => `'${name}'`).join(' | ');
    return `export const list${i}: Same<${union}, Names<pool.${type}>> = true;`;
  });
  expect(checks.length).toBeGreaterThan(7);
  return `import type * as pool from 'ai-pool';
type Names<T> = T extends string ? T : Extract<keyof T, string>;
type Same<InReadme, InCode> = [InReadme] extends [InCode]
  ? [InCode] extends [InReadme] ? true : { notInReadme: Exclude<InCode, InReadme> }
  : { notInCode: Exclude<InReadme, InCode> };
${checks.join('\n')}
`;
}

/** Blocks that show a value of a public type. */
function valuesProgram(): string {
  const values = blocks
    .filter(({ note }) => note.startsWith('type: '))
    .map(({ note, code }, i) => `export const value${i}: pool.${note.slice(6)} = ${code};`);
  expect(values.length).toBeGreaterThan(0);
  return `import type * as pool from 'ai-pool';\n${values.join('\n')}`;
}

test('every ts block says whether it runs, or why not', () => {
  expect(snippets.length).toBeGreaterThan(5);
  for (const { note } of snippets) {
    expect(note).toMatch(/^(run|run: continues the quick start|not run: .{10,})$/);
  }
});

test('every ts block compiles, and the lists have what the types have', async () => {
  const programs: Record<string, string> = Object.fromEntries(
    snippets.map((snippet, i) => [`snippet-${i + 1}.ts`, programOf(snippet)]),
  );
  programs['lists.ts'] = listsProgram();
  programs['values.ts'] = valuesProgram();

  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/package.json`, JSON.stringify({ type: 'module' }));
  await writeFile(
    `${folder}/tsconfig.json`,
    JSON.stringify({
      extends: '../../../../../tsconfig.base.json',
      compilerOptions: {
        types: ['node'],
        isolatedDeclarations: false,
        exactOptionalPropertyTypes: false,
        // The README is written for everybody: `providerMetadata?.pool`.
        noPropertyAccessFromIndexSignature: false,
      },
      files: Object.keys(programs),
    }),
  );
  for (const [name, code] of Object.entries(programs)) await writeFile(`${folder}/${name}`, code);

  const { code, output } = await run(`${root}node_modules/.bin/tsc`, {
    args: ['--project', folder],
    env: {},
  });
  expect(output).toBe('');
  expect(code).toBe(0);
}, 30_000);

test('every ts block that is meant to run does', async () => {
  await using fakes = await startServices();
  await mkdir(folder, { recursive: true });
  for (const [i, snippet] of snippets.entries()) {
    if (!snippet.note.startsWith('run')) continue;
    fakes.reset();
    const program = `${folder}/snippet-${i + 1}.mjs`;
    await writeFile(program, stripTypeScriptTypes(programOf(snippet)));
    const { code, output } = await runOn(fakes, program, {
      GEMINI_API_KEYS: 'AIza-one-0123456789,AIza-two-0123456789',
      OPENAI_API_KEYS: 'sk-one-0123456789',
      OPENROUTER_API_KEYS: 'sk-or-v1-one-0123456789',
      GOOGLE_GENERATIVE_AI_API_KEY: 'AIza-one-0123456789',
      OPENAI_API_KEY: 'sk-one-0123456789',
    });

    expect(output).not.toMatch(/error|AIza-|sk-/i);
    expect(output).toContain('nobody had to wait');
    expect(code).toBe(0);
    expect(fakes.requests.every(({ status }) => status === 200)).toBe(true);
  }
}, 60_000);
