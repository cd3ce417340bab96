import type { FakeModelContent } from './fake-model-answer.ts';
import type { FakeGenerateResult, FakeStreamPart, SpecificationVersion } from './specification.ts';

/** Content with everything decided that a generation has to say. */
export interface FullContent {
  text: string;
  reasoning: string;
  toolCalls: readonly { toolCallId: string; toolName: string; input: string }[];
  finishReason: NonNullable<FakeModelContent['finishReason']>;
  inputTokens: number;
  outputTokens: number;
  metadata: { providerMetadata?: NonNullable<FakeModelContent['providerMetadata']> };
  response: { id: string; timestamp: Date; modelId: string };
  headers: Record<string, string>;
}

/** How one generation of the specification says an answer. */
interface Generation<V extends SpecificationVersion> {
  result(content: FullContent): FakeGenerateResult<V>;
  parts(content: FullContent): FakeStreamPart<V>[];
}

/** The generations by version: each difference between them stands here and nowhere else. */
export const generations: { readonly [V in SpecificationVersion]: Generation<V> } = {
  v1: {
    result: content => ({
      ...(content.text !== '' && { text: content.text }),
      ...(content.reasoning !== '' && { reasoning: content.reasoning }),
      ...(content.toolCalls.length > 0 && { toolCalls: content.toolCalls.map(toolCallV1) }),
      finishReason: plainReason(content),
      usage: usageV1(content),
      rawCall: { rawPrompt: null, rawSettings: {} },
      rawResponse: { headers: content.headers },
      response: content.response,
      ...content.metadata,
    }),
    parts: content => [
      { type: 'response-metadata', ...content.response },
      ...words(content.reasoning).map(
        textDelta => ({ type: 'reasoning', textDelta }) satisfies FakeStreamPart<'v1'>,
      ),
      ...words(content.text).map(
        textDelta => ({ type: 'text-delta', textDelta }) satisfies FakeStreamPart<'v1'>,
      ),
      ...content.toolCalls.map(
        call => ({ type: 'tool-call', ...toolCallV1(call) }) satisfies FakeStreamPart<'v1'>,
      ),
      {
        type: 'finish',
        finishReason: plainReason(content),
        usage: usageV1(content),
        ...content.metadata,
      },
    ],
  },
  v2: {
    result: content => ({
      ...shared(content),
      finishReason: plainReason(content),
      usage: usageV2(content),
    }),
    parts: content => [
      ...opening(content),
      {
        type: 'finish',
        finishReason: plainReason(content),
        usage: usageV2(content),
        ...content.metadata,
      },
    ],
  },
  v3: {
    result: content => ({
      ...shared(content),
      finishReason: { unified: reasonV3(content), raw: content.finishReason },
      usage: usageV3(content),
    }),
    parts: content => [
      ...opening(content),
      {
        type: 'finish',
        finishReason: { unified: reasonV3(content), raw: content.finishReason },
        usage: usageV3(content),
        ...content.metadata,
      },
    ],
  },
  v4: {
    result: content => ({
      ...shared(content),
      finishReason: { unified: reasonV4(content), raw: content.finishReason },
      usage: usageV3(content),
    }),
    parts: content => [
      ...opening(content),
      {
        type: 'finish',
        finishReason: { unified: reasonV4(content), raw: content.finishReason },
        usage: usageV3(content),
        ...content.metadata,
      },
    ],
  },
};

/** A text in pieces, each a word with the space before it. */
function words(text: string): string[] {
  return text.match(/\s*\S+\s*?/g) ?? (text === '' ? [] : [text]);
}

type Call = FullContent['toolCalls'][number];

function toolCallV1({ toolCallId, toolName, input }: Call): {
  toolCallType: 'function';
  toolCallId: string;
  toolName: string;
  args: string;
} {
  return { toolCallType: 'function', toolCallId, toolName, args: input };
}

/** What the results of V2, V3 and V4 have in common. */
function shared(content: FullContent): Pick<
  FakeGenerateResult<'v2'>,
  'response' | 'warnings' | 'providerMetadata'
> & {
  content: ({ type: 'text' | 'reasoning'; text: string } | ({ type: 'tool-call' } & Call))[];
} {
  const { text, reasoning, toolCalls, response, headers, metadata } = content;
  return {
    content: [
      ...(reasoning === '' ? [] : [{ type: 'reasoning' as const, text: reasoning }]),
      ...(text === '' ? [] : [{ type: 'text' as const, text }]),
      ...toolCalls.map(({ toolCallId, toolName, input }) => ({
        type: 'tool-call' as const,
        toolCallId,
        toolName,
        input,
      })),
    ],
    response: { ...response, headers },
    warnings: [],
    ...metadata,
  };
}

type CommonPart = Extract<FakeStreamPart<'v2'>, FakeStreamPart<'v3'> & FakeStreamPart<'v4'>>;

/** What the streams of V2, V3 and V4 have in common: everything before `finish`. */
function opening({ text, reasoning, toolCalls, response }: FullContent): CommonPart[] {
  const parts: CommonPart[] = [
    { type: 'stream-start', warnings: [] },
    { type: 'response-metadata', ...response },
  ];
  if (reasoning !== '') {
    parts.push({ type: 'reasoning-start', id: 'reasoning-1' });
    for (const delta of words(reasoning)) {
      parts.push({ type: 'reasoning-delta', id: 'reasoning-1', delta });
    }
    parts.push({ type: 'reasoning-end', id: 'reasoning-1' });
  }
  if (text !== '') {
    parts.push({ type: 'text-start', id: 'text-1' });
    for (const delta of words(text)) parts.push({ type: 'text-delta', id: 'text-1', delta });
    parts.push({ type: 'text-end', id: 'text-1' });
  }
  for (const call of toolCalls) {
    const { toolCallId: id, toolName, input } = call;
    parts.push(
      { type: 'tool-input-start', id, toolName },
      { type: 'tool-input-delta', id, delta: input },
      { type: 'tool-input-end', id },
      { type: 'tool-call', ...call },
    );
  }
  return parts;
}

function plainReason({ finishReason }: FullContent): FakeGenerateResult<'v2'>['finishReason'] {
  return finishReason === 'interrupted' ? 'unknown' : finishReason;
}

function reasonV3({
  finishReason,
}: FullContent): FakeGenerateResult<'v3'>['finishReason']['unified'] {
  return finishReason === 'interrupted' || finishReason === 'unknown' ? 'other' : finishReason;
}

function reasonV4({
  finishReason,
}: FullContent): FakeGenerateResult<'v4'>['finishReason']['unified'] {
  return finishReason === 'unknown' ? 'other' : finishReason;
}

function usageV1({ inputTokens, outputTokens }: FullContent): FakeGenerateResult<'v1'>['usage'] {
  return { promptTokens: inputTokens, completionTokens: outputTokens };
}

function usageV2({ inputTokens, outputTokens }: FullContent): FakeGenerateResult<'v2'>['usage'] {
  return { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens };
}

function usageV3({ inputTokens, outputTokens }: FullContent): FakeGenerateResult<'v3'>['usage'] {
  return {
    inputTokens: { total: inputTokens, noCache: inputTokens, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: outputTokens, text: outputTokens, reasoning: 0 },
  };
}
