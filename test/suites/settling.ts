import { createVirtualClock, type FakeModelAnswer, type VirtualClock } from '@ai-pool/testing';
import { expect, test } from 'vitest';
import { randomFrom } from '../../packages/ai-pool/src/__fixtures__/random-from.ts';
import { drawn, randomAnswer } from './random-stream.ts';
import { poolOver, scripted } from './scripted.ts';
import type { ModelBase, Sdk } from './sdk.ts';

const stories = 200;
const text = '{"city":"a city with a name of many letters"}';

/** How long a provider may be silent, and then some: ms of the pool's clock. */
const longMs = 200_000;

const kinds = ['text', 'object'] as const;
type Kind = (typeof kinds)[number];
const readings = ['parts', 'text', 'promises', 'leaves'] as const;
type Reading = (typeof readings)[number];

/** One call through the SDK. */
interface Story {
  readonly kind: Kind;
  readonly reading: Reading;
  /** The caller leaves before the call, or at a part. */
  readonly leavesAt: number | undefined;
  readonly answer: FakeModelAnswer;
}

interface Observed {
  /** The promises of the result that did not settle. */
  readonly unsettled: readonly string[];
  readonly text: string;
  readonly hasError: boolean;
}

function storyOf<Model extends ModelBase>(sdk: Sdk<Model>, seed: number): Story {
  const random = randomFrom(seed);
  const leavesAt = random() < 0.25 ? Math.floor(random() * 8) - 1 : undefined;
  return {
    kind: drawn<Kind>(random, 'text', 'text', 'object'),
    reading: drawn<Reading>(random, 'parts', 'parts', 'text', 'promises', 'leaves'),
    leavesAt,
    answer: randomAnswer(sdk.specificationVersion, random, text),
  };
}

/** Every promise of a result, whatever the generation calls it. */
function promisesOf(result: object): Map<string, PromiseLike<unknown>> {
  const found = new Map<string, PromiseLike<unknown>>();
  const prototype = Object.getPrototypeOf(result) as object;
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (property.get === undefined || /stream|partial|output/i.test(name)) continue;
    const value: unknown = Reflect.get(result, name);
    if (typeof (value as PromiseLike<unknown> | undefined)?.then === 'function') {
      found.set(name, value as PromiseLike<unknown>);
    }
  }
  return found;
}

/** One of a result's streams. Only the one that is read: each takes the whole for itself. */
const streamOf = <P>(result: object, name: 'fullStream' | 'textStream'): AsyncIterable<P> =>
  Reflect.get(result, name) as AsyncIterable<P>;

/** Runs a story on a model, until nothing moves any more. */
async function observe<Model extends ModelBase>(
  sdk: Sdk<Model>,
  model: Model,
  { kind, reading, leavesAt }: Story,
  clock: VirtualClock,
): Promise<Observed> {
  const leaving = new AbortController();
  if (leavesAt === -1) leaving.abort();
  const abortSignal = leavesAt === undefined ? {} : { abortSignal: leaving.signal };
  const result = sdk.opened(model, kind, { maxRetries: 0, ...abortSignal });
  const seen = { text: '', hasError: false };

  const read = async (): Promise<void> => {
    if (reading === 'promises') return;
    let parts = 0;
    const goOn = (): boolean => {
      if (parts++ === leavesAt) leaving.abort();
      return reading !== 'leaves' || parts < 4;
    };
    if (reading === 'text') {
      for await (const piece of streamOf<string>(result, 'textStream')) {
        seen.text += piece;
        goOn();
      }
      return;
    }
    for await (const part of streamOf<Record<string, unknown>>(result, 'fullStream')) {
      if (part['type'] === 'error') seen.hasError = true;
      if (part['type'] === 'text-delta') {
        seen.text += String(part['textDelta'] ?? part['text'] ?? part['delta']);
      }
      if (!goOn()) break;
    }
  };

  let isReading = true;
  const reads = read()
    .catch(() => {
      seen.hasError = true;
    })
    .finally(() => {
      isReading = false;
    });
  const isPending = (): boolean => isReading;
  for (const ms of [0, 10, 1_000, longMs, longMs]) if (isPending()) await clock.advance(ms);

  const unsettled = new Set(isPending() ? ['the stream'] : []);
  for (const [name, promise] of promisesOf(result)) {
    unsettled.add(name);
    const settle = (): unknown => unsettled.delete(name);
    promise.then(settle, settle);
  }
  for (const ms of [0, 10, 1_000, longMs, longMs]) if (unsettled.size > 0) await clock.advance(ms);
  const observed = { ...seen, unsettled: [...unsettled] };
  // What hangs all the same is ended.
  leaving.abort();
  if (!isPending()) await reads;
  return observed;
}

export function testSettling<Model extends ModelBase>(sdk: Sdk<Model>): void {
  const member = (answer: FakeModelAnswer): Model => scripted(sdk, answer);
  const whole = (): Model => member(text);
  const pooled = (models: readonly Model[], clock: VirtualClock): Model =>
    poolOver(sdk, models, { clock, random: () => 0, maxWaitMs: 0 });

  test(`${stories} random streams: every promise of the SDK settles, as far as the bare model's do`, async () => {
    const usual = new Map<string, readonly string[]>();
    for (const kind of kinds) {
      for (const reading of readings) {
        const story = { ...storyOf(sdk, 0), kind, reading, leavesAt: undefined };
        const { unsettled } = await observe(sdk, whole(), story, createVirtualClock());
        usual.set(`${kind} ${reading}`, unsettled);
      }
    }
    for (let seed = 1; seed <= stories; seed++) {
      const story = storyOf(sdk, seed);
      const clock = createVirtualClock();
      const bare = await observe(sdk, member(story.answer), story, clock);
      const alone = await observe(sdk, pooled([member(story.answer)], clock), story, clock);
      const worse = alone.unsettled.filter(name => !bare.unsettled.includes(name));
      // Who stops reading may miss the end by a part, which the pool may have added.
      const hasWorse = story.reading !== 'leaves' && worse.length > 0;
      expect({ seed, story, worse, hasWorse }).toMatchObject({ seed, hasWorse: false });

      if (story.leavesAt !== undefined) continue;
      // The same text, wherever it breaks off; where the bare model hangs, the pool ends it.
      const begins = bare.hasError || alone.text.startsWith(bare.text);
      expect({ seed, story, begins }).toEqual({ seed, story, begins: true });

      // With somebody behind it who is well, it ends as if nothing had been wrong.
      const both = [member(story.answer), whole()];
      const { unsettled } = await observe(sdk, pooled(both, clock), story, clock);
      const known = usual.get(`${story.kind} ${story.reading}`);
      const missing = unsettled.filter(name => known?.includes(name) !== true);
      expect({ seed, story, missing }).toEqual({ seed, story, missing: [] });
    }
  });
}
