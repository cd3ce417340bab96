import { functionOf, oneOf, read } from '../sdk-calls.ts';
import type { Caller, Case } from './cases.ts';
import { snapshot } from './snapshot.ts';

/** What became of a call, as far as it can be seen. */
export interface Seen {
  /** What upstream received. */
  readonly sent: readonly unknown[];
  /** What the model's own methods gave. */
  readonly raw: readonly unknown[];
  /** What the SDK gave. */
  readonly out: Outcome;
}

export type Outcome =
  | { readonly parts?: readonly unknown[]; readonly result: unknown }
  | { readonly text?: string; readonly failed: unknown };

/** What is not to be compared. */
export interface Told {
  readonly seen: Seen;
  /** What a pool says about itself. */
  readonly pool: unknown;
  /** The error as it came. */
  readonly error: unknown;
}

const drawnId = /(?<![\w.+-])(?:(?:[a-z]{2,5}-)?[A-Za-z\d]{24}|[A-Za-z\d]{16})(?![\w-])/g;

/** Names the ids that this side draws by when they are first seen. */
function withoutDrawn<T>(value: T, names = new Map<string, string>()): T {
  if (typeof value === 'string') {
    return value.replaceAll(drawnId, id => {
      const name = names.get(id) ?? `#${names.size}`;
      names.set(id, name);
      return name;
    }) as T;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each: unknown) => withoutDrawn(each, names)) as T;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, withoutDrawn<unknown>(each, names)]),
  ) as T;
}

/** Who hears of what a model gives. */
interface Listener {
  readonly onGiven?: (given: unknown) => Promise<void>;
  readonly onError?: (error: unknown) => void;
}

/** The same model, with somebody who listens. */
export function watched<Model extends object>(
  model: Model,
  { onGiven = async () => {}, onError = () => {} }: Listener,
): Model {
  const call = async (value: () => unknown, args: readonly unknown[]): Promise<unknown> => {
    const given = (await Reflect.apply(value, model, args)) as object;
    const { stream, ...about } = given as { stream?: ReadableStream<{ type: string }> };
    await onGiven(about);
    if (stream === undefined) return given;
    const listening = new TransformStream<{ type: string }, unknown>({
      async transform(part, controller) {
        if (part.type === 'error') onError(oneOf(part, 'error'));
        await onGiven(part);
        controller.enqueue(part);
      },
    });
    return { ...given, stream: stream.pipeThrough(listening) };
  };
  return new Proxy(model, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name !== 'doGenerate' && name !== 'doStream') return value;
      return async (...args: readonly unknown[]) =>
        call(value as () => unknown, args).catch((error: unknown) => {
          onError(error);
          throw error;
        });
    },
  });
}

/** Makes the call, and writes down everything that can be seen of it. */
export async function look(
  caller: Caller,
  { call, kind }: Pick<Case, 'call' | 'kind'>,
  model: object,
  sent: readonly unknown[],
): Promise<Told> {
  const raw: unknown[] = [];
  const settings = {
    maxRetries: 0,
    ...call(caller),
    model: watched(model, { onGiven: async given => void raw.push(await snapshot(given)) }),
  };
  const { ai, way } = caller;
  const name = `${way}${kind === 'object' ? 'Object' : 'Text'}`;
  const done = (out: Outcome, { pool, error }: { pool?: unknown; error?: unknown }): Told => ({
    seen: withoutDrawn({ sent, raw, out }),
    pool,
    error,
  });
  let text = '';
  try {
    if (way === 'generate') {
      const result: unknown = await functionOf(ai, name)(settings);
      return done({ result: await snapshot(result) }, { pool: await poolOf(result) });
    }
    const result = functionOf(ai, name)({ ...settings, onError() {} }) as object;
    const parts: unknown[] = [];
    const stream = (await read(result, 'fullStream')) as AsyncIterable<{ type: string }>;
    for await (const part of stream) {
      if (part.type === 'error') throw oneOf(part, 'error');
      if (part.type === 'text-delta') text += String(oneOf(part, 'text', 'textDelta'));
      parts.push(await snapshot(part));
    }
    const out = { parts, result: await snapshot(promised(result, caller, kind)) };
    return done(out, { pool: await poolOf(result) });
  } catch (error) {
    const failed = await snapshot(error);
    return done(way === 'stream' ? { text, failed } : { failed }, { error });
  }
}

async function poolOf(result: unknown): Promise<unknown> {
  return oneOf(await read(result, 'providerMetadata'), 'pool');
}

/** What a stream's result promises, without how it does that. */
function promised(result: object, { major }: Caller, kind: Case['kind']): object {
  const promises: Record<string, unknown> = {};
  const from: unknown = Object.getPrototypeOf(result);
  for (const [name, own] of Object.entries(Object.getOwnPropertyDescriptors(from))) {
    if (own.get === undefined || /stream/i.test(name)) continue;
    // In ai 4 this promise is kept by nobody, with and without a pool.
    if (major === 4 && kind === 'object' && name === 'warnings') continue;
    Object.defineProperty(promises, name, {
      enumerable: true,
      get: () => Reflect.get(result, name) as unknown,
    });
  }
  return promises;
}
