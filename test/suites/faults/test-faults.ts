import { describe, expect, test, vi } from 'vitest';
import type { Answer, ModelBase, ProviderName, Question, Sdk } from '../sdk.ts';
import { inFlyingTime, until } from '../time.ts';
import { ForwardClock } from '../forward-clock.ts';
import {
  inWorld,
  modelIds,
  ways,
  type Way,
  type World,
  type WorldOptions,
  type WorldProviders,
} from '../world.ts';
import { faults, limitMs, wires, type Fault, type Promised, type Wire } from './faults.ts';

const text = 'Every request found its way home, and nobody had to wait long.';
const usage = { inputTokens: 11, outputTokens: 7 };

/** So many cells run at once: most of them wait. */
const maxConcurrency = 8;
const testTimeout = 30_000;

const minuteMs = 60_000;

type Factory<Model extends ModelBase> = Sdk<Model>['factories']['openai'];

/** What a cell has to do with. */
interface Scene<Model extends ModelBase> {
  readonly sdk: Sdk<Model>;
  readonly fault: Fault;
  readonly promised: Promised;
  readonly name: ProviderName;
  /** Who is asked next. */
  readonly next: ProviderName;
  readonly way: Way;
}

/** What became of a call. */
interface Call {
  readonly answer?: Answer;
  readonly error?: unknown;
  /** What a stream brought. */
  readonly pieces: readonly string[];
}

/** The matrix of one generation. `chat` and `responses` are OpenAI's two APIs. */
export function testFaults<Model extends ModelBase>(
  sdk: Sdk<Model>,
  apis: { readonly chat: Factory<Model>; readonly responses: Factory<Model> },
): void {
  vi.setConfig({ testTimeout, maxConcurrency });

  function testFault(fault: Fault): void {
    for (const wire of Object.keys(wires) as Wire[]) {
      for (const way of ways) {
        const promised = fault.promise({ wire, major: sdk.major, way });
        const openai = wire === 'OpenAI responses' ? apis.responses : apis.chat;
        const name = wires[wire];
        const scene = {
          sdk: { ...sdk, factories: { ...sdk.factories, openai } },
          fault,
          promised,
          name,
          next: name === 'google' ? ('openai' as const) : ('google' as const),
          way,
        };
        runnerOf(promised)(`${wire}, ${way}`, async () => {
          await stories[fault.story ?? 'usual'](scene);
        });
      }
    }
  }

  // Whose time flies, flies alone.
  describe.concurrent.each(faults.filter(({ story }) => story !== 'alone'))(
    'fault: $name',
    fault => {
      testFault(fault);
    },
  );
  describe.each(faults.filter(({ story }) => story === 'alone'))('fault: $name', fault => {
    testFault(fault);
  });
}

function runnerOf({ skipped, fails }: Promised): typeof test | typeof test.skip {
  if (skipped !== undefined) return test.skip;
  return fails === undefined ? test : test.fails;
}

const stories: Record<
  NonNullable<Fault['story']>,
  <Model extends ModelBase>(scene: Scene<Model>) => Promise<void>
> = { usual: tellUsual, second: tellUsual, alone: tellAlone, flap: tellFlap };

/** One call with the fault, one right after it, and one when every pause is over. */
async function tellUsual<Model extends ModelBase>(scene: Scene<Model>): Promise<void> {
  const { fault, promised, name, way } = scene;
  const clock = new ForwardClock();
  await inScene(scene, { clock, ...fault.settings }, async world => {
    begin(scene, world);
    const made = call(world, way, fault);
    if (fault.limits !== undefined) await passLimits(scene, world, made, clock);
    await expectPromise(scene, world, await made.ended);
    end(scene, world);

    expectWhole(await call(world, way).ended, world);
    // A pause that was stated is kept to its end; no other one is longer.
    clock.shift(minuteMs - 10_000);
    const stated = statedPause(fault);
    if (stated !== undefined) {
      const early = await call(world, way).ended;
      expect(early.answer?.pool.provider).not.toBe(name);
      expect(world.requestsOf(name)).toHaveLength(promised.attempts);
    }
    clock.shift(10_001);
    const later = await call(world, way).ended;
    expectWhole(later, world);
    expect(later.answer?.pool.provider).toBe(fault.story === 'second' ? firstOf(scene) : name);
  });
}

