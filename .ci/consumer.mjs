// Packs ai-pool as it would be published and uses it as strangers do: type-checked with older and
// newer compilers under both module settings, run from its tarball, and bundled for the browser and
// for a Worker, where nothing of Node may be needed. The compilers live in test/consumers.
import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EdgeVM } from '@edge-runtime/vm';

const COMPILERS = ['5.4', '5.8', '6.0', '7.0'];
const MODULES = [
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'esnext', moduleResolution: 'bundler' },
];
/** The versions of `ai` with the specification that their models have. */
const GENERATIONS = { 4: 'v1', 5: 'v2', 6: 'v3', 7: 'v4' };

const root = join(import.meta.dirname, '..');
const tools = join(root, 'test/consumers');
const dir = mkdtempSync(join(tmpdir(), 'consumer-'));

/** A program that uses the package with its peers. */
const program = specification => `import { createOpenAI, openai } from '@ai-sdk/openai';
import { createPooledModel, createPooledProvider, createPoolMiddleware, keysFromEnv, PoolExhaustedError } from 'ai-pool';
import { embed, generateText, wrapLanguageModel, type LanguageModel } from 'ai';

const model = createPooledModel({
  providers: [{ name: 'openai', create: createOpenAI, keys: keysFromEnv('KEYS', { env: { KEYS: 'a,b' } }), models: ['gpt-4o'] }],
});
export const asModel: LanguageModel = model;
export const short: LanguageModel = createPooledModel([openai('gpt-4o'), openai('gpt-4o-mini')]);
export const version: '${specification}' = model.specificationVersion;
export const ask = async (): Promise<string> => (await generateText({ model, prompt: 'hi' })).text;
export const rotating: LanguageModel = createPooledProvider(createOpenAI, { keys: 'a,b' })('gpt-4o');
export const behind: LanguageModel = wrapLanguageModel({
  model: openai('gpt-4o'),
  middleware: createPoolMiddleware([openai('gpt-4o-mini')]),
});
export const embedded = () => embed({ model: model.pool.embeddingModel('text-embedding-3-small'), value: 'hi' });
export const isOurs = (error: unknown): boolean => PoolExhaustedError.isInstance(error);
// @ts-expect-error there is no such option
export const wrong = () => createPooledModel({ providers: [], maxWait: 1 });
console.log(model.pool.status().providers[0]?.keys.length);
`;

/** A program that uses the package alone: every line of its declarations is checked with it. */
const alone = `import * as pool from 'ai-pool';
export const verdict: pool.FailureKind = pool.classifyFailure(new Error('x')).kind;
export const create: (config: pool.PoolConfig) => unknown = pool.createPool;
`;

/** A program for the browser and for Workers, with the answer of a service in its hands. */
const web = `import { createOpenAI } from '@ai-sdk/openai';
import { generateText, streamText } from 'ai';
import { createPooledModel } from 'ai-pool';

const statuses = [429, 200, 200];
const fetch = async (url, { body, headers }) => {
  const status = statuses.shift();
  if (status !== 200) return new Response('{"error":{"message":"slow down"}}', { status });
  const text = new Headers(headers).get('authorization') + ' answers';
  const choice = { index: 0, finish_reason: 'stop' };
  const base = { id: 'x', created: 1, model: 'm' };
  if (!JSON.parse(body).stream) {
    return Response.json({ ...base, choices: [{ ...choice, message: { role: 'assistant', content: text } }] });
  }
  const chunk = { ...base, choices: [{ ...choice, delta: { role: 'assistant', content: text } }] };
  return new Response('data: ' + JSON.stringify(chunk) + '\\n\\ndata: [DONE]\\n\\n', {
    headers: { 'content-type': 'text/event-stream' },
  });
};

export async function main() {
  const model = createPooledModel({
    providers: {
      openai: {
        create: options => ({ languageModel: id => createOpenAI({ ...options, fetch }).chat(id) }),
        keys: 'one,two',
        models: ['m'],
      },
    },
  });
  const { text } = await generateText({ model, prompt: 'hi' });
  const { text: streamed } = streamText({ model, prompt: 'hi' });
  return [text, await streamed].join('; ');
}
`;

