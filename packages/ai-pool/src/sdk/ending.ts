/** What an answer ends with: a result, or the `finish` part of a stream. */
interface Ending {
  readonly finishReason?: unknown;
  readonly usage?: unknown;
}

type Counts = Readonly<Record<string, unknown>>;

/**
 * The same in the words of V2. The SDK's own wrappers say that they are of their own generation
 * whatever they wrap: the tag may lie, so the answer itself tells.
 */
export function plainEnding<E extends object>(ending: E): E {
  const { finishReason: reason, usage } = ending as Ending;
  if (typeof reason !== 'object' || reason === null) return ending;
  const { inputTokens, outputTokens } = (usage ?? {}) as Record<string, Counts | undefined>;
  const [input, output] = [inputTokens?.['total'], outputTokens?.['total']];
  return {
    ...ending,
    finishReason: (reason as { unified?: unknown }).unified,
    usage: {
      inputTokens: input,
      outputTokens: output,
      totalTokens: Number(input) + Number(output) || undefined,
      reasoningTokens: outputTokens?.['reasoning'],
      cachedInputTokens: inputTokens?.['cacheRead'],
    },
  };
}

/** The same in the words of V3 and V4. */
export function tracedEnding<E extends object>(ending: E): E {
  const { finishReason: reason, usage } = ending as Ending;
  if (typeof reason !== 'string') return ending;
  const counts = (usage ?? {}) as Counts;
  return {
    ...ending,
    finishReason: { unified: reason === 'unknown' ? 'other' : reason, raw: undefined },
    usage: {
      inputTokens: {
        total: counts['inputTokens'],
        noCache: undefined,
        cacheRead: counts['cachedInputTokens'],
        cacheWrite: undefined,
      },
      outputTokens: {
        total: counts['outputTokens'],
        text: undefined,
        reasoning: counts['reasoningTokens'],
      },
    },
  };
}
