// Writes docs/configuration.md from the doc comments of the configuration's types, so that there
// is one truth. A test compares the page with what this makes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pageOf, table } from './page.ts';
import { readDeclarations, type Declaration, type Member } from './read-declarations.ts';

const root = join(import.meta.dirname, '..');
const sources = ['config/types.ts', 'config/keys-from-env.ts', 'clock.ts'];
const target = join(root, 'docs/configuration.md');

/** Types that the AI SDK defines. */
const UNLISTED = new Set(['ModelObject', 'RouteSettings']);

/** The sections of the page; every type has its place in one. */
const SECTIONS: readonly (readonly [title: string, ...types: string[]])[] = [
  ['The pool', 'PoolConfig', 'PoolSettings'],
  ['Providers', 'ProvidersInput'],
  ['A provider entry', 'ProviderEntry'],
  ['Keys', 'KeysInput'],
  ['A key', 'KeyEntry'],
  ['A secret', 'ApiKey'],
  ['A model', 'ModelEntry'],
  ['An account', 'AccountEntry'],
  ['Limits', 'Limits'],
  ['Time limits', 'Timeouts'],
  ['Routing', 'Routing'],
  ['A routing function', 'ChooseProviders', 'ProviderCandidate'],
  ['Key selection', 'KeySelection'],
  ['A key-selecting function', 'ChooseKey', 'KeyCandidate'],
  ['Cooldown', 'CooldownSettings'],
  ['Daily reset', 'DailyReset'],
  ['Disable after', 'DisableAfter'],
  ['One call, and `model.with(...)`', 'PoolCallOptions'],
  ['`create`', 'CreateProvider'],
  ['What `create` learns', 'CreateContext'],
  ['What `classify` learns', 'ClassifyContext'],
  ['Result conditions', 'ResultCondition'],
  ['A result predicate', 'ResultPredicate'],
  ['What `retryOnResult` judges', 'ModelResult'],
  ['A part of an answer', 'ResultPart'],
  ['What `retryOnResult` learns beside it', 'ResultContext'],
  ['`keysFromEnv`', 'KeysFromEnvOptions'],
  ['A clock', 'Clock'],
];

const EXAMPLE = `import { createOpenAI } from '@ai-sdk/openai';
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { generateText } from 'ai';
import { createPooledModel, keysFromEnv, schemaMismatch } from 'ai-pool';

const model = createPooledModel({
  routing: 'priority',
  keySelection: 'least-recently-used',
  cooldown: { 'server-error': 2_000, quota: { dailyReset: 'UTC' }, max: 3_600_000 },
  maxWaitMs: 10_000,
  timeouts: { attemptMs: 60_000, firstOutputMs: 10_000 },
  disableAfter: { failures: 5, windowMs: 60_000 },
  recoveryCheckMs: 1_000,
  contentFilterFallback: true,
  retryOnResult: ['content-filter', 'empty', schemaMismatch],
  providers: [
    {
      name: 'openai',
      create: createOpenAI,
      keys: [
        { apiKey: async () => 'sk-from-a-vault-01', id: 'vault', account: 'acme' },
        { apiKey: 'sk-second-0123456789', label: 'spare', account: 'acme', weight: 2 },
      ],
      models: [
        { id: 'gpt-4o', settings: { temperature: 0.2, maxOutputTokens: 500 } },
        { id: 'gpt-4o-mini', limits: { rpm: 60 }, contextWindow: 128_000 },
      ],
      accounts: { acme: { limits: { tpm: 200_000 } } },
      keySelection: 'weighted',
    },
    {
      name: 'openrouter',
      create: createOpenRouter,
      keys: keysFromEnv('OPENROUTER_API_KEYS'),
      models: ['openai/gpt-4o'],
      limits: { maxConcurrency: 8 },
      meta: { owner: 'ops' },
    },
  ],
  onEvent: event => console.log(event.type),
});

const { text } = await generateText({
  model: model.with({ order: ['openai/gpt-4o-mini'] }),
  prompt: 'Why are there tides?',
  providerOptions: { pool: { maxWaitMs: 0 } },
});
console.log(text);
`;

export async function configurationPage(): Promise<string> {
  const declarations = new Map(
    sources
      .flatMap(file =>
        readDeclarations(readFileSync(join(root, 'packages/ai-pool/src', file), 'utf8')),
      )
      .map(each => [each.name, each]),
  );
  const listed = new Set(SECTIONS.flatMap(([, ...types]) => types));
  for (const name of declarations.keys()) {
    if (!listed.has(name) && !UNLISTED.has(name)) throw new Error(`${name} is in no section`);
  }
  return pageOf('configuration.md', [
    '<!-- Generated from the doc comments in packages/ai-pool/src/config: npx -y pnpm@12 run generate:docs -->',
    '# Configuration',
    'Every option, with its type and its default. Durations are in milliseconds (`Ms`), where nothing else is said. What is wrong in a configuration is a `PoolConfigError` that names the option (`providers[1].keys[0]`).',
    '<!-- run -->',
    `\`\`\`ts\n${EXAMPLE}\`\`\``,
    ...SECTIONS.flatMap(([title, ...types]) => [
      `## ${title}`,
      ...section(
        types.map(name => {
          const found = declarations.get(name);
          if (found === undefined) throw new Error(`there is no type ${name}`);
          return found;
        }),
      ),
    ]),
  ]);
}

/** The types of a section: what the last one says, and the members of all. */
function section(types: readonly Declaration[]): readonly string[] {
  const members = types.flatMap(each => each.members);
  const words = members.some(({ name }) => name.startsWith("'"));
  const text = types.at(-1)?.text ?? '';
  const stands = types.flatMap(({ type }) => (type === '' || words ? [] : [type]));
  const others = stands.filter(type => types.every(({ name }) => name !== type));
  return [
    text,
    ...others.map(type => (members.length === 0 ? quoted(type) : `Also all of ${quoted(type)}.`)),
    members.length === 0 ? '' : tableOf(members, words),
  ].filter(line => line !== '');
}

function tableOf(members: readonly Member[], words: boolean): string {
  const head = words ? ['value', 'what'] : ['name', 'type', 'default', 'what'];
  const rows = members.map(({ name, optional, type, text, fallback }) => {
    const otherwise = optional ? (fallback ?? 'none') : 'required';
    return words ? [quoted(name), text] : [quoted(name), linked(type), otherwise, text];
  });
  return table(head, rows);
}

function quoted(text: string): string {
  return `\`${text}\``;
}

/** A type, linked to the section that tells more about it. */
function linked(type: string): string {
  const own = SECTIONS.find(([, ...types]) =>
    types.some(name => new RegExp(String.raw`\b${name}\b`).test(type)),
  );
  if (own === undefined) return quoted(type);
  const anchor = own[0]
    .toLowerCase()
    .replaceAll(/[^a-z -]/g, '')
    .replaceAll(' ', '-');
  return `[${quoted(type)}](#${anchor})`;
}

if (import.meta.main) writeFileSync(target, await configurationPage());
