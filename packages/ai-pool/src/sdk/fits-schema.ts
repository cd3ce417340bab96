/** So deep and so far an answer is looked at; what lies beyond passes. Schemas may go in circles. */
const MAX_DEPTH = 200;
const MAX_CHECKS = 100_000;
/** So many ways to match a pattern are tried at worst. */
const MAX_WAYS = 1e7;

type Thing = Readonly<Record<string, unknown>>;

const isThing = (value: unknown): value is Thing => typeof value === 'object' && value !== null;

const own = (thing: unknown, name: string): unknown =>
  isThing(thing) && Object.hasOwn(thing, name) ? thing[name] : undefined;

/**
 * Whether a JSON value fits a JSON Schema, as far as a small check knows: false where it surely does
 * not. Keywords that it does not know pass, and so does all that it would take too long to tell; of
 * `oneOf` more than one may fit.
 */
export function fitsSchema(value: unknown, schema: unknown): boolean {
  let checks = 0;

  const fits = (given: unknown, rule: unknown, depth: number): boolean => {
    if (typeof rule === 'boolean') return rule;
    if (!isThing(rule) || depth > MAX_DEPTH || ++checks > MAX_CHECKS) return true;
    const on = (part: unknown, its: unknown): boolean => fits(part, its, depth + 1);
    const { $ref, type, enum: all, const: constant, allOf, anyOf, oneOf } = rule;
    if (typeof $ref === 'string') return on(given, target($ref, schema));
    if (given === null && rule['nullable'] === true) return true;
    const types = [type ?? []].flat();
    if (types.length > 0 && !types.some(each => isOfType(given, each))) return false;
    if (Array.isArray(all) && !all.some(each => isSame(each, given))) return false;
    if (constant !== undefined && !isSame(constant, given)) return false;
    if (Array.isArray(allOf) && !allOf.every(each => on(given, each))) return false;
    for (const any of [anyOf, oneOf]) {
      if (Array.isArray(any) && !any.some(each => on(given, each))) return false;
    }
    if (typeof given === 'number') return isWithin(given, rule);
    if (typeof given === 'string') {
      return isSized(lengthOf(given, rule), 'Length', rule) && matches(given, rule['pattern']);
    }
    if (Array.isArray(given)) {
      const { items, prefixItems, additionalItems } = rule;
      const isTuple = Array.isArray(items);
      const first: readonly unknown[] = isTuple ? items : ((prefixItems ?? []) as unknown[]);
      const rest = isTuple ? additionalItems : items;
      return (
        isSized(given.length, 'Items', rule) &&
        given.every((each, i) => on(each, i < first.length ? first[i] : rest))
      );
    }
    if (!isThing(given)) return true;
    const { properties, required, patternProperties, additionalProperties } = rule;
    const entries = Object.entries(given);
    return (
      isSized(entries.length, 'Properties', rule) &&
      (!Array.isArray(required) || required.every(name => Object.hasOwn(given, name as string))) &&
      entries.every(([name, each]) => {
        const its = own(properties, name);
        return its === undefined
          ? patternProperties !== undefined || on(each, additionalProperties)
          : on(each, its);
      })
    );
  };

  try {
    return fits(value, schema, 0);
  } catch {
    // A schema that cannot be read says nothing.
    return true;
  }
}

/** What a reference within the schema means; undefined, which everything fits, for any other. */
function target(ref: string, schema: unknown): unknown {
  const [head, ...names] = ref.split('/');
  if (head !== '#') return undefined;
  return names.reduce(
    (at, name) => own(at, decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~')),
    schema,
  );
}

const TYPES = /^(null|array|object|string|number|integer|boolean)$/;

function isOfType(value: unknown, type: unknown): boolean {
  if (typeof type !== 'string' || !TYPES.test(type)) return true;
  if (type === 'integer') return Number.isInteger(value);
  return type === (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b || !isThing(a) || !isThing(b)) return a === b;
  const names = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    names.length === Object.keys(b).length &&
    names.every(name => Object.hasOwn(b, name) && isSame(a[name], b[name]))
  );
}

/** @param limit no limit where it is no number */
const isOver = (amount: number, limit: unknown): boolean =>
  typeof limit === 'number' && amount > limit;
const isUnder = (amount: number, limit: unknown): boolean =>
  typeof limit === 'number' && amount < limit;

function isSized(size: number, of: string, rule: Thing): boolean {
  return !isUnder(size, rule[`min${of}`]) && !isOver(size, rule[`max${of}`]);
}

/** In characters, which is not worth counting where nobody asks. */
function lengthOf(text: string, { minLength, maxLength }: Thing): number {
  return minLength === undefined && maxLength === undefined ? 0 : Array.from(text).length;
}

function isWithin(value: number, rule: Thing): boolean {
  const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below } = rule;
  if (isUnder(value, minimum) || isOver(value, maximum)) return false;
  return value !== above && value !== below && !isUnder(value, above) && !isOver(value, below);
}

/**
 * A pattern is tried only where that ends soon: with no repeated group, no back reference and no
 * repeat of hundreds, and with so few choices that even the worst text of this length has a bounded number of ways.
 */
function matches(text: string, pattern: unknown): boolean {
  if (typeof pattern !== 'string' || /\)[*+{]|\\[1-9k]|\{\d*,?\d{3}/.test(pattern)) return true;
  const choices = pattern.match(/[*+?|]|\{\d+,/g)?.length ?? 0;
  if ((text.length + 2) ** (choices + 1) > MAX_WAYS) return true;
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return true;
  }
}
