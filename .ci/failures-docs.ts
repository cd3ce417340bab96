// Writes docs/failures.md from what the code itself uses: the outcomes that its rules conclude, the
// pauses that it guesses, what an outer retry can hope for, and the answers that its tests know. A
// test compares the page with what this makes.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { timeHeals } from '../packages/ai-pool/src/call/exhausted.ts';
import {
  cases,
  constructed,
  type FailureCase,
} from '../packages/ai-pool/src/failure/__fixtures__/cases.ts';
import { toVerdict } from '../packages/ai-pool/src/failure/decide.ts';
import { gatherEvidence } from '../packages/ai-pool/src/failure/evidence.ts';
import * as outcomes from '../packages/ai-pool/src/failure/outcomes.ts';
import { nextReset, type Reset } from '../packages/ai-pool/src/failure/resets.ts';
import type {
  FailureAction,
  FailureKind,
  FailureScope,
} from '../packages/ai-pool/src/failure/verdict.ts';
import { guessedPause } from '../packages/ai-pool/src/scheduling/guessed-pause.ts';
import { pageOf, table } from './page.ts';

const source = join(import.meta.dirname, '../packages/ai-pool/src/failure');
const target = join(import.meta.dirname, '../docs/failures.md');

interface Kind {
  readonly means: string;
  /** What of the configuration changes it. */
  readonly settings: string;
  readonly more?: string;
}

const COOLDOWN = '`cooldown`: how long to pause where nobody says so.';
const REPROBE = '`reprobe: false`: never looked at again by itself; `pool.enable(…)` does.';
const CLASSIFY = '`classify`: judge such an answer yourself.';

const KINDS: Readonly<Record<FailureKind, Kind>> = {
  'rate-limit': {
    means: 'Too many requests or tokens for now: a window of seconds, minutes or hours is full.',
    settings: `${COOLDOWN} \`limits\`: stay below a limit that you know. \`account\` on keys: what shares a limit pauses together. \`maxWaitMs\`: how long a call waits when every target is paused.`,
    more: 'A request that alone asks for more than the whole limit is `too-large`, and the capacity of everybody is `overloaded`, though both arrive as a 429.',
  },
  quota: {
    means:
      'What may be used in a day, a week, a month or up to a spend cap is used up, and comes back by itself.',
    settings: `\`cooldown.quota\`: so many ms, or \`{ dailyReset: 'UTC' }\`, where nobody says when. \`limits.rpd\`, \`limits.tpd\`. \`account\` on keys.`,
  },
  billing: {
    means: 'Nobody pays: no credit, an unpaid bill, a budget that a person has to raise.',
    settings: REPROBE,
    more: 'Where only this request costs more than what is left, a smaller one passes: nothing is closed.',
  },
  auth: {
    means: 'The key is wrong, revoked or expired, or its account is closed.',
    settings: `${REPROBE} \`apiKey\` as a function: it is asked once more for a fresh secret before the key counts as failed.`,
  },
  permission: {
    means:
      'The key is good, but it may not do this: no access to the model, a missing right, terms or privacy settings.',
    settings: `${REPROBE} \`models\` on a key: which of the models it is for.`,
    more: 'An answer that says "does not exist or you do not have access" is of this kind: another account may have access.',
  },
  blocked: {
    means:
      'The provider, or the edge in front of it, does not serve this country, network or address.',
    settings: REPROBE,
  },
  'model-not-found': {
    means: 'The provider has no such model, or has it no longer.',
    settings: REPROBE,
  },
  'context-length': {
    means: 'The prompt is longer than what the model takes.',
    settings:
      '`contextWindow` on models: larger ones first, and what certainly does not fit is not sent.',
  },
  'too-large': {
    means: 'The request is too big: in bytes, in images, or for the whole limit of this account.',
    settings: CLASSIFY,
  },
  'content-filter': {
    means: 'The provider refuses the content.',
    settings:
      '`contentFilterFallback: true`: ask the next model; without it the error reaches the caller unchanged.',
  },
  unsupported: {
    means: 'This model does not take a parameter, a tool, a role or a medium of the request.',
    settings: '`settings` on a model: what to send to it instead.',
    more: 'For a while, calls that ask for the same try this model last.',
  },
  'bad-request': {
    means: 'The request is malformed, wherever it goes.',
    settings: CLASSIFY,
  },
  overloaded: {
    means:
      'The provider has no capacity for this model now. It is nobody’s limit: another key gets the same answer.',
    settings: COOLDOWN,
  },
  'server-error': {
    means: 'Something broke on the other side.',
    settings: COOLDOWN,
  },
  timeout: {
    means: 'No answer in time, by the provider’s measure or by yours.',
    settings: `\`timeouts\`. ${COOLDOWN}`,
    more: 'Your own `abortSignal` is `aborted`, never this.',
  },
  network: {
    means: 'The way there is broken: DNS, refused or cut connections, TLS.',
    settings: COOLDOWN,
  },
  'bad-response': {
    means: 'An answer that is none: a web page, broken JSON, an empty stream, another API.',
    settings: `${COOLDOWN} \`retryOnResult\`: which answers are not good enough for you.`,
  },
  aborted: {
    means: 'You have aborted.',
    settings: 'None.',
    more: 'The call ends with the reason of the signal. Nothing is tried any more, and nobody is blamed.',
  },
  unknown: {
    means: 'None of these, such as a bug in a provider package.',
    settings: CLASSIFY,
    more: 'One further model is tried. If that fails like this, too, the first error reaches the caller unchanged.',
  },
};

