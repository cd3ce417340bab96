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
