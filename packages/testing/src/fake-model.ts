import { delay, never, type Timers } from './delay.ts';
import type { FakeModelAnswer, FakeModelContent, FakeModelStream } from './fake-model-answer.ts';
import { defaultReply } from './fake-reply.ts';
import { generations, type FullContent } from './generation.ts';
import type {
  FakeCallOptions,
  FakeGenerateResult,
  FakeLanguageModel,
  FakeLanguageModelBase,
  FakeStreamPart,
  SpecificationVersion,
} from './specification.ts';

/** One call of a fake model, as its script sees it and as it is recorded. */
export interface FakeModelCall {
  /** 0 for the model's first call, both kinds counted together. */
  readonly index: number;
  readonly kind: 'generate' | 'stream';
  readonly options: FakeCallOptions;
  /** How many stream parts were pulled out of the model so far. */
  readonly partsRead: number;
  /** The stream was cancelled; with which reason. */
  readonly cancelled?: { reason: unknown };
}

/** An answer, or what decides it for each call. */
export type FakeModelScript<V extends SpecificationVersion = SpecificationVersion> =
  | FakeModelAnswer<V>
  | ((call: FakeModelCall) => FakeModelAnswer<V> | PromiseLike<FakeModelAnswer<V>>);

/** How a fake model is made. */
export interface FakeModelOptions<V extends SpecificationVersion = SpecificationVersion> {
  specificationVersion: V;
  /** Default `fake`. */
  provider?: string;
  /** Default `fake-model`. */
  modelId?: string;
  /** What every call is answered with. Default: one sentence of twelve words. */
  answer?: FakeModelScript<V>;
  /** What `doGenerate` is answered with, in place of `answer`. */
  doGenerate?: FakeModelScript<V>;
  /** What `doStream` is answered with, in place of `answer`. */
  doStream?: FakeModelScript<V>;
  /** Time before an answer, in milliseconds. Default 0: no timer. */
  latencyMs?: number;
  /** Time before each stream part, in milliseconds. Default 0: no timer. */
  partLatencyMs?: number;
  /** Whose timers latencies use. Default: the real ones. */
  clock?: Timers;
  /** V2 to V4. Default: none. */
  supportedUrls?: Record<string, RegExp[]>;
  /** V1. Default: undefined. */
  defaultObjectGenerationMode?: 'json' | 'tool';
  /** V1. Default: true. */
  supportsImageUrls?: boolean;
  /** V1. Default: false. */
  supportsStructuredOutputs?: boolean;
}

/** What a fake model has beside what makes it a model. */
interface Scripted<V extends SpecificationVersion> {
  /** Every call, in order. */
  readonly calls: readonly FakeModelCall[];
  /** The next calls are answered so, one each; then as its script says again. */
  failNext(...answers: FakeModelAnswer<V>[]): void;
}

/** A fake model with the record of its calls. */
export type FakeModel<V extends SpecificationVersion = SpecificationVersion> =
  FakeLanguageModel<V> & Scripted<V>;

