import { createVirtualClock, type VirtualClock } from '@ai-pool/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createPooledModel, type PoolConfig, type PoolStatus } from '../index.ts';
import { scriptedMember, type MemberCall } from './__fixtures__/scripted-member.ts';
import {
  mayHang,
  script,
  secretOf,
  textOf,
  type Line,
  type Part,
  type Script,
  type Version,
} from './__fixtures__/stream-scripts.ts';

/** How many worlds are tried; more of them where somebody asks for more. */
const RUNS = Number(process.env['STREAM_FUZZ_RUNS'] ?? 1_500);

const START = 1_800_000_000_000;
/** The longest that a consumer takes before it asks for the next part. */
const LONGEST_PAUSE_MS = 500;
/** So many parts may be read ahead of the consumer. */
const AHEAD = 16;
/** Until then whoever does not read is found out, also where one answer after the other hangs. */
const ABANDONED_MS = 20_000_000;

const reason = fc.constantFrom<unknown>(
  new DOMException('The user left.', 'AbortError'),
  new DOMException('Too late.', 'TimeoutError'),
  new Error('The user left.'),
  'left',
  undefined,
  null,
  { code: 7 },
);

interface Moment {
  readonly before?: boolean;
  readonly afterMs?: number;
  readonly atStep?: number;
  readonly atPart?: number;
}

const abort = fc.record({
  when: fc.oneof<fc.Arbitrary<Moment>[]>(
    fc.constant({ before: true }),
    fc.nat(2_000).map(afterMs => ({ afterMs })),
    // While something happens: a member is called, or makes a part.
    fc.nat(10).map(atStep => ({ atStep })),
    fc.nat(12).map(atPart => ({ atPart })),
  ),
  reason,
});

const consumer = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ how: 'reads', parts: 0, pauseMs: 0 }) },
  fc.record({
    how: fc.constantFrom('pipes', 'stops', 'cancels', 'cancels while it waits', 'reads'),
    parts: fc.nat(20),
    pauseMs: fc.constantFrom(0, 0, 30, LONGEST_PAUSE_MS),
  }),
);

const call = fc.record({
  abort: fc.option(abort, { nil: undefined, freq: 1 }),
  hasSignal: fc.boolean(),
  consumer,
  waitMs: fc.constantFrom(0, 0, 5, 3_000),
});
type CallPlan = typeof call extends fc.Arbitrary<infer C> ? C : never;

const timeouts = fc.record(
  {
    attemptMs: fc.constantFrom(40, 1_000, 30_000),
    firstOutputMs: fc.constantFrom(20, 1_000, 60_000),
    idleMs: fc.constantFrom(20_000, 60_000, Number.POSITIVE_INFINITY),
    totalMs: fc.constantFrom(100, 5_000, 90_000),
  },
  { requiredKeys: [] },
);

const CLASSIFIERS = {
  'not at all': undefined,
  'by throwing': () => {
    throw new Error('cannot classify');
  },
  'as passing': () => ({ action: 'same-key' as const }),
};

const world = fc
  .record({
    version: fc.constantFrom<Version>('v1', 'v2', 'v3', 'v4'),
    restarts: fc.boolean(),
    limits: fc.option(timeouts, { nil: undefined, freq: 1 }),
    maxWaitMs: fc.constantFrom(0, 500, 5_000),
    classifies: fc.oneof(
      { weight: 3, arbitrary: fc.constant('not at all' as const) },
      fc.constantFrom('by throwing' as const, 'as passing' as const),
    ),
  })
  .chain(settings => {
    const { version, restarts } = settings;
    const provider = fc.record({
      keys: fc.integer({ min: 1, max: 2 }),
      fetchMs: fc.constantFrom(undefined, undefined, 0, 20),
      fetchFails: fc.constantFrom(false, false, false, true),
      scripts: fc.array(script(version, !restarts), { minLength: 1, maxLength: 3 }),
    });
    return fc.record({
      settings: fc.constant(settings),
      providers: fc.array(provider, { minLength: 1, maxLength: 3 }),
      calls: fc.array(call, { minLength: 1, maxLength: 3 }),
    });
  });
