import { createPooledModel } from 'ai-pool';
import type { LanguageModelV4 } from '@ai-sdk/provider';
import { bytes, type Figures } from './figures.ts';
import { CALL, mockModel } from './models.ts';
import type { Line } from './report.ts';

const PER_KEY = 500;
const PER_TARGET = 200;
const FEW = 10;
const MANY = 100_000;
const KEYS = 20_000;
const MODELS = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

/** One member for all: members are not counted. */
const member = mockModel('model');

function poolOf(keys: readonly string[], models: readonly string[]) {
  return createPooledModel({
    providers: [{ name: 'mock', create: () => (): LanguageModelV4 => member, keys, models }],
  });
}

function heap(): number {
  for (let i = 0; i < 4; i++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Kept from the collector until it was measured. */
const kept: unknown[] = [];

/** The secrets are the user's own and not counted. */
function secrets(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => {
    const text = `sk-${(i * 2_654_435_761).toString(36).padStart(12, '0')}-${i}`;
    // Flat strings, as they come out of a file or the environment.
    return Buffer.from(text).toString();
  });
}

function heapOfPool(keys: readonly string[]): number {
  const before = heap();
  kept.push(poolOf(keys, [MODELS[0]]));
  return heap() - before;
}

/** Heap by which each target grows the pool that is used after the first of its key. */
async function perFurtherTarget(): Promise<number> {
  const model = poolOf(secrets(KEYS), MODELS);
  const [first, ...others] = MODELS;
  // Keys take turns, so as many calls as there are keys use each of them once.
  const useAll = async (id: string): Promise<void> => {
    const one = model.pool.languageModel(id);
    for (let i = 0; i < KEYS; i++) await one.doGenerate(CALL);
  };
  await useAll(first);
  const before = heap();
  for (const id of others) await useAll(id);
  const grown = heap() - before;
  kept.push(model);
  return grown / (KEYS * others.length);
}

export async function measure(): Promise<Figures> {
  // What is loaded and compiled at the first use is no part of it.
  await poolOf(secrets(FEW), [MODELS[0]]).doGenerate(CALL);
  const [few, many] = [secrets(FEW), secrets(MANY)];
  const small = heapOfPool(few);
  const perKey = (heapOfPool(many) - small) / (MANY - FEW);
  return { perKey: [perKey], perTarget: [await perFurtherTarget()] };
}

export function lines({ perKey, perTarget }: Figures): Line[] {
  const [key, target] = [perKey?.[0] ?? Number.NaN, perTarget?.[0] ?? Number.NaN];
  return [
    {
      what: `memory per key, ${MANY} over ${FEW}, 1 model`,
      measured: bytes(key),
      bar: `<= ${bytes(PER_KEY)}`,
      peers: '',
      met: key <= PER_KEY,
    },
    {
      what: `memory per further target, ${KEYS} keys, each used with ${MODELS.length} models`,
      measured: bytes(target),
      bar: `<= ${bytes(PER_TARGET)}`,
      peers: '',
      met: target <= PER_TARGET,
    },
  ];
}
