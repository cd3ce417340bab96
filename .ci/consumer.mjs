// Packs ai-pool as it would be published and uses it as a stranger would: type-checked with the
// two module settings that people have, and run from the tarball.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const dir = mkdtempSync(join(tmpdir(), 'consumer-'));
const run = (command, args, cwd = dir) =>
  execFileSync(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });

const source = `import { openai } from '@ai-sdk/openai';
import { createOpenAI } from '@ai-sdk/openai';
import { createPooledModel, keysFromEnv, PoolExhaustedError } from 'ai-pool';
import { generateText, type LanguageModel } from 'ai';

const model = createPooledModel({
  providers: [{ name: 'openai', create: createOpenAI, keys: keysFromEnv('KEYS', { env: { KEYS: 'a,b' } }), models: ['gpt-4o'] }],
});
export const asModel: LanguageModel = model;
export const short: LanguageModel = createPooledModel([openai('gpt-4o'), openai('gpt-4o-mini')]);
export const version: 'v4' = model.specificationVersion;
export const ask = async (): Promise<string> => (await generateText({ model, prompt: 'hi' })).text;
export const isOurs = (error: unknown): boolean => PoolExhaustedError.isInstance(error);
console.log(model.pool.status().providers[0]?.keys.length);
`;

try {
  run('pnpm', ['pack', '--pack-destination', dir], join(root, 'packages/ai-pool'));
  const tarball = readdirSync(dir).find(name => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('no tarball');
  mkdirSync(join(dir, 'node_modules/ai-pool'), { recursive: true });
  run('tar', ['-xzf', join(dir, tarball), '--strip-components=1', '-C', 'node_modules/ai-pool']);
  for (const name of ['ai', '@ai-sdk/openai', '@ai-sdk/provider', 'zod']) {
    mkdirSync(join(dir, 'node_modules', name, '..'), { recursive: true });
    symlinkSync(join(root, 'test/ai-7/node_modules', name), join(dir, 'node_modules', name));
  }
  cpSync(join(root, 'node_modules/@types'), join(dir, 'node_modules/@types'), { recursive: true });
  writeFileSync(join(dir, 'package.json'), '{"type":"module","private":true}');
  writeFileSync(join(dir, 'main.ts'), source);
  const settings = [
    { module: 'nodenext', moduleResolution: 'nodenext' },
    { module: 'esnext', moduleResolution: 'bundler' },
  ];
  for (const compilerOptions of settings) {
    const options = {
      ...compilerOptions,
      strict: true,
      noEmit: true,
      target: 'es2022',
      types: ['node'],
    };
    const tsconfig = { compilerOptions: { ...options, skipLibCheck: true }, files: ['main.ts'] };
    writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(tsconfig));
    run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.']);
    console.log(`types: ${compilerOptions.moduleResolution} ok`);
  }
  const output = run(process.execPath, ['main.ts']).trim();
  if (output !== '2') throw new Error(`the packed package said ${output}`);
  console.log('runs from its tarball: ok');
} finally {
  rmSync(dir, { recursive: true, force: true });
}
