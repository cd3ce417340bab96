type Name = string | symbol;

/** What the SDK reads from models of other kinds than language before it calls them. */
const CAPABILITIES: readonly Name[] = [
  'maxEmbeddingsPerCall',
  'supportsParallelCalls',
  /* @__PURE__ */ Symbol.for('vercel.ai.embeddingModel.maxInputBytesPerCall'),
  /* @__PURE__ */ Symbol.for('vercel.ai.embeddingModel.providerOptionsTransformer'),
  'maxImagesPerCall',
  'maxVideosPerCall',
  'supportsFileInputs',
  'supportsMaskInputs',
];

/** Limits that are 1 where a model states none; the others are none then. */
const ONE_BY_DEFAULT = /^max(Images|Videos)PerCall$/;

/** What every member can do: the least limit, and only what all of them support. */
export function sharedCapabilities(members: () => readonly object[]): PropertyDescriptorMap {
  const shared: PropertyDescriptorMap = {};
  for (const name of CAPABILITIES) {
    if (!members().some(member => name in member)) continue;
    // Read anew each time: providers may be added and removed.
    const get = (): unknown => sharedBy(members(), name);
    shared[name] = { get, enumerable: true, configurable: true };
  }
  return shared;
}

function sharedBy(members: readonly object[], name: Name): unknown {
  const values = members.map((member): unknown => {
    const value: unknown = Reflect.get(member, name);
    return typeof value === 'function' ? value.bind(member) : value;
  });
  if (!values.some(value => typeof value === 'function')) return least(values, name);
  if (typeof name === 'symbol') return values[0];
  // A limit that depends on the model id: each member's own, not the pool's.
  const ask = (value: unknown, i: number): unknown =>
    typeof value === 'function'
      ? value({ modelId: Reflect.get(members[i] ?? {}, 'modelId') })
      : value;
  return () => least(values.map(ask), name);
}

function least(values: readonly unknown[], name: Name): unknown {
  if (values.some(value => typeof (value as { then?: unknown } | undefined)?.then === 'function')) {
    return Promise.all(values).then(all => least(all, name));
  }
  const [first] = values;
  const isNumeric = values.some(value => typeof value === 'number');
  if (values.every(value => value === first)) return first;
  if (!isNumeric) return values.every(value => value === true);
  const otherwise = ONE_BY_DEFAULT.test(String(name)) ? 1 : Number.POSITIVE_INFINITY;
  return Math.min(...values.map(value => (value as number | null | undefined) ?? otherwise));
}
