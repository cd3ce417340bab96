import { isThing, keysOf, read } from './read.ts';

/** Response headers with lower-case names. */
export type HeaderMap = Readonly<Record<string, string>>;

/** Reads a plain object, a `Headers` object, a `Map` or a list of pairs. */
export function toHeaderMap(source: unknown): HeaderMap {
  const headers: Record<string, string> = {};
  const add = (name: unknown, value: unknown): void => {
    if (typeof name !== 'string') return;
    if (Array.isArray(value)) add(name, value[0]);
    else if (typeof value === 'string' || typeof value === 'number') {
      headers[name.toLowerCase()] = String(value).slice(0, 1000);
    }
  };
  if (!isThing(source)) return headers;
  try {
    if (Symbol.iterator in source) {
      let left = 200;
      for (const pair of source as Iterable<unknown>) {
        if (left-- === 0) break;
        add(read(pair, 0), read(pair, 1));
      }
    } else {
      for (const name of keysOf(source)) add(name, read(source, name));
    }
  } catch {
    // What was read so far stands.
  }
  return headers;
}
