import type { Major } from './sdk.ts';

/**
 * The functions of one generation's `ai` by their names, some of which have changed. Their types
 * are tested in `types.test-d.ts`; here one call stands for all generations.
 */
export function functionOf(ai: object, ...names: readonly string[]) {
  const found = names.map((name): unknown => Reflect.get(ai, name));
  const call = found.find(each => typeof each === 'function');
  if (call === undefined) throw new TypeError(`ai has no ${names.join(', ')}.`);
  return call as ((...args: readonly unknown[]) => unknown) &
    (new (...args: readonly unknown[]) => object);
}

/** Whose functions are called. */
export interface Functions {
  readonly ai: object;
  readonly major: Major;
}

/** A schema as the SDK takes it. */
export function schemaOf(ai: object, schema: object, more?: object): unknown {
  return functionOf(ai, 'jsonSchema')(schema, more);
}

/** A tool that asks for `schema`; without `execute` its call is the answer. */
export function toolOf(
  { ai, major }: Functions,
  { schema, ...more }: { description: string; schema: object; execute?: () => unknown },
): unknown {
  const name = major === 4 ? 'parameters' : 'inputSchema';
  return functionOf(ai, 'tool')({ ...more, [name]: schemaOf(ai, schema) });
}

/** The setting that ends a tool loop after so many steps. */
export function atMost(steps: number, { ai, major }: Functions): object {
  return major === 4 ? { maxSteps: steps } : { stopWhen: functionOf(ai, 'stepCountIs')(steps) };
}

/** A property, or what a promise in it becomes. */
export async function read(from: unknown, name: string): Promise<unknown> {
  return Reflect.get(Object(from) as object, name);
}

/** A list that is a property, or that a promise in it becomes. */
export async function readList(from: unknown, name: string): Promise<readonly unknown[]> {
  return ((await read(await from, name)) ?? []) as readonly unknown[];
}

/** The first of some properties that is there: they have changed their names. */
export function oneOf(from: unknown, ...names: readonly string[]): unknown {
  const name = names.find(each => Reflect.get(Object(from) as object, each) !== undefined);
  return name === undefined ? undefined : Reflect.get(Object(from) as object, name);
}