type World = typeof world extends fc.Arbitrary<infer W> ? W : never;

it(
  'whatever streams bring: one clean stream, nothing twice, nothing lost, nothing left behind',
  async () => {
    await fc.assert(fc.asyncProperty(world, runWorld), { numRuns: RUNS });
  },
  60_000 + RUNS * 20,
);

/** What one caller saw. */
interface Outcome {
  readonly parts: Part[];
  end?: 'rejected' | 'closed' | 'errored' | 'cancelled' | 'stopped';
  /** What it was rejected or broken with. */
  error?: unknown;
  /** When: ms of the clock. */
  at: number;
}

interface Caller {
  readonly plan: CallPlan;
  readonly signal: AbortSignal | undefined;
  /** The pool's own listeners on the signal. */
  readonly listeners: ReadonlySet<unknown>;
  /** When the caller left: ms of the clock. */
  readonly leftAt: () => number;
  readonly leave: (why: unknown) => void;
  readonly outcome: Outcome;
  readonly members: () => readonly MemberCall[];
}

interface Model {
  readonly pool: { status(): PoolStatus };
  doStream(options: object): Promise<{ stream: ReadableStream<Part> }>;
}

async function runWorld({ settings, providers, calls }: World): Promise<void> {
  const { version, restarts, limits, maxWaitMs, classifies } = settings;
  const clock = createVirtualClock(START);
  const timers = new Set<unknown>();
  const members: MemberCall[] = [];
  const steps: (() => void)[] = [];

  const model = createPooledModel({
    providers: providers.map(({ keys, fetchMs, fetchFails, scripts }, p) => {
      let turn = 0;
      const next = (): Script => scripts[turn++ % scripts.length]!;
      const fetch = async (k: number): Promise<string> => {
        await pause(clock, fetchMs);
        if (fetchFails) throw new Error('no secret');
        return secretOf(p, k);
      };
      return {
        name: `p${p}`,
        keys: Array.from({ length: keys }, (_, k) => ({
          id: `k${k}`,
          apiKey: fetchMs === undefined ? secretOf(p, k) : () => fetch(k),
        })),
        models: ['m'],
        create: () => () =>
          scriptedMember(version, next, clock, members, () => steps.forEach(step => step())),
      };
    }),
    clock: {
      now: () => clock.now(),
      setTimeout(fn, ms) {
        const handle = clock.setTimeout(() => {
          timers.delete(handle);
          fn();
        }, ms);
        timers.add(handle);
        return handle;
      },
      clearTimeout(handle) {
        timers.delete(handle);
        clock.clearTimeout(handle);
      },
    },
    random: () => 0.5,
    maxWaitMs,
    onMidStreamFailure: restarts ? 'restart' : 'error',
    timeouts: limits,
    classify: CLASSIFIERS[classifies],
  } as PoolConfig) as unknown as Model;

  // A call that may hang for ever must be one that can be left.
  const canHang = providers.some(({ scripts }) => scripts.some(mayHang));
  const callers = calls.map((plan, number): Caller => {
    const hasSignal = plan.hasSignal || plan.abort !== undefined || canHang;
    const mine = (): MemberCall[] => members.filter(({ asked }) => asked === number);
    return caller(plan, hasSignal, clock, mine);
  });
  let pending = callers.length;
  callers.forEach((each, number) => {
    void ask(model, each, number, clock, steps).finally(() => pending--);
  });

  // As far as it goes by itself; what nothing limits hangs until its caller leaves.
  const isPending = (): boolean => pending > 0;
  for (const ms of [0, 10, 100, 1_000, 10_000, 60_000, 300_000, canHang ? 0 : 5_000_000]) {
    if (isPending()) await clock.advance(ms);
  }
  if (isPending()) for (const { leave } of callers) leave('enough');
  await clock.advance(1);
  // A consumer in a pause of its own hears of it when it asks again, and what was read ahead of it
  // may be a whole answer, which it takes part by part.
  if (isPending()) await clock.advance(2 * AHEAD * LONGEST_PAUSE_MS);
  expect(pending, 'every promise settles').toBe(0);

  if (!restarts) callers.forEach(each => checkAhead(each, version));
  if (callers.some(({ outcome }) => outcome.end === 'stopped')) await clock.advance(ABANDONED_MS);
  // One who has read all there is cannot be told from one who waits for the rest.
  if (limits?.idleMs === Number.POSITIVE_INFINITY) for (const { leave } of callers) leave('enough');
  await clock.advance(1);

  for (const each of callers) {
    checkEnd(each, limits?.totalMs);
    checkForm(each, version);
    if (providers[0]?.fetchMs === undefined) checkSecret(each);
    if (!restarts) checkParts(each, version, limits !== undefined);
    else {
      checkText(each);
      checkBlocks(each, version);
    }
    expect(each.listeners.size, 'no listener stays').toBe(0);
  }
  expect(timers.size, 'no timer stays').toBe(0);
  checkMembers(members);
  checkUsage(model, members);
}