/** A fake model of whichever generation: what the implementation knows of its type. */
interface AnyFakeModel
  extends
    Omit<FakeLanguageModelBase<SpecificationVersion>, 'doStream'>,
    Scripted<SpecificationVersion> {
  readonly supportedUrls?: Record<string, RegExp[]>;
  readonly defaultObjectGenerationMode?: 'json' | 'tool' | undefined;
  readonly supportsImageUrls?: boolean;
  readonly supportsStructuredOutputs?: boolean;
  doStream(options: FakeCallOptions): Promise<{ stream: ReadableStream<FakeStreamPart> }>;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * A language model of any generation without HTTP: each call is answered as the script says, in
 * the generation's own words, and recorded. It honours `abortSignal`: before and during latencies
 * by a rejection, in streams by an error, both with the signal's reason.
 *
 * ```ts
 * const model = fakeModel({
 *   specificationVersion: 'v4',
 *   answer: ({ index }) => (index === 0 ? apiCallError({ statusCode: 429 }) : 'Hello'),
 * });
 * ```
 */
export function fakeModel<V extends SpecificationVersion>(
  options: FakeModelOptions<V>,
): FakeModel<V>;
export function fakeModel(options: FakeModelOptions): AnyFakeModel {
  const { specificationVersion, latencyMs = 0, partLatencyMs = 0, clock } = options;
  const { provider = 'fake', modelId = 'fake-model' } = options;
  const generation = generations[specificationVersion];
  const calls: Writable<FakeModelCall>[] = [];
  const next: FakeModelAnswer[] = [];

  async function answerTo(call: FakeModelCall): Promise<Said> {
    const script =
      next.shift() ??
      (call.kind === 'generate' ? options.doGenerate : options.doStream) ??
      options.answer ??
      defaultReply;
    await delay(latencyMs, call.options.abortSignal, clock);
    const answer = await (typeof script === 'function' ? script(call) : script);
    call.options.abortSignal?.throwIfAborted();
    return understand(answer);
  }

  function begin(
    kind: FakeModelCall['kind'],
    callOptions: FakeCallOptions,
  ): Writable<FakeModelCall> {
    const call = { index: calls.length, kind, options: callOptions, partsRead: 0 };
    calls.push(call);
    return call;
  }

  function full(content: FakeModelContent, index: number): FullContent {
    return completed(content, { id: `response-${index}`, modelId });
  }

  function toStream(
    call: Writable<FakeModelCall>,
    { parts, ending = 'close', ...rest }: FakeModelStream,
  ): ReadableStream<FakeStreamPart> {
    const { abortSignal } = call.options;
    return new ReadableStream<FakeStreamPart>(
      {
        async pull(controller) {
          await delay(partLatencyMs, abortSignal, clock);
          const part = parts[call.partsRead];
          if (part) {
            call.partsRead += 1;
            controller.enqueue(part);
          } else if ('error' in rest) {
            controller.error(rest.error);
          } else if (ending === 'hang') {
            await never(abortSignal);
          } else {
            controller.close();
          }
        },
        cancel(reason) {
          call.cancelled = { reason };
        },
      },
      // Nothing is made before it is read.
      { highWaterMark: 0 },
    );
  }

  return {
    specificationVersion,
    provider,
    modelId,
    calls,
    failNext: (...answers) => void next.push(...answers),
    ...(specificationVersion === 'v1'
      ? {
          defaultObjectGenerationMode: options.defaultObjectGenerationMode,
          supportsImageUrls: options.supportsImageUrls ?? true,
          supportsStructuredOutputs: options.supportsStructuredOutputs ?? false,
        }
      : { supportedUrls: options.supportedUrls ?? {} }),

    async doGenerate(callOptions) {
      const call = begin('generate', callOptions);
      const said = await answerTo(call);
      if ('result' in said) return said.result;
      if ('content' in said) return generation.result(full(said.content, call.index));
      throw new TypeError('Stream parts answer doStream only; this was doGenerate.');
    },

    async doStream(callOptions) {
      const call = begin('stream', callOptions);
      const said = await answerTo(call);
      if ('result' in said) {
        throw new TypeError('A whole result answers doGenerate only; this was doStream.');
      }
      const stream: FakeModelStream =
        'stream' in said
          ? said.stream
          : {
              parts: generation.parts(full(said.content, call.index)),
              headers: said.content.headers ?? {},
            };
      const headers = stream.headers ?? {};
      return {
        stream: toStream(call, stream),
        ...(specificationVersion === 'v1'
          ? { rawCall: { rawPrompt: null, rawSettings: {} }, rawResponse: { headers } }
          : { response: { headers } }),
      };
    },
  };
}

/** An answer that is no rejection. */
type Said =
  | { content: FakeModelContent }
  | { result: FakeGenerateResult }
  | { stream: FakeModelStream };

/** Sorts an answer out, and throws what is to be thrown. */
function understand(answer: FakeModelAnswer): Said {
  if (typeof answer === 'string') return { content: { text: answer } };
  if (answer instanceof Error) throw answer;
  if (isParts(answer)) return { stream: { parts: answer } };
  if ('parts' in answer) return { stream: answer };
  if ('reject' in answer) throw answer.reject;
  if ('result' in answer) return answer;
  return { content: answer };
}

function isParts(answer: object): answer is readonly FakeStreamPart[] {
  return Array.isArray(answer);
}

function completed(
  content: FakeModelContent,
  response: { id: string; modelId: string },
): FullContent {
  const { text = '', reasoning = '', toolCalls = [], providerMetadata, usage } = content;
  return {
    text,
    reasoning,
    toolCalls: toolCalls.map(({ toolCallId, toolName, input }, index) => ({
      toolCallId: toolCallId ?? `call-${index + 1}`,
      toolName,
      input: JSON.stringify(input),
    })),
    finishReason: content.finishReason ?? (toolCalls.length > 0 ? 'tool-calls' : 'stop'),
    inputTokens: usage?.inputTokens ?? 10,
    outputTokens: usage?.outputTokens ?? Math.ceil((text.length + reasoning.length) / 4),
    metadata: providerMetadata ? { providerMetadata } : {},
    response: {
      id: content.id ?? response.id,
      timestamp: new Date(0),
      modelId: content.modelId ?? response.modelId,
    },
    headers: content.headers ?? {},
  };
}
