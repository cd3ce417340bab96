import { expected, fail, list } from './check.ts';
import { isModelObject } from './read-config.ts';
import type { ModelObject, PoolConfig } from './types.ts';

/** An array of ready-made models: each element is its own provider entry and account. */
export function expandShortForm(models: readonly unknown[]): PoolConfig {
  const names = new Set<string>();
  const providers = list(models, 'models').map((item, i) => {
    const model = readyModel(item, `models[${i}]`);
    const base = model.provider.replaceAll('/', '.');
    let name = base;
    for (let n = 2; names.has(name); n++) name = `${base}#${n}`;
    names.add(name);
    return { name, models: [model] };
  });
  return { providers };
}

function readyModel(item: unknown, path: string): ModelObject {
  if (isModelObject(item)) return item;
  if (typeof item !== 'string') return expected(path, 'a model', item);
  // What the SDK itself does with a string, without its own default: the core has no dependency.
  const scope = globalThis as {
    AI_SDK_DEFAULT_PROVIDER?: { languageModel?: (id: string) => unknown };
  };
  const made = scope.AI_SDK_DEFAULT_PROVIDER?.languageModel?.(item);
  return isModelObject(made) ? made : fail(path, `write gateway('${item}')`);
}
