import { PoolExhaustedError } from 'ai-pool';

/** What names a stream, or reads one to its end. */
const streaming = /stream/i;

/** Names under which providers say something of their own, and the pool something of its. */
const told = /^(experimental_)?(provider(Metadata|Options)|callProviderMetadata)$/;

/** How long something took. */
const passing = /^performance$/;

/**
 * Everything that can be read from a result: its properties, those of its class too, and what its
 * promises become, without what only a pool says. What goes wrong on the way is part of it.
 *
 * @param value what came out; of streams, after they were read
 */
export async function snapshot(value: unknown): Promise<unknown> {
  if (typeof value !== 'object' || value === null || value instanceof Error) {
    return shot(value, []);
  }
  const fields: Record<string, unknown> = {};
  for (const name of namesOf(value)) fields[name] = await settled(value, name);
  return shot(fields, []);
}

function shot(value: unknown, above: readonly object[]): unknown {
  if (typeof value === 'function') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value)) return 'itself';
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Error) return errorFields(value);
  const within = [...above, value];
  if (Array.isArray(value)) return value.map(each => shot(each, within));
  const fields: Record<string, unknown> = {};
  for (const name of namesOf(value)) {
    let field = shot(Reflect.get(value, name), within);
    // No warnings are no warnings.
    if (name === 'warnings' && Array.isArray(field) && field.length === 0) continue;
    field = withoutPool(name, field);
    if (field !== undefined) fields[name] = field;
  }
  return fields;
}

function namesOf(value: object): readonly string[] {
  const names = new Set<string>();
  for (let from = value; from !== Object.prototype; from = Object.getPrototypeOf(from) as object) {
    for (const [name, own] of Object.entries(Object.getOwnPropertyDescriptors(from))) {
      const isShown = own.get !== undefined || (own.enumerable === true && from === value);
      if (!isShown || streaming.test(name) || passing.test(name)) continue;
      names.add(name);
    }
  }
  return [...names];
}

async function settled(from: object, name: string): Promise<unknown> {
  try {
    return await (Reflect.get(from, name) as unknown);
  } catch (error) {
    return error instanceof Error ? error : new TypeError(`thrown: ${String(error)}`);
  }
}

/** Without the pool's part; where nothing else is said, nothing is. */
function withoutPool(name: string, field: unknown): unknown {
  const isObject = typeof field === 'object' && field !== null;
  if (!isObject) return field;
  if (told.test(name)) {
    const others = Object.entries(field).filter(([who]) => who !== 'pool');
    return others.length === 0 ? undefined : Object.fromEntries(others);
  }
  // Who is asked, in the SDK's words: the pool's stable name.
  if (name === 'model' && 'provider' in field) {
    return Object.fromEntries(Object.entries(field).filter(([each]) => each !== 'provider'));
  }
  return field;
}

/** An error as far as it is compared. */
interface Thrown {
  readonly thrown: object;
  /** Not of the pool's own errors: class and message may differ (design, principle 7). */
  readonly said?: string;
  /** Of these: the member's own error, which need not be one. */
  readonly cause?: unknown;
}

function errorFields(error: Error): Thrown {
  const field = (name: string): unknown => Reflect.get(error, name);
  const { 'retry-after-ms': _told, ...headers } = Object(field('responseHeaders')) as Record<
    string,
    unknown
  >;
  const thrown = {
    statusCode: field('statusCode'),
    responseHeaders: headers,
    responseBody: field('responseBody'),
    data: field('data'),
  };
  if (PoolExhaustedError.isInstance(error)) return { thrown, cause: error.cause };
  return { thrown, said: `${error.name}: ${error.message}` };
}

/**
 * What a pool's snapshot should be, by the bare model's: the same, but for what is not the same in
 * errors of the pool's own.
 */
export function expectedOf(bare: unknown, pooled: unknown): unknown {
  if (typeof bare !== 'object' || bare === null) return bare;
  const at = (name: string | number): unknown => Reflect.get(Object(pooled) as object, name);
  if (Array.isArray(bare)) return bare.map((each, i) => expectedOf(each, at(i)));
  const isOwn = at('thrown') !== undefined && at('said') === undefined;
  if (!isOwn) {
    return Object.fromEntries(
      Object.entries(bare).map(([name, each]) => [name, expectedOf(each, at(name))]),
    );
  }
  // What was no error comes as the cause of one.
  if (!('thrown' in bare)) return { thrown: at('thrown'), cause: bare };
  return { thrown: bare.thrown, cause: at('cause') };
}
