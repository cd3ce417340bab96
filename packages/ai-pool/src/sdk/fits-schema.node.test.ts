// In Node alone: ajv makes code of schemas.
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsSchema } from './fits-schema.ts';

const runs = Number(process.env['SCHEMA_RUNS'] ?? 300);
const options = { strict: false, validateFormats: false, logger: false } as const;

type Schema = Record<string, unknown> | boolean;

const names = fc.constantFrom('a', 'b', 'c');
const amount = fc.integer({ min: -1, max: 3 });
const size = fc.integer({ min: 0, max: 3 });
const type = fc.constantFrom('null', 'array', 'object', 'string', 'number', 'integer', 'boolean');

const { value } = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(
      null,
      true,
      false,
      0,
      1,
      2,
      -1,
      0.5,
      3,
      '',
      'a',
      'b',
      'ab',
      '😀',
      'ba',
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

/** @param further keywords beside those that the check knows */
function schemas(further: (schema: fc.Arbitrary<Schema>) => Record<string, fc.Arbitrary<unknown>>) {
  const { schema } = fc.letrec<{ schema: Schema }>(tie => {
    const list = (minLength = 1): fc.Arbitrary<Schema[]> =>
      fc.array(tie('schema'), { minLength, maxLength: 2 });
    const known = {
      type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })),
      properties: fc.dictionary(names, tie('schema'), { maxKeys: 3 }),
      required: fc.uniqueArray(names, { maxLength: 2 }),
      additionalProperties: tie('schema'),
      items: tie('schema'),
      prefixItems: list(),
      enum: fc.uniqueArray(value, { minLength: 1, maxLength: 4 }),
      const: value,
      allOf: list(),
      anyOf: list(),
      minLength: size,
      maxLength: size,
      minItems: size,
      maxItems: size,
      minProperties: size,
      maxProperties: size,
      minimum: amount,
      maximum: amount,
      exclusiveMinimum: amount,
      exclusiveMaximum: amount,
      pattern: fc.constantFrom('^a', 'b$', '^[ab]*$', '^.{2}$', 'a|b', '^\\w?$'),
    };
    const all = { ...known, ...further(tie('schema')) };
    const some = fc
      .subarray(Object.keys(all) as (keyof typeof all)[], { maxLength: 4 })
      .chain(keys =>
        fc.record(Object.fromEntries(keys.map(key => [key, all[key]]))),
      ) as fc.Arbitrary<Schema>;
    return {
      schema: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        fc.oneof(
          fc.boolean(),
          type.map(one => ({ type: one })),
          fc.constantFrom({ $ref: '#' }, { $ref: '#/$defs/one' }, { $ref: '#/$defs/t~1~0w%20o' }),
        ),
        some,
      ),
    };
  });
  const root = fc.record({ one: schema, 't/~w o': schema });
  return fc
    .tuple(schema, root)
    .map(([its, $defs]) => (typeof its === 'boolean' ? { allOf: [its], $defs } : { ...its, $defs }))
    .filter(its => !('$ref' in its));
}

/** What the check does not know, or knows less strictly. */
const unknown = (schema: fc.Arbitrary<Schema>) => ({
  not: schema,
  oneOf: fc.array(schema, { minLength: 1, maxLength: 3 }),
  patternProperties: fc.dictionary(fc.constantFrom('^a', 'b'), schema, { maxKeys: 2 }),
  propertyNames: schema,
  contains: schema,
  uniqueItems: fc.boolean(),
  multipleOf: fc.constantFrom(1, 2, 0.5),
  if: schema,
  else: schema,
  dependentRequired: fc.dictionary(names, fc.uniqueArray(names), { maxKeys: 2 }),
  unevaluatedProperties: schema,
  pattern: fc.constantFrom('^(a|b)*$', '(a+)+b', '^(?!b)', '\\d{1,3}', '(.)\\1'),
});

