import type { SpecificationVersion } from '@ai-pool/testing';

/** A stream part as a model gives it, in any generation. */
export interface RawPart {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The stream parts of one generation. */
export function partsOf(version: SpecificationVersion) {
  const isV1 = version === 'v1';
  const isOld = isV1 || version === 'v2';
  const count = isV1
    ? { promptTokens: 1, completionTokens: 2 }
    : { inputTokens: 1, outputTokens: 2, totalTokens: 3 };
  const counts = {
    inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 2, text: 2, reasoning: 0 },
  };
  return {
    opening: isV1 ? [] : [{ type: 'stream-start', warnings: [] }],
    block: (kind: 'text' | 'reasoning', chunks: readonly string[], ends: boolean): RawPart[] => {
      if (isV1) {
        const type = kind === 'text' ? 'text-delta' : 'reasoning';
        return chunks.map(textDelta => ({ type, textDelta }));
      }
      const id = `${kind}-1`;
      const deltas = chunks.map(delta => ({ type: `${kind}-delta`, id, delta }));
      return [
        { type: `${kind}-start`, id },
        ...deltas,
        ...(ends ? [{ type: `${kind}-end`, id }] : []),
      ];
    },
    finish: (reason: string): RawPart => ({
      type: 'finish',
      finishReason: isOld ? reason : { unified: reason, raw: reason },
      usage: isOld ? count : counts,
    }),
  };
}
