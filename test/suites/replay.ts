import { fakeModel } from '@ai-pool/testing';
import { classifyFailure, createPooledModel, type Verdict } from 'ai-pool';
import { describe, expect, it } from 'vitest';
import {
  cases,
  comparable,
  nowOf,
  type FailureCase,
} from '../../packages/ai-pool/src/failure/__fixtures__/cases.ts';
import {
  servicesOf,
  type Factories,
  type ReplayModel,
  type ReplayOptions,
  type Service,
} from './replay-services.ts';
import { upstreamOf } from './replay-upstream.ts';
import { unrecoverable } from './unrecoverable.ts';
import { collect, prompt } from './sdk.ts';
import type { Functions } from './sdk-calls.ts';
import { rejection, ways, type Way } from './world.ts';

/** One generation of the AI SDK, with the provider packages that are installed for it. */
export interface ReplayedSdk extends Functions {
  readonly factories: Factories;
}

/** A pool's only provider. */
interface Entry {
  readonly create: (options: { apiKey: string }) => (modelId: string) => ReplayModel;
  readonly family?: string | undefined;
}

const apiKey = 'sk-test-0123456789';
const modelId = 'acme/test';

/** Calls a model as the SDK does. Gives all that the caller gets: a result, or stream parts. */
async function callModel(model: ReplayModel, way: Way, abortSignal: AbortSignal): Promise<object> {
  const options: ReplayOptions = {
    inputFormat: 'prompt',
    mode: { type: 'regular' },
    prompt: [{ role: 'user', content: [{ type: 'text', text: prompt }] }],
    abortSignal,
  };
  if (way === 'generate') return await model.doGenerate(options);
  return collect((await model.doStream(options)).stream);
}

const pooled = (entry: Entry, failure: FailureCase, onVerdict: (verdict: Verdict) => void) =>
  createPooledModel({
    providers: [
      {
        name: 'acme',
        create: entry.create,
        keys: apiKey,
        models: [modelId],
        ...(entry.family !== undefined && { family: entry.family }),
      },
    ],
    classify: (_, { verdict }) => {
      onVerdict(verdict);
      return undefined;
    },
    clock: {
      now: () => nowOf(failure),
      setTimeout: (run, ms) => setTimeout(run, ms),
      clearTimeout: timer => {
        clearTimeout(timer as NodeJS.Timeout);
      },
    },
    // The second attempt, where there is one, comes at once.
    random: () => 0,
    maxWaitMs: 0,
  });

/** What a pool makes of the first attempt; undefined where it sees an answer. */
async function verdictOf(
  entry: Entry,
  failure: FailureCase,
  way: Way,
): Promise<Verdict | undefined> {
  const verdicts: Verdict[] = [];
  const model = pooled(entry, failure, verdict => verdicts.push(verdict));
  await callModel(model, way, new AbortController().signal).catch(() => undefined);
  return verdicts[0];
}

/** What is compared of a verdict, and what it should be. */
function compared(failure: FailureCase, verdict: Verdict | undefined) {
  const { expected } = failure;
  return {
    actual: verdict && comparable(verdict, expected.retryAfterMs),
    expected: { ...expected, shared: expected.shared },
  };
}

function entryOf(service: Service, failure: FailureCase, way: Way): Entry {
  const fetch = upstreamOf(failure, way, service.framing);
  return {
    create: settings => service.create({ ...settings, fetch }),
    family: service.entryFamily,
  };
}

/** A failure that this side of the wire makes, of the generation's own class. */
function localError({ error }: FailureCase, ai: object): unknown {
  if (error === undefined) throw new TypeError('The failure came over the wire.');
  const { name, message, lastError } = error;
  if (name === 'TypeError') return new TypeError(message);
  const classes = ai as Record<string, new (details: object) => Error>;
  const make = (own: string, details: object): Error => {
    const Class = classes[own.replace('AI_', '')];
    if (Class === undefined) throw new TypeError(`There is no ${own}.`);
    return new Class(details);
  };
  // What one or the other of the classes wants to know.
  return make(name, {
    message,
    modelId,
    modelType: 'languageModel',
    functionality: 'file content parts',
    prompt: [],
    value: { foo: 1 },
    reason: 'maxRetriesExceeded',
    errors: lastError === undefined ? [] : [make('APICallError', lastError)],
  });
}