/** A caller with a signal that counts its listeners. */
function caller(
  plan: CallPlan,
  hasSignal: boolean,
  clock: VirtualClock,
  members: Caller['members'],
): Caller {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set<unknown>();
  let leftAt = Number.POSITIVE_INFINITY;
  const own = EventTarget.prototype;
  own.addEventListener.call(signal, 'abort', () => listeners.clear());
  signal.addEventListener = (type: string, fn: EventListener, options?: object) => {
    expect(listeners.has(fn)).toBe(false);
    if (!signal.aborted) listeners.add(fn);
    own.addEventListener.call(signal, type, fn, options);
  };
  signal.removeEventListener = (type: string, fn: EventListener) => {
    listeners.delete(fn);
    own.removeEventListener.call(signal, type, fn);
  };
  return {
    plan,
    signal: hasSignal ? signal : undefined,
    listeners,
    leftAt: () => leftAt,
    leave(why) {
      if (!signal.aborted) leftAt = clock.now();
      controller.abort(why);
    },
    outcome: { parts: [], at: 0 },
    members,
  };
}

async function pause(clock: VirtualClock, ms = 0): Promise<void> {
  if (ms > 0) await new Promise<void>(resolve => void clock.setTimeout(resolve, ms));
}

async function ask(
  model: Model,
  { plan, signal, leave, outcome }: Caller,
  number: number,
  clock: VirtualClock,
  steps: (() => void)[],
): Promise<void> {
  const { abort: leaving, consumer: reads, waitMs } = plan;
  const leaveAt = (turn: number): (() => void) => {
    let turns = 0;
    return () => (turns++ === turn ? leave(leaving?.reason) : undefined);
  };
  const { before, afterMs, atStep, atPart = -1 } = leaving?.when ?? {};
  if (before === true) leave(leaving?.reason);
  if (afterMs !== undefined) clock.setTimeout(() => leave(leaving?.reason), afterMs);
  if (atStep !== undefined) steps.push(leaveAt(atStep));
  const onPart = leaveAt(atPart);
  const ended = (end: Outcome['end'], error?: unknown): void => {
    Object.assign(outcome, { end, error, at: clock.now() });
  };

  await pause(clock, waitMs);
  let stream: ReadableStream<Part>;
  try {
    const prompt = [{ role: 'user', content: String(number) }];
    ({ stream } = await model.doStream({ prompt, ...(signal && { abortSignal: signal }) }));
  } catch (error) {
    ended('rejected', error);
    return;
  }
  if (reads.how === 'pipes') stream = stream.pipeThrough(new TransformStream<Part, Part>());
  const reader = stream.getReader();
  try {
    for (let read = 0; ; read++) {
      await pause(clock, reads.pauseMs);
      if (read === reads.parts && reads.how === 'stops') return ended('stopped');
      if (read === reads.parts && reads.how.startsWith('cancels')) {
        const waiting = reads.how === 'cancels' ? undefined : reader.read();
        await pause(clock, reads.pauseMs);
        ended('cancelled');
        // A member may take as long as it likes for it.
        reader.cancel('bored').catch(() => undefined);
        const last = await waiting;
        if (last?.done === false) outcome.parts.push(last.value);
        return;
      }
      const { done, value } = await reader.read();
      if (done) return ended('closed');
      outcome.parts.push(value);
      onPart();
    }
  } catch (error) {
    ended('errored', error);
  }
}

