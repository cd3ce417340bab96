import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider';

const usage: LanguageModelV4Usage = {
  inputTokens: { total: 10, noCache: 10, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 5, text: 5, reasoning: undefined },
};

const answer: LanguageModelV4GenerateResult = {
  content: [{ type: 'text', text: 'Hello' }],
  finishReason: { unified: 'stop', raw: 'stop' },
  usage,
  warnings: [],
};

/** The parts of one stream: 105, of which 100 are text. */
export const PARTS: readonly LanguageModelV4StreamPart[] = [
  { type: 'stream-start', warnings: [] },
  { type: 'response-metadata', id: 'answer', modelId: 'model' },
  { type: 'text-start', id: '1' },
  ...Array.from({ length: 100 }, (_, i) => ({
    type: 'text-delta' as const,
    id: '1',
    delta: `word ${i} `,
  })),
  { type: 'text-end', id: '1' },
  { type: 'finish', finishReason: answer.finishReason, usage },
];

/** What a source has seen of its consumer. */
export interface Seen {
  pulls: number;
  cancelled: boolean;
}

/** A lazy source: one part per pull and nothing read ahead, as a parsed HTTP body gives them. */
export function lazyStream(
  seen: Seen = { pulls: 0, cancelled: false },
): ReadableStream<LanguageModelV4StreamPart> {
  let next = 0;
  return new ReadableStream<LanguageModelV4StreamPart>(
    {
      pull(controller) {
        seen.pulls++;
        const part = PARTS[next++];
        if (part === undefined) controller.close();
        else controller.enqueue(part);
      },
      cancel() {
        seen.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * The bare model. It does as little as a model can: `doGenerate` gives the same result each time.
 * So the ratios over it are the strictest, and the heap per call is what the wrappers add, beside
 * two promises. The SDK's own `MockLanguageModelV4` is not used: it keeps the options of every call
 * for ever, and does more per call, which would flatter whatever is wrapped around it.
 */
export function mockModel(modelId: string, seen?: Seen): LanguageModelV4 {
  return {
    specificationVersion: 'v4',
    provider: 'mock',
    modelId,
    supportedUrls: {},
    async doGenerate() {
      return answer;
    },
    async doStream() {
      return { stream: lazyStream(seen) };
    },
  };
}

export const CALL: LanguageModelV4CallOptions = {
  prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
};

/** Reads a stream to its end, or so many parts of it. */
export async function read(
  reader: ReadableStreamDefaultReader<LanguageModelV4StreamPart>,
  parts: number = Number.POSITIVE_INFINITY,
): Promise<void> {
  for (let i = 0; i < parts; i++) {
    const { done } = await reader.read();
    if (done) return;
  }
}