const isLocal = ({ error }: FailureCase): boolean => error !== undefined;
const isAbort = ({ networkError }: FailureCase): boolean => networkError?.callerAborted === true;

const metBy = ({ family, meets }: Service): readonly FailureCase[] =>
  cases.filter(failure => failure.provider === family && !isLocal(failure) && meets(failure));

/** Every observed failure, through every package of its provider, generated and streamed. */
export function testReplay(sdk: ReplayedSdk): void {
  const services = servicesOf(sdk.factories);

  describe.each(services)('$name', service => {
    const lost = (failure: FailureCase, way: Way) =>
      unrecoverable.find(
        run =>
          run.major === sdk.major &&
          run.service === service.name &&
          run.failure === failure.id &&
          run.way === way,
      );

    describe.each(ways)('%s', way => {
      const met = metBy(service).filter(failure => !isAbort(failure));

      it.each(met.filter(failure => lost(failure, way) === undefined))('$id', async failure => {
        const verdict = await verdictOf(entryOf(service, failure, way), failure, way);
        const { actual, expected } = compared(failure, verdict);
        expect(actual).toEqual(expected);
      });

      it.each(met.filter(failure => lost(failure, way) !== undefined))(
        '$id is lost',
        async failure => {
          const entry = entryOf(service, failure, way);
          const { actual, expected } = compared(failure, await verdictOf(entry, failure, way));
          expect(actual).not.toEqual(expected);
          const bare = entry.create({ apiKey })(modelId);
          const left = await callModel(bare, way, new AbortController().signal);
          expect(left).toMatchObject(lost(failure, way)?.left ?? {});
        },
      );

      it.each(metBy(service).filter(isAbort))('$id', async failure => {
        const caller = new AbortController();
        const upstream = upstreamOf(failure, way, service.framing);
        const fetch: typeof upstream = async (...request) => {
          caller.abort();
          return upstream(...request);
        };
        const create: Entry['create'] = settings => service.create({ ...settings, fetch });
        const verdicts: Verdict[] = [];
        const model = pooled({ create }, failure, verdict => verdicts.push(verdict));
        // The caller left: nothing is judged.
        expect(await rejection(callModel(model, way, caller.signal))).toBe(caller.signal.reason);
        expect(verdicts).toEqual([]);

        const bare = create({ apiKey })(modelId);
        const { signal } = caller;
        const error = await rejection(callModel(bare, way, signal));
        const verdict = classifyFailure(error, { provider: bare.provider, signal });
        const { actual, expected } = compared(failure, verdict);
        expect(actual).toEqual(expected);
      });
    });
  });

  describe.each(ways)('errors of the SDK itself, %s', way => {
    it.each(cases.filter(isLocal))('$id', async failure => {
      const version = `v${sdk.major - 3}` as ReplayModel['specificationVersion'];
      const answer = { reject: localError(failure, sdk.ai) };
      const model = fakeModel({
        specificationVersion: version,
        provider: failure.provider,
        answer,
      });
      const verdict = await verdictOf({ create: () => () => model }, failure, way);
      const { actual, expected } = compared(failure, verdict);
      expect(actual).toEqual(expected);
    });
  });
}

/** The same where all packages of a generation are installed: no failure is left out. */
export function testWholeReplay(sdk: ReplayedSdk): void {
  const services = servicesOf(sdk.factories);

  it('replays every observed failure', () => {
    const met = new Set([...services.flatMap(metBy), ...cases.filter(isLocal)]);
    expect(cases.filter(failure => !met.has(failure)).map(({ id }) => id)).toEqual([]);
  });

  it('lists at most six runs as unrecoverable, and none that does not happen', () => {
    expect(unrecoverable.length).toBeLessThanOrEqual(6);
    for (const run of unrecoverable.filter(({ major }) => major === sdk.major)) {
      const service = services.find(({ name }) => name === run.service);
      expect(service && metBy(service).map(({ id }) => id)).toContain(run.failure);
    }
  });

  testReplay(sdk);
}
