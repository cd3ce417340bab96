type Loose<T> = { [K in keyof T]: T[K] | undefined };

/** The same object without the properties that have no value: what is absent looks absent. */
export function defined<T extends object>(loose: Loose<T>): T {
  const made: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(loose)) if (value !== undefined) made[name] = value;
  return made as T;
}