/** What ajv says; undefined where the schema goes in circles without end. */
function said(schema: object, given: unknown, by: typeof Ajv | typeof Ajv2020) {
  try {
    return new by(options).compile(schema)(given);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

describe('any schema, any value', () => {
  it('what it knows it judges as ajv does', () => {
    const count = { true: 0, false: 0 };
    fc.assert(
      fc.property(
        schemas(() => ({})),
        value,
        (schema, given) => {
          const expected = said(schema, given, Ajv2020);
          if (expected === undefined) return;
          expect(fitsSchema(given, schema)).toBe(expected);
          count[`${expected}`]++;
        },
      ),
      { numRuns: runs },
    );
    expect(Math.min(count.true, count.false)).toBeGreaterThan(runs / 10);
  });

  it('what it does not know passes: it never refuses what ajv takes', () => {
    let refused = 0;
    fc.assert(
      fc.property(schemas(unknown), value, (schema, given) => {
        if (fitsSchema(given, schema)) return;
        refused++;
        expect(said(schema, given, Ajv2020)).not.toBe(true);
      }),
      { numRuns: runs },
    );
    expect(refused).toBeGreaterThan(runs / 10);
  });

  it('knows the lists of older schemas', () => {
    const older = fc.record(
      {
        type: fc.constant('array'),
        items: fc.array(fc.constantFrom<Schema>(true, { type: 'string' }, { minimum: 1 }), {
          minLength: 1,
          maxLength: 3,
        }),
        additionalItems: fc.constantFrom<Schema>(true, false, { type: 'number' }),
      },
      { requiredKeys: ['type', 'items'] },
    );
    fc.assert(
      fc.property(older, fc.array(value, { maxLength: 4 }), (schema, given) => {
        expect(fitsSchema(given, schema)).toBe(said(schema, given, Ajv));
      }),
      { numRuns: runs / 4 },
    );
  });
});

const nested = (depth: number): unknown =>
  JSON.parse(`${'{"a":['.repeat(depth)}1${']}'.repeat(depth)}`);

describe('a hostile schema', () => {
  const thrower = new Proxy(
    {},
    {
      get() {
        throw new Error('no');
      },
    },
  );
  const circle: Record<string, unknown> = { type: 'object' };
  circle['allOf'] = [circle, circle];
  circle['const'] = { a: circle };
  const bush = { allOf: Array.from({ length: 8 }, () => ({ $ref: '#' })) };
  const loop = { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } };

  it.each<[string, unknown, unknown]>([
    ['refers to itself', { $ref: '#' }, 1],
    ['refers in a circle', loop, 1],
    ['refers to itself many times', bush, 1],
    ['refers to itself in every part', { items: bush, properties: { a: bush } }, nested(50)],
    ['refers to nothing', { $ref: '#/$defs/none/at/all' }, 1],
    ['refers to what all objects have', { $ref: '#/constructor/prototype/toString' }, 1],
    ['refers to what cannot be read', { $ref: '#/%E0%A4%A' }, 1],
    ['refers to another page', { $ref: 'https://example.com/schema' }, 1],
    ['has a pattern that takes for ever', { pattern: '^(a+)+$' }, `${'a'.repeat(60)}!`],
    ['has many choices', { pattern: `^${'a?'.repeat(40)}${'a'.repeat(40)}$` }, 'a'.repeat(39)],
    ['has alternatives', { pattern: `^${'(a|a)'.repeat(40)}b$` }, 'a'.repeat(40)],
    ['has empty alternatives', { pattern: `^${'(|)'.repeat(40)}b$` }, ''],
    ['has repeated searches', { pattern: `${'.*'.repeat(9)}b` }, 'a'.repeat(5_000)],
    ['has bounded repeats', { pattern: `^${'a{0,99}'.repeat(9)}b` }, 'a'.repeat(500)],
    ['has a long repeat', { pattern: 'a{5000}b' }, 'a'.repeat(100_000)],
    ['has no pattern', { pattern: '(' }, 'a'],
    ['has another language', { pattern: 7, minLength: 'x', type: 'STRING', enum: 'a' }, 'a'],
    ['has other things', { properties: 'a', required: 'b', items: 5, allOf: {} }, { a: 1 }],
    ['throws', thrower, 1],
    ['throws within', { properties: { a: thrower } }, { a: 1 }],
    ['is none', 'schema', 1],
    ['is nothing', undefined, 1],
  ])('that %s ends, and passes', (_, schema, given) => {
    expect(fitsSchema(given, schema)).toBe(true);
  });

  it('that contains itself ends', () => {
    expect(fitsSchema({}, circle)).toBe(false);
    expect(fitsSchema(nested(2_000), { const: circle })).toBe(false);
  });

  it('ends for an answer of whatever depth and length', () => {
    const list = { items: { $ref: '#' }, properties: { a: { $ref: '#' } } };
    expect(fitsSchema(nested(2_000), list)).toBe(true);
    const long: unknown[] = Array.from({ length: 300_000 }, () => 1);
    expect(fitsSchema(long, { items: { type: 'number' } })).toBe(true);
    expect(fitsSchema(['a', ...long], { items: { type: 'number' } })).toBe(false);
  });
});

describe('a schema', () => {
  const tree = {
    type: 'object',
    properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } },
    required: ['name'],
    additionalProperties: false,
  };
  it.each<[boolean, unknown, unknown]>([
    [true, tree, { name: 'a', children: [{ name: 'b', children: [] }] }],
    [false, tree, { name: 'a', children: [{ name: 'b', children: [{}] }] }],
    [false, tree, { name: 'a', other: 1 }],
    [true, { type: 'object', required: ['__proto__'] }, JSON.parse('{"__proto__":1}')],
    [false, { type: 'object', required: ['constructor'] }, {}],
    [false, { properties: {}, additionalProperties: false }, JSON.parse('{"__proto__":1}')],
    // A dialect in which providers write their schemas.
    [true, { type: 'string', nullable: true }, null],
    [false, { type: 'string', nullable: true }, 1],
    // The pattern of a UUID, as libraries write it.
    [true, { pattern: '^[0-9a-f]{8}-[0-9a-f]{4}$' }, '01234567-89ab'],
    [false, { pattern: '^[0-9a-f]{8}-[0-9a-f]{4}$' }, '01234567-89'],
  ])('%s: %j of %j', (fits, schema, given) => {
    expect(fitsSchema(given, schema)).toBe(fits);
  });
});