const SCOPES: Readonly<Record<FailureScope, string>> = {
  request: 'nothing',
  'key-model': 'the key on this model',
  key: 'the key',
  account: 'the account: all its keys',
  model: 'the model, for all keys',
  provider: 'the provider',
  network: 'the way to the provider',
};
const SHARED: Readonly<Partial<Record<FailureScope, string>>> = {
  key: 'the key, with all keys of its account',
  'key-model': 'the key on this model, with all keys of its account',
};
const LADDER: Readonly<Record<FailureAction, string>> = {
  'same-key': 'once more at the same place, with another key where there is one; then elsewhere',
  'next-key': 'the next key; then the next model or provider',
  'next-model': 'the next model; then the next provider',
  'next-provider': 'the next provider',
  fail: 'nowhere: the caller gets the error unchanged',
};
const RESETS: Readonly<Record<Reset, string>> = {
  'pacific-day': 'midnight Pacific time, daylight saving included (what Gemini counts per day)',
  'utc-day': '00:00 UTC (OpenRouter: free models, limits of a key per day)',
  'utc-month':
    'the first of the month, 00:00 UTC (Anthropic: spend limits; Cohere: trial keys; OpenRouter: limits of a key per month)',
};

type Outcome = outcomes.Outcome;

const isOutcome = (value: unknown): value is Outcome =>
  typeof value === 'object' && value !== null && 'kind' in value && 'scope' in value;

/** What a table of rules or phrases concludes. */
const conclusions = (exported: unknown): readonly unknown[] =>
  Array.isArray(exported)
    ? exported.flatMap((row: unknown): readonly unknown[] =>
        Array.isArray(row) ? row : Object.values(Object(row) as object),
      )
    : [exported];

const rules = await Promise.all(
  readdirSync(join(source, 'rules'))
    .toSorted()
    .map(async file => (await import(join(source, 'rules', file))) as object),
);
/** All that the code can conclude. */
const all: readonly Outcome[] = [outcomes, ...rules]
  .flatMap(exported => Object.values(exported).flatMap(conclusions))
  .filter(isOutcome);

/** Every outcome of a kind that differs from outside, from the narrowest scope to the widest. */
function variants(kind: FailureKind): readonly Outcome[] {
  const ofKind = all.filter(outcome => outcome.kind === kind);
  const width = ({ scope }: Outcome): number => Object.keys(SCOPES).indexOf(scope);
  return [...new Map(ofKind.map(outcome => [signOf(outcome), outcome])).values()].toSorted(
    (a, b) => width(a) - width(b) || (signOf(a) < signOf(b) ? -1 : 1),
  );
}