/** The caller's own abort is heard at once and comes out as it is; nothing else breaks a stream. */
function checkEnd(
  { plan, signal, leftAt, outcome: { end, error, at } }: Caller,
  totalMs = Number.POSITIVE_INFINITY,
): void {
  const hasLeft = leftAt() <= at;
  if (end === 'errored') expect(hasLeft, 'a stream breaks by an abort only').toBe(true);
  if (end === 'errored' || (end === 'rejected' && hasLeft)) {
    expect(Object.is(error, signal?.reason), 'the reason comes out').toBe(true);
  }
  const { consumer: reads, waitMs } = plan;
  const isEager = reads.pauseMs === 0 && (end === 'closed' || end === 'errored');
  if (!isEager && end !== 'rejected') return;
  const begun = START + waitMs;
  expect(at, 'an abort ends all waiting').toBeLessThanOrEqual(Math.max(leftAt(), begun));
  expect(at, 'a limit ends all waiting').toBeLessThanOrEqual(begun + totalMs);
}

function checkForm({ outcome: { parts, end }, members }: Caller, version: Version): void {
  const all = (type: string): Part[] => parts.filter(part => part.type === type);
  if (version === 'v1') expect(all('stream-start')).toEqual([]);
  else if (parts.length > 0) {
    expect(parts[0]?.type).toBe('stream-start');
    expect(all('stream-start'), 'one stream-start').toHaveLength(1);
  }
  expect(all('hologram'), 'unknown parts are dropped').toEqual([]);
  expect(all('finish').length).toBeLessThanOrEqual(1);
  if (end !== 'closed') return;
  expect(all('finish'), 'one finish').toHaveLength(1);
  if (isFailure(parts)) return;
  const attempts = { length: members().length };
  const providerMetadata = { pool: { attempts } };
  expect(all('finish')[0], 'every attempt is told').toMatchObject({ providerMetadata });
}

/** What comes out is scrubbed, and nothing of the pool's own machinery. */
function checkSecret({ outcome: { parts, error } }: Caller): void {
  for (const each of [error, ...parts.map(part => part['error'])]) {
    try {
      const message = String((each as Error | undefined)?.message);
      expect(message).not.toContain(secretOf(0, 0));
      expect(message).not.toMatch(/the attempt failed|function of the caller/);
    } catch (thrown) {
      // One of the scripts' errors cannot be looked at.
      if (String(thrown).includes('expected')) throw thrown;
    }
  }
}

/** In V1 what failed as a stream stays one, with nothing in it but the error. */
const isFailure = ([first]: readonly Part[]): boolean => first?.type === 'error';

/** What a consumer gets of what its one target made. */
function visible(made: readonly Line[], version: Version): readonly Line[] {
  const first = made.findIndex(({ role }) => role === 'output' || role === 'finish');
  const finish = made.find(({ role }) => role === 'finish');
  const start = made.slice(0, first).find(({ role }) => role === 'start');
  const lines = made.filter((line, i) => {
    if (line.role === 'foreign' || line.role === 'start') return false;
    if (line.role === 'ping') return i > first;
    return line.role !== 'finish' || line === finish;
  });
  return version === 'v1' || start === undefined ? lines : [start, ...lines];
}

/** Part by part what the last target made: none twice, none lost, none of another. */
function checkParts({ outcome, members }: Caller, version: Version, isLimited: boolean): void {
  const { parts, end } = outcome;
  if (parts.length === 0 || isFailure(parts)) return;
  const winner = members().at(-1);
  const lines = visible(winner?.made ?? [], version);
  const { given, added } = compare(parts, lines);
  // What the pool itself adds; what were out of order or there twice would be among it.
  const types = added.map(({ type }) => type).join(' ');
  expect(types).toMatch(/^(stream-start ?)?(response-metadata ?)?(error ?)?(finish)?$/);
  // Something may be under way when a limit ends the stream.
  const mayLose = isLimited || winner?.stream === 'cancelled' ? 1 : 0;
  if (end === 'closed') expect(lines.length - given, 'parts lost').toBeLessThanOrEqual(mayLose);
}

