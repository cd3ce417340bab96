// Writes docs/faults.md from what the suite of faults declares, so that there is one truth. A test
// compares the page with what this makes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  faults,
  outcomes,
  wires,
  type Cell,
  type Fault,
  type Promised,
  type Wire,
} from '../test/suites/faults/faults.ts';
import { pageOf, table } from './page.ts';

const target = join(import.meta.dirname, '../docs/faults.md');

const majors = [4, 5, 6, 7] as const;
const ways = ['generate', 'stream'] as const;

const INTRO = `What goes wrong on the wire, and what a pool makes of it: each fault through the real \`@ai-sdk/openai\` (chat and responses), \`@ai-sdk/google\`, \`@ai-sdk/anthropic\` and \`@openrouter/ai-sdk-provider\` of \`ai\` 4, 5, 6 and 7, with \`generateText\` and with \`streamText\`. The providers are the fakes of \`@ai-pool/testing\`, and the code beside each name is the entry of \`failFor\` or \`failNext\` by which a test of yours meets the same.

Every cell is a test. The pool has two targets, one with the fault and a healthy one behind it, where nothing else is said. Each test asks for more than the cell shows:

- a whole answer is compared with the whole scripted text, with its finish reason \`stop\`, the model that answered and its usage; whatever is less is no success;
- the number in brackets is how many requests the provider with the fault saw in that call;
- a healthy call right afterwards succeeds, and when every pause is over the target with the fault serves again;
- a time that a refusal states is waited for;
- \`pool.status()\` counts exactly what upstream saw.`;

export async function faultsPage(): Promise<string> {
  const all = faults.flatMap(fault => cells().map(cell => fault.promise(cell)));
  const skipped = all.filter(promised => promised.skipped !== undefined).length;
  const failing = all.filter(promised => promised.fails !== undefined).length;
  return pageOf('faults.md', [
    '<!-- Generated from test/suites/faults/faults.ts: npx -y pnpm@12 run generate:docs -->',
    '# Faults',
    INTRO,
    'What the caller gets:',
    table(
      ['cell', 'what'],
      Object.entries(outcomes).map(([outcome, what]) => [`**${outcome}**`, what]),
    ),
    `${all.length} cells: ${all.length - skipped - failing} hold, ${failing} do not hold yet (✗), ${skipped} are skipped (–). What does not hold yet fails as expected; once it holds, its test says so.`,
    ...faults.flatMap(section),
  ]);
}

function section(fault: Fault): readonly string[] {
  const reasons: string[] = [];
  const rows = Object.keys(wires).map(wire => [
    wire,
    ...majors.flatMap(major =>
      ways.map(way => shown(fault, fault.promise({ wire: wire as Wire, major, way }), reasons)),
    ),
  ]);
  return [
    `## ${fault.name}`,
    fault.what,
    facts(fault)
      .map(fact => `- ${fact}`)
      .join('\n'),
    table(['', ...majors.flatMap(major => ways.map(way => `ai ${major} ${way}`))], rows),
    ...reasons.map((reason, index) => `${mark(index)} ${reason}`),
  ];
}

/** What the script and the settings are. */
function facts({ script, once = false, story, keys, limits, settings }: Fault): readonly string[] {
  const met = once ? 'The first request meets' : 'Every request meets';
  return [
    `${script.length > 1 ? 'The requests meet in turn' : met}: ${script.map(quoted).join(', ')}`,
    ...(story === 'alone' ? ['The number counts all tries of the SDK together.'] : []),
    ...(story === 'flap' ? ['The number counts all requests of the minute.'] : []),
    ...(keys === undefined ? [] : [`The provider has ${keys} keys.`]),
    ...(limits === undefined
      ? []
      : [
          `Time limits of the provider, by the clock of the pool: ${Object.entries(limits)
            .map(([way, timeouts]) => `${quoted(timeouts)} (${way})`)
            .join(', ')}`,
        ]),
    ...(settings === undefined ? [] : [`Settings of the pool: ${quoted(settings)}`]),
  ];
}

function shown({ story }: Fault, promised: Promised, reasons: string[]): string {
  const { outcome, attempts, skipped, fails } = promised;
  if (skipped !== undefined) return `– ${markOf(`Skipped: ${skipped}.`, reasons)}`;
  const most = story === 'alone' || story === 'flap' ? '≤ ' : '';
  const cell = `${outcome} (${most}${attempts})`;
  return fails === undefined
    ? cell
    : `✗ ${cell} ${markOf(`Does not hold yet: ${fails}.`, reasons)}`;
}

/** The mark of a reason below the table, the same for the same reason. */
function markOf(reason: string, reasons: string[]): string {
  if (!reasons.includes(reason)) reasons.push(reason);
  return mark(reasons.indexOf(reason));
}

function mark(index: number): string {
  return `[${index + 1}]`;
}

function cells(): readonly Cell[] {
  return (Object.keys(wires) as Wire[]).flatMap(wire =>
    majors.flatMap(major => ways.map(way => ({ wire, major, way }))),
  );
}

function quoted(value: unknown): string {
  return `\`${inspect(value, { breakLength: Infinity, numericSeparator: true })}\``;
}

if (import.meta.main) writeFileSync(target, await faultsPage());