/** Whether the documentation of a provider says when such a limit ends. */
const isDocumented = (outcome: Outcome): boolean =>
  all.some(
    ({ kind, reset, ...other }) =>
      reset !== undefined &&
      kind === outcome.kind &&
      signOf({ kind, ...other }) === signOf(outcome),
  );

function signOf({ scope, action, permanent, shared }: Outcome): string {
  return [scope, action, permanent, shared].join();
}

const seconds = (ms: number): string =>
  ms < 60_000 ? `${ms / 1000} s` : ms < 3_600_000 ? `${ms / 60_000} min` : `${ms / 3_600_000} h`;

/** `1 s, 2 s, 4 s … 60 s` */
function guesses(kind: FailureKind): string {
  const middle = (strikes: number): number => guessedPause(kind, strikes, () => 0.5);
  const pauses = [...new Set(Array.from({ length: 12 }, (_, strike) => middle(strike + 1)))];
  const [first = 0, ...rest] = pauses;
  const last = rest.at(-1);
  if (last === undefined) return seconds(first);
  return `${[first, ...rest.slice(0, 2)].map(seconds).join(', ')} … ${seconds(last)}`;
}

/** Whether a time that the provider states is taken for an outcome. */
function isStated(outcome: Outcome): boolean {
  const evidence = gatherEvidence({ status: 429, headers: { 'retry-after': '7200' } }, undefined);
  return toVerdict(outcome, evidence, 0).source === 'stated';
}

function untilOf(outcome: Outcome): string {
  const { kind, scope, permanent } = outcome;
  if (scope === 'request') return '–';
  if (permanent) return 'disabled';
  return [
    isStated(outcome) ? 'stated' : '',
    isDocumented(outcome) ? 'documented' : '',
    `guessed: ${guesses(kind)}`,
  ]
    .filter(Boolean)
    .join(', else ');
}

const closes = ({ scope, shared }: Outcome): string =>
  (shared ? SHARED[scope] : undefined) ?? SCOPES[scope];

const thenOf = ({ kind, action }: Outcome): string =>
  kind === 'content-filter'
    ? `${LADDER.fail}; with \`contentFilterFallback\` ${LADDER[action]}`
    : LADDER[action];

const retryOf = (outcome: Outcome): string =>
  timeHeals(toVerdict(outcome, undefined, 0)) ? 'yes' : 'no';

/** Answers of this outcome, of different providers. */
function seen(outcome: Outcome): string {
  const providers = new Set<string>();
  return [...cases, ...constructed]
    .filter(({ provider, expected }) => {
      const shared = expected.shared === 'account';
      const same =
        expected.kind === outcome.kind &&
        signOf({ ...outcome, ...expected, shared } as Outcome) === signOf(outcome);
      if (!same || providers.has(provider) || providers.size >= 3) return false;
      providers.add(provider);
      return true;
    })
    .map(said)
    .join('<br>');
}

/** `429 OpenAI: Rate limit reached for …` in short. */
function said({ provider, status, body, networkError, error }: FailureCase): string {
  if (networkError !== undefined) {
    const { code, causeCode, name, message } = networkError;
    return [code ?? causeCode ?? name, shortened(message)].join(': ');
  }
  if (error !== undefined) return `${error.name}: ${shortened(error.message)}`;
  const text = sentenceOf(body);
  return `${status} ${provider}${text === undefined ? '' : `: ${shortened(text)}`}`;
}