/** How many of the lines were given, in their order, and what else. */
function compare(parts: readonly Part[], lines: readonly Line[]): { given: number; added: Part[] } {
  let given = 0;
  const added = parts.filter(part => {
    const isTheirs = isSame(part, lines[given]);
    if (isTheirs) given++;
    return !isTheirs;
  });
  return { given, added };
}

/** The same but for metadata, which the pool adds to; a finish may be told as the error it is. */
function isSame(part: Part, line: Line | undefined): boolean {
  if (line === undefined || part.type !== line.part.type) return false;
  if (line.role === 'finish') return true;
  // What is frozen is copied, to be scrubbed.
  if (line.role === 'error' && Object.isFrozen(line.part['error'])) return true;
  const fields = Object.keys(line.part).filter(field => field !== 'providerMetadata');
  return fields.every(field => Object.is(part[field], line.part[field]));
}

/** The text that a consumer is left with: what is marked begins anew. */
function told(parts: readonly Part[]): string {
  let text = '';
  for (const part of parts) {
    const metadata = part['providerMetadata'] as { pool?: { restarted?: boolean } } | undefined;
    if (metadata?.pool?.restarted === true) text = '';
    text += textOf(part);
  }
  return text;
}

const textMade = ({ made }: MemberCall): string => made.map(({ part }) => textOf(part)).join('');

/** The text is that of one answer, whoever told it: nothing of it twice, nothing lost. */
function checkText({ outcome: { parts, end }, members }: Caller): void {
  const text = told(parts);
  const texts = members().map(textMade);
  const hasFailed = parts.some(({ type }) => type === 'error');
  if (end === 'closed' && !hasFailed) expect(text).toBe(texts.at(-1));
  else if (text !== '') expect(texts.find(each => each.startsWith(text))).toBeDefined();
}

/** Blocks are such as the SDK can put together: none begins twice, nothing is outside of one. */
function checkBlocks({ outcome: { parts } }: Caller, version: Version): void {
  const open = new Set<string>();
  for (const part of version === 'v1' ? [] : parts) {
    const [kind = '', event] = part.type.split('-');
    if (!['text', 'reasoning'].includes(kind) || part['delta'] === '') continue;
    const block = `${kind} ${String(part['id'])}`;
    expect(open.has(block), `${part.type} of ${block}`).toBe(event !== 'start');
    if (event === 'start') open.add(block);
    else if (event === 'end') open.delete(block);
  }
}

/** A consumer that stops holds the member back. */
function checkAhead({ outcome: { end, parts }, members }: Caller, version: Version): void {
  if (end !== 'stopped') return;
  const lines = visible(members().at(-1)?.made ?? [], version);
  const held = lines.findIndex(({ role }) => role === 'output' || role === 'finish') + 1;
  const { given } = compare(parts, lines);
  expect(lines.length - Math.max(given, held), 'read ahead').toBeLessThanOrEqual(AHEAD);
}

/** Whoever was called is told when nobody waits any more. */
function checkMembers(members: readonly MemberCall[]): void {
  for (const { script: asked, signal, stream } of members) {
    expect(stream, 'every stream comes to an end').not.toBe('open');
    if (asked.open === 'hang') expect(signal?.aborted, 'what hangs is aborted').toBe(true);
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function checkUsage({ pool }: Model, members: readonly MemberCall[]): void {
  const { providers } = pool.status();
  const usages = providers.flatMap(({ keys }) => keys.map(({ usage }) => usage));
  for (const { attempts, successes, failures, aborted, inFlight } of usages) {
    expect(inFlight, 'no lease stays').toBe(0);
    expect(attempts).toBe(successes + failures + aborted);
  }
  expect(sum(usages.map(({ attempts }) => attempts))).toBe(members.length);
  if (sum(usages.map(({ failures }) => failures)) > 0) return;
  const states = providers.flatMap(({ targets }) => targets.map(({ state }) => state));
  expect(new Set(states), 'an abort punishes nobody').toEqual(new Set(['ready']));
}
