import type { Attempt } from '../call/attempt.ts';
import type { Operation, Restart } from '../call/operation.ts';
import type { StreamPart } from './generation.ts';
import { hold, type Held } from './hold.ts';
import { LanguageOperation } from './language-operation.ts';
import { headersOf, type GenerateResult, type StreamResult } from './member.ts';
import { WinnerStream } from './winner-stream.ts';

/**
 * `doStream`: a member's result, once there is output. Held inside the promise and not inside the
 * stream: the result's headers and warnings must be the winner's, and the SDK's timers for the
 * first chunk begin when the promise resolves.
 */
export class StreamOperation
  extends LanguageOperation<StreamResult>
  implements Operation<StreamResult, StreamResult>
{
  get isStream(): true {
    return true;
  }
  /** What the last attempt got, if it got anything. */
  private last: { readonly attempt: Attempt; readonly result: StreamResult } | undefined;

  begin(attempt: Attempt): PromiseLike<StreamResult> {
    this.last = undefined;
    return this.member(attempt).doStream(this.sent(attempt));
  }

  async answer(
    attempt: Attempt,
    result: StreamResult,
    call: Restart<StreamResult>,
  ): Promise<StreamResult> {
    this.last = { attempt, result };
    const { generation } = this.parts;
    const reader = result.stream.getReader();
    try {
      const held = await hold(reader, generation, attempt);
      const won = (): StreamResult => {
        const winner = new WinnerStream(reader, held, attempt, generation, call);
        return { ...result, stream: new ReadableStream(winner, { highWaterMark: 0 }) };
      };
      if (held.isEmpty) {
        const ended = this.resultOf(result, held);
        const refusal = this.review(attempt, ended);
        if (refusal !== undefined) this.refuse(refusal, attempt, ended, won);
      }
      attempt.firstOutput();
      attempt.answeredWith(headersOf(result));
      return won();
    } catch (error) {
      reader.cancel(error).catch(() => undefined);
      throw error;
    }
  }

  /** What `doGenerate` would have given in place of a stream that ended without output. */
  private resultOf(opened: StreamResult, { preamble, first }: Held): GenerateResult {
    const { generation } = this.parts;
    const { stream: _, ...result } = opened;
    const { type: __, ...ending } = generation.ending(first);
    if (!generation.hasStreamStart) return { ...result, ...ending };
    const start = preamble.find(part => part.type === 'stream-start');
    return { ...result, content: [], warnings: start?.['warnings'] ?? [], ...ending };
  }

  /**
   * The result of a call that failed, where a rejection is worse than an error in a stream: what
   * broke as a stream stays one, and what was rejected is rejected.
   */
  failed(error: unknown, signal: AbortSignal | undefined): StreamResult {
    if (this.last === undefined || signal?.aborted === true) throw error;
    const { attempt, result } = this.last;
    const providerMetadata = { pool: attempt.metadata() };
    const finish = { ...this.parts.generation.errorFinish(), providerMetadata };
    const stream = new ReadableStream<StreamPart>({
      start(controller) {
        controller.enqueue({ type: 'error', error });
        controller.enqueue(finish);
        controller.close();
      },
    });
    return { ...result, stream };
  }

  /** Ends a stream that came after the caller had left. */
  late(result: StreamResult): void {
    result.stream.cancel().catch(() => undefined);
  }
}