function sentenceOf(body: unknown): string | undefined {
  if (typeof body === 'string') return body.startsWith('<') ? 'a web page' : body || undefined;
  if (typeof body !== 'object' || body === null) return undefined;
  const { error, message, msg, detail, response } = body as Readonly<Record<string, unknown>>;
  for (const inner of [
    error,
    message,
    msg,
    detail,
    response,
    ...(Array.isArray(body) ? body : []),
  ]) {
    const found = sentenceOf(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

const shortened = (text: string): string => {
  const plain = text
    .replaceAll(/[`<>*[\]]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return plain.length > 64 ? `${plain.slice(0, 60).trimEnd()} …` : plain;
};

function overview(kind: FailureKind): readonly string[] {
  const unique = (of: (outcome: Outcome) => string): string =>
    [...new Set(variants(kind).map(of))].join('; or ');
  return [
    `\`${kind}\``,
    KINDS[kind].means,
    unique(closes),
    unique(untilOf),
    unique(thenOf),
    unique(retryOf),
  ];
}

function section(kind: FailureKind): readonly string[] {
  const { means, settings, more } = KINDS[kind];
  return [
    `### ${kind}`,
    [means, more].filter(Boolean).join(' '),
    table(
      ['becomes unavailable', 'until', 'the call goes', 'outer retry', 'e.g.'],
      variants(kind).map(outcome => [
        closes(outcome),
        untilOf(outcome),
        thenOf(outcome),
        retryOf(outcome),
        seen(outcome),
      ]),
    ),
    `Settings: ${settings}`,
  ];
}

const kinds = Object.keys(KINDS) as FailureKind[];
const now = Date.parse('2026-05-14T12:00:00Z');
const moment = (reset: Reset): string =>
  new Date(nextReset(reset, now)).toISOString().slice(0, 16).replace('T', ' ');

export async function failuresPage(): Promise<string> {
  for (const kind of kinds) if (variants(kind).length === 0) throw new Error(`nothing is ${kind}`);
  return pageOf('failures.md', [
    '<!-- Generated from packages/ai-pool/src/failure: npx -y pnpm@12 run generate:docs -->',
    '# Failures',
    'What the pool does when something goes wrong: what becomes unavailable, for how long, and where the call goes next. A failure is classified first; its kind decides the rest. `classifyFailure(error, { provider })` gives the same verdict to your own code, and the setting `classify` overrides it.',
    'The verdict comes from what is most certain: the caller’s own signal, the codes and statuses of the answer, its headers, the provider’s own sentences, the codes of the network, and the bare HTTP status last. What a model has generated is never read, nor a web page, and of any text 64 kB at most.',
    '## At a glance',
    '<!-- keys of: FailureKind -->',
    table(
      ['kind', 'means', 'becomes unavailable', 'until', 'the call goes', 'outer retry'],
      kinds.map(overview),
    ),
    '## The words',
    [
      '**Stated**: the provider says how long: in headers (`retry-after` in seconds or as a date, `retry-after-ms`, reset headers of a limit with nothing left), in fields of the body, or in its sentence. It is believed up to 24 h (`cooldown.max`). Zero, or a time in the past, means at once; the second time in a row it counts as unstated. Until the time is over nobody asks again.',
      `**Documented**: the provider does not say, but its documentation does: ${Object.entries(
        RESETS,
      )
        .map(
          ([reset, text]) =>
            `${text}, seen from 2026-05-14 12:00 UTC: ${moment(reset as Reset)} UTC`,
        )
        .join('; ')}.`,
      '**Guessed**: nobody says. The pause doubles with each failure in a row and is spread by 20 %, so that pools do not come back in step; a wave of parallel failures counts once, a success starts over. When it ends, one attempt finds out. A guess about a limit or a key is kept to; one about a model, a provider or the network is a preference: a call with nothing else left tries there all the same.',
      '**Disabled**: waiting does not help, a person has to act. One attempt looks again after 1 h, then after 2 h, and so on up to 24 h. Calls use everything else meanwhile.',
      '**Account**: what a provider counts limits by. Keys with the same `account` pause together; a key without one is an account of its own.',
      '**Outer retry**: when no target is left, the call ends with a `PoolExhaustedError`. It is worth another try, and says so with `isRetryable`, when every failure of the call is one that time heals and a target is expected within a minute.',
    ]
      .map(item => `- ${item}`)
      .join('\n'),
    'What lies in a closed scope is skipped, and a target is tried at most once per call while others are left. A provider in trouble sees at most two attempts of a call, however many keys it has.',
    '## Kind by kind',
    'The examples are answers from the tests, shortened.',
    ...kinds.flatMap(section),
  ]);
}

if (import.meta.main) writeFileSync(target, await failuresPage());