/** The only target fails for good, while the SDK retries as it does by default. */
async function tellAlone<Model extends ModelBase>(scene: Scene<Model>): Promise<void> {
  await inFlyingTime(async () => {
    await inScene(scene, {}, async world => {
      begin(scene, world);
      const { name, way } = scene;
      await expectPromise(scene, world, await call(world, way).ended);
      const times = world.requestsOf(name).map(({ at }) => at);
      for (const from of times) {
        const burst = times.filter(at => at >= from && at < from + 3_000);
        expect(burst.length).toBeLessThanOrEqual(4);
      }
      expectPausesKept(scene, world);
      end(scene, world);
      // A caller who waits for the end of the pause.
      const patient = { poolOptions: { maxWaitMs: minuteMs } };
      expectWhole(await call(world, way, patient).ended, world);
    });
  });
}

const flapStepMs = 3_000;
/** Pauses are spread, neither all short nor all long. */
const spread = [0.9, 0.1, 0.5];

/** Call after call, for a minute with the fault and then until the target serves again. */
async function tellFlap<Model extends ModelBase>(scene: Scene<Model>): Promise<void> {
  const { promised, name, next, way } = scene;
  const clock = new ForwardClock();
  let drawn = 0;
  const random = (): number => spread[drawn++ % spread.length] ?? 0;
  await inScene(scene, { clock, random }, async world => {
    const ask = async (): Promise<{ by: string | undefined; attempts: number }> => {
      const before = world.requestsOf(name).length;
      const made = await call(world, way).ended;
      expectWhole(made, world);
      return {
        by: made.answer?.pool.provider,
        attempts: world.requestsOf(name).length - before,
      };
    };
    const endsAt = clock.now() + minuteMs;
    begin(scene, world);
    expect((await ask()).attempts).toBeLessThanOrEqual(2);
    for (clock.shift(flapStepMs); clock.now() < endsAt - flapStepMs; clock.shift(flapStepMs)) {
      const { by, attempts } = await ask();
      expect(by).toBe(next);
      // A probe that failed has found out what it was to find out.
      expect(attempts).toBeLessThanOrEqual(1);
    }
    expect(world.requestsOf(name).length).toBeLessThanOrEqual(promised.attempts);
    clock.shift(endsAt - clock.now());
    while ((await ask()).by !== name) {
      clock.shift(flapStepMs);
      expect(clock.now() - endsAt).toBeLessThanOrEqual(30_000 + flapStepMs);
    }
  });
}

/** A pool of what the story needs, in a world of its own. */
async function inScene<Model extends ModelBase>(
  scene: Scene<Model>,
  settings: WorldOptions,
  story: (world: World<Model>) => Promise<void>,
): Promise<void> {
  const { sdk, fault, name, next, way } = scene;
  const limits = fault.limits?.[way];
  const faulty: WorldProviders = {
    [name]: {
      keys: Object.fromEntries(
        Array.from({ length: fault.keys ?? 1 }, (_, index) => [`${name}-${index + 1}`, {}]),
      ),
      ...(limits && { timeouts: limits }),
    },
  };
  const providers = {
    ...(fault.story === 'second' && { [firstOf(scene)]: {} }),
    ...faulty,
    ...(fault.story !== 'alone' && { [next]: {} }),
  };
  await inWorld(sdk, providers, story, { reply: { text, usage }, ...settings });
}

/** Who comes before the target with the fault, where somebody does. */
function firstOf({ name }: { readonly name: ProviderName }): ProviderName {
  return name === 'openrouter' ? 'anthropic' : 'openrouter';
}

function begin<Model extends ModelBase>(
  scene: Scene<Model>,
  { fakes }: Pick<World<Model>, 'fakes'>,
): void {
  const { fault, name } = scene;
  if (fault.story === 'second') fakes.provider(firstOf(scene)).set({ down: 503 });
  const faulty = fakes.provider(name);
  if (fault.once === true) faulty.failNext(...fault.script);
  else faulty.failFor(fault.story === 'flap' ? minuteMs : 10 * minuteMs, ...fault.script);
}

function end<Model extends ModelBase>(
  scene: Scene<Model>,
  { fakes }: Pick<World<Model>, 'fakes'>,
): void {
  if (scene.fault.story === 'second') fakes.provider(firstOf(scene)).set({ down: false });
  fakes.provider(scene.name).failFor(0);
}

