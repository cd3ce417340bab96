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
  implements Operation<Held, StreamResult>
{
  get isStream(): true {
    return true;
  }
  /** The last attempt, and the stream that it got, if it got one. */
  private last: Attempt | undefined;
  private lastOpened: StreamResult | undefined;

  begin(attempt: Attempt): PromiseLike<Held> {
    this.last = attempt;
    this.lastOpened = undefined;
    const opening = this.member(attempt).doStream(this.sent(attempt));
    return hold(opening, this.parts.generation, attempt, result => {
      this.lastOpened = result;
    });
  }

  answer(attempt: Attempt, held: Held, call: Restart<StreamResult>): StreamResult {
    try {
      if (held.isEmpty) this.reviewEmpty(attempt, held, call);
      const now = attempt.firstOutput();
      attempt.answeredWith(headersOf(held.result));
      return this.won(attempt, held, call, now);
    } catch (error) {
      held.reader.cancel(error).catch(() => undefined);
      throw error;
    }
  }

  private won(
    attempt: Attempt,
    held: Held,
    call: Restart<StreamResult>,
    now: number,
  ): StreamResult {
    const winner = new WinnerStream(held, attempt, this.parts.generation, call, now);
    return { ...held.result, stream: new ReadableStream(winner, { highWaterMark: 0 }) };
  }

  private reviewEmpty(attempt: Attempt, held: Held, call: Restart<StreamResult>): void {
    const ended = this.resultOf(held);
    const refusal = this.review(attempt, ended);
    if (refusal === undefined) return;
    const { clock } = this.parts.core.plan;
    this.refuse(refusal, attempt, ended, () => this.won(attempt, held, call, clock.now()));
  }

  /** What `doGenerate` would have given in place of a stream that ended without output. */
  private resultOf({ result: opened, preamble, first }: Held): GenerateResult {
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
    const result = this.lastOpened;
    if (result === undefined || signal?.aborted === true) throw error;
    const providerMetadata = { pool: this.last?.metadata() };
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
}
