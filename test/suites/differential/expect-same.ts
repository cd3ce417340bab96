import { isDeepStrictEqual } from 'node:util';
import { PoolExhaustedError } from 'ai-pool';
import { expect } from 'vitest';
import { oneOf } from '../sdk-calls.ts';
import type { Case } from './cases.ts';
import type { Outcome, Seen, Told } from './look.ts';
import { expectedOf } from './snapshot.ts';

/** Without what a pool adds to what a model gives: a stream's start, and the model that answers. */
function withoutOpening(raw: readonly unknown[], bare: readonly unknown[]): readonly unknown[] {
  const has = (part: unknown): boolean => bare.some(each => isDeepStrictEqual(each, part));
  const tellsModel = bare.some(each => oneOf(oneOf(each, 'response'), 'modelId') !== undefined);
  return raw
    .filter(part => {
      const { type, ...more } = Object(part) as Record<string, unknown>;
      const isStart = type === 'stream-start' && Object.keys(more).length === 0;
      const isModel =
        type === 'response-metadata' && isDeepStrictEqual(Object.keys(more), ['modelId']);
      return !(isStart || isModel) || has(part);
    })
    .map(given => {
      const { response, ...more } = Object(given) as { response?: { modelId?: unknown } };
      if (response === undefined || tellsModel) return given;
      const { modelId: _, ...others } = response;
      return Object.keys(others).length === 0 ? more : { ...more, response: others };
    });
}

/** What there is to read of an answer. */
const textOf = (out: Outcome): unknown =>
  'failed' in out ? (out.text ?? '') : oneOf(out.result, 'text', 'object');

/** What upstream received and what came out are the same, but for what a pool says of itself. */
export function expectSame(
  bare: Seen,
  { seen, pool }: Told,
  { fault, ...target }: Pick<Case, 'fault'> & { readonly provider: string; readonly model: string },
): void {
  // A pool of one may only try more often.
  expect(seen.sent.length).toBeGreaterThanOrEqual(bare.sent.length);
  expect(seen.sent).toEqual(seen.sent.map((_, i) => bare.sent[i] ?? bare.sent.at(-1)));
  const isFailure = 'failed' in seen.out;
  expect(pool).toEqual(isFailure ? undefined : expect.objectContaining(target));
  // An answer that never came is a failure, which not every bare model tells (design 5.4).
  if (fault !== undefined && isFailure && !('failed' in bare.out)) {
    expect(textOf(seen.out)).toBe(textOf(bare.out));
    return;
  }
  expect(seen.out).toEqual(expectedOf(bare.out, seen.out));
  if (!isFailure) expect(withoutOpening(seen.raw, bare.raw)).toEqual(bare.raw);
}

/** How every generation of the SDK knows errors of calls. */
const isCallError = (error: unknown): boolean =>
  Reflect.get(Object(error) as object, Symbol.for('vercel.ai.error.AI_APICallError')) === true;

/** An error is of the same kind: for those who tell by the SDK's own test. */
export function expectSameKind(bare: unknown, error: unknown): void {
  expect(isCallError(error) || !isCallError(bare)).toBe(true);
}

/** What the caller gets is the member's own error, or an error of the pool's because of it. */
export function expectOwn(error: unknown, own: readonly unknown[]): void {
  // What a member never gave, the pool says itself; of what is no Error the SDK makes one.
  const isOwn = own.length > 0 && own.every(each => each instanceof Error);
  const cause = PoolExhaustedError.isInstance(error) ? error.cause : error;
  expect(isOwn ? own : [cause]).toContain(cause);
}
