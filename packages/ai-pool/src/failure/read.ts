/** An object of unknown make; reads of it go through `read`, since a getter or proxy may throw. */
export type Thing = Readonly<Record<string, unknown>>;

/** At most this much of any text is looked at. */
export const maxText = 65_536;

export const isThing = (value: unknown): value is Thing =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** A property, or undefined when there is none or reading it throws. */
export function read(value: unknown, key: PropertyKey): unknown {
  if (!isThing(value)) return undefined;
  try {
    return Reflect.get(value, key);
  } catch {
    return undefined;
  }
}

/** A property that is a non-empty string. */
export function readText(value: unknown, key: PropertyKey): string | undefined {
  const text = read(value, key);
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** A property that is an object. */
export function readThing(value: unknown, key: PropertyKey): Thing | undefined {
  const thing = read(value, key);
  return isThing(thing) ? thing : undefined;
}

/** The elements of an array, a bounded number of them; nothing for anything else. */
export const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value.slice(0, 50) : [];

/** The own keys of an object, a bounded number of them. */
export const keysOf = (thing: Thing): readonly string[] => Object.keys(thing).slice(0, 200);