async function run(command, args, cwd = dir) {
  try {
    const { stdout } = await promisify(execFile)(command, args, { cwd });
    return stdout.trim();
  } catch (error) {
    const said = `${error.stdout}${error.stderr}`;
    throw new Error(`${command} ${args.join(' ')}\n${said}`, { cause: error });
  }
}

/** A folder of its own in which the package and, from one generation, its peers are installed. */
function consumer(name, major) {
  const folder = join(dir, name);
  mkdirSync(join(folder, 'node_modules/@ai-sdk'), { recursive: true });
  symlinkSync(join(dir, 'package'), join(folder, 'node_modules/ai-pool'));
  for (const peer of major === undefined
    ? []
    : ['ai', '@ai-sdk/openai', '@ai-sdk/provider', 'zod']) {
    symlinkSync(
      join(root, `test/ai-${major}/node_modules`, peer),
      join(folder, 'node_modules', peer),
    );
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module","private":true}');
  return folder;
}

/** Type-checks one file with each compiler under each module setting. */
async function check(folder, file, options, compilers = COMPILERS) {
  for (const compiler of compilers) {
    const tsc = join(tools, `node_modules/typescript-${compiler}/bin/tsc`);
    await Promise.all(
      MODULES.map(async modules => {
        const config = `tsconfig.${modules.moduleResolution}.json`;
        const compilerOptions = {
          strict: true,
          noEmit: true,
          target: 'es2022',
          ...modules,
          ...options,
        };
        writeFileSync(join(folder, config), JSON.stringify({ compilerOptions, files: [file] }));
        await run(process.execPath, [tsc, '-p', config], folder);
      }),
    );
  }
  console.log(`types of ${file} ok: TypeScript ${compilers.join(', ')}, nodenext and bundler`);
}

/** Bundles for a platform without Node, and runs the bundle where there is nothing of Node. */
async function bundle(folder, conditions) {
  const out = `out.${conditions.replace(',', '-')}.js`;
  const output = ['--bundle', '--format=iife', '--global-name=bundle', `--outfile=${out}`];
  const target = ['--platform=browser', `--conditions=${conditions}`];
  await run(
    join(tools, 'node_modules/.bin/esbuild'),
    ['web.mjs', ...output, ...target, '--log-level=warning'],
    folder,
  );
  const vm = new EdgeVM();
  vm.evaluate(readFileSync(join(folder, out), 'utf8'));
  const answer = await vm.evaluate('bundle.main()');
  const expected = 'Bearer two answers; Bearer one answers';
  if (answer !== expected) throw new Error(`bundle for ${conditions}: ${answer}`);
  console.log(`bundled for ${conditions}, and runs without Node: ok`);
}

try {
  await run('pnpm', ['install', '--frozen-lockfile'], tools);
  await run('pnpm', ['pack', '--pack-destination', dir], join(root, 'packages/ai-pool'));
  const tarball = readdirSync(dir).find(name => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('no tarball');
  // The name inside of every npm tarball: package/.
  await run('tar', ['-xzf', tarball]);

  // What @types/node, or any newer lib, brings along: Symbol.asyncDispose.
  const lib = ['es2022', 'dom', 'esnext.disposable'];
  const bare = consumer('alone');
  writeFileSync(join(bare, 'alone.ts'), alone);
  await check(bare, 'alone.ts', { skipLibCheck: false, types: [], lib });

  for (const [major, specification] of Object.entries(GENERATIONS)) {
    const folder = consumer(`ai-${major}`, major);
    const file = `with-ai-${major}.ts`;
    cpSync(join(root, 'node_modules/@types'), join(folder, 'node_modules/@types'), {
      recursive: true,
    });
    writeFileSync(join(folder, file), program(specification));
    const options = { skipLibCheck: true, types: ['node'] };
    await check(folder, file, options, major === '7' ? COMPILERS : COMPILERS.slice(-1));
    const output = await run(process.execPath, [file], folder);
    if (output !== '2') throw new Error(`the packed package said ${output}`);
    console.log(`runs from its tarball with ai ${major}: ok`);
  }

  const folder = join(dir, 'ai-7');
  writeFileSync(join(folder, 'web.mjs'), web);
  await bundle(folder, 'browser');
  await bundle(folder, 'worker,browser');
} finally {
  rmSync(dir, { recursive: true, force: true });
}
