import type { FakeModelAnswer, SpecificationVersion } from '@ai-pool/testing';
import { partsOf, type RawPart } from './raw-parts.ts';
import { rawStream } from './scripted.ts';

/** One of all, by chance. */
export function drawn<T>(random: () => number, ...all: readonly T[]): T {
  return all[Math.floor(random() * all.length)] as T;
}

const errors: readonly (() => unknown)[] = [
  () => new Error('broken'),
  () => new TypeError('terminated'),
  () => ({ type: 'overloaded_error', message: 'busy' }),
  () => 'overloaded',
  () => undefined,
];

/** An answer as a provider may give it: whole or broken anywhere, in every form. */
export function randomAnswer(
  version: SpecificationVersion,
  random: () => number,
  text: string,
): FakeModelAnswer {
  const say = partsOf(version);
  if (random() < 0.1) {
    return { reject: drawn(random, ...errors)() };
  }
  const size = 1 + Math.floor(random() * 5);
  const all = text.match(new RegExp(`.{1,${size}}`, 'gs')) ?? [];
  const chunks = random() < 0.5 ? all : all.slice(0, Math.floor(random() * all.length));
  const parts: RawPart[] = [
    ...(random() < 0.8 ? say.opening : []),
    ...(random() < 0.3 ? [{ type: 'response-metadata', id: 'r' }] : []),
    ...(random() < 0.2 ? say.block('reasoning', ['hm', ', so'], random() < 0.8) : []),
    ...(chunks.length > 0 ? say.block('text', chunks, random() < 0.8) : []),
  ];
  if (random() < 0.25) parts.push({ type: 'error', error: drawn(random, ...errors)() });
  if (random() < 0.7)
    parts.push(say.finish(drawn(random, 'stop', 'stop', 'length', 'error', 'other')));
  const end = random();
  if (end < 0.15) return rawStream(parts, { ending: 'hang' });
  return rawStream(parts, end < 0.3 ? { error: drawn(random, ...errors)() } : {});
}