/** Begins a call. `pieces` grows while it goes on. */
function call<Model>(
  { ask }: Pick<World<Model>, 'ask'>,
  way: Way,
  { prefill, poolOptions }: Pick<Question, 'prefill' | 'poolOptions'> = {},
): { pieces: readonly string[]; ended: Promise<Call> } {
  const pieces: string[] = [];
  const onText = (piece: string): void => void pieces.push(piece);
  return {
    pieces,
    ended: ask(way, { onText, prefill, poolOptions }).then(
      answer => ({ answer, pieces }),
      (error: unknown) => ({ error, pieces }),
    ),
  };
}

/** Lets the time of the limits pass, as soon as the fault can have begun. */
async function passLimits<Model extends ModelBase>(
  { promised, name }: Scene<Model>,
  world: World<Model>,
  { pieces }: { readonly pieces: readonly string[] },
  clock: ForwardClock,
): Promise<void> {
  const afterOutput = promised.outcome === 'error';
  await until(() => (afterOutput ? pieces.length : world.requestsOf(name).length) > 0);
  await clock.elapse(2 * limitMs);
}

async function expectPromise<Model extends ModelBase>(
  { promised, name, next, way, fault }: Scene<Model>,
  world: World<Model>,
  made: Call,
): Promise<void> {
  const { answer, error, pieces } = made;
  const attempts = world.requestsOf(name).length;
  if (fault.story === 'alone') expect(attempts).toBeLessThanOrEqual(promised.attempts);
  else expect(attempts).toBe(promised.attempts);

  switch (promised.outcome) {
    case 'answer':
    case 'next':
      expectWhole(made, world);
      expect(answer?.pool.provider).toBe(promised.outcome === 'answer' ? name : next);
      break;
    case 'error':
      expect(answer?.text).toBeUndefined();
      expect(messageOf(error)).toMatch(/\S/);
      expectInOrder(pieces);
      // What the caller has read already is not said again by somebody else.
      expect(world.requestsOf(next)).toHaveLength(0);
      expect(pieces.length > 0).toBe(way === 'stream' && fault.story !== 'alone');
      break;
    case 'refusal':
      expect(answer?.text).toBeUndefined();
      expect(error).toMatchObject({ responseBody: expect.stringMatching(/./) });
      expect(pieces).toEqual([]);
      expect(world.requestsOf(next)).toHaveLength(0);
      break;
    case 'filtered':
      expect(answer).toMatchObject({ text: '', finishReason: 'content-filter' });
      expect(answer?.pool.provider).toBe(name);
      expect(world.requestsOf(next)).toHaveLength(0);
      break;
  }
}

/** The whole answer, and who gave it. */
function expectWhole<Model>({ answer, error, pieces }: Call, world: World<Model>): void {
  expect(error).toBeUndefined();
  if (answer === undefined) throw new Error('No answer.');
  const { pool, ...rest } = answer;
  const modelId = modelIds[pool.provider as ProviderName];
  expect(rest).toEqual({ text, modelId, finishReason: 'stop', ...usage });
  expect(pool.model).toBe(modelId);
  expect(['', text]).toContain(pieces.join(''));
  // Every attempt of the call, and the last one answered.
  const trail = world.fakes.requests.slice(-pool.attempts.length);
  expect(pool.attempts.map(({ provider, key }) => [provider, key])).toEqual(
    trail.map(({ provider, key }) => [provider, key]),
  );
}

/** Nothing twice, and nothing of another answer. */
function expectInOrder(pieces: readonly string[]): void {
  let at = 0;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    expect(found).toBeGreaterThanOrEqual(at);
    at = found + piece.length;
  }
}

/** What was stated is waited for. */
function expectPausesKept<Model extends ModelBase>(
  { fault, name }: Scene<Model>,
  world: World<Model>,
): void {
  const stated = statedPause(fault) ?? 0;
  const times = world.requestsOf(name).map(({ at }) => at);
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  expect(gaps.filter(gap => gap < stated)).toEqual([]);
}

function statedPause({ script: [first] }: Fault): number | undefined {
  if (typeof first !== 'object' || !('status' in first)) return undefined;
  return first.retryAfterMs ?? undefined;
}

/** What an error says: some providers hand on plain objects out of their streams. */
function messageOf(error: unknown): string {
  for (let inner = error; typeof inner === 'object' && inner !== null;) {
    if ('message' in inner && typeof inner.message === 'string') return inner.message;
    inner = 'error' in inner ? inner.error : undefined;
  }
  return '';
}
