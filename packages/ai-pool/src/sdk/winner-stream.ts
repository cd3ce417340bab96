import type { Attempt } from '../call/attempt.ts';
import type { Deadline } from '../call/deadlines.ts';
import { classifyResult } from '../failure/classify-result.ts';
import type { Generation, StreamPart } from './generation.ts';
import type { Held, PartReader } from './hold.ts';

/** A stream that nobody reads for so long is given up, with its lease. */
const UNREAD_MS = 600_000;

type Controller = ReadableStreamDefaultController<StreamPart>;

/**
 * The stream of the target that answered. From here on nothing is hidden: what breaks becomes
 * an `error` part and exactly one `finish`, since a stream that errors its controller leaves
 * promises of the SDK that never settle. Only the caller's own abort errors the stream.
 */
export class WinnerStream implements UnderlyingDefaultSource<StreamPart> {
  readonly #reader: PartReader;
  readonly #attempt: Attempt;
  readonly #generation: Generation;
  #held: Held | undefined;
  #controller: Controller | undefined;
  /** The consumer has its finish. */
  #finished = false;
  /** The consumer has an error. */
  #failed = false;
  /** Nothing more is read. */
  #over = false;
  /** The consumer waits for a part. */
  #waits = false;
  #lastRead: number;
  #unread: Deadline;

  constructor(reader: PartReader, held: Held, attempt: Attempt, generation: Generation) {
    this.#reader = reader;
    this.#held = held;
    this.#attempt = attempt;
    this.#generation = generation;
    this.#lastRead = this.#now();
    this.#unread = this.#watch();
  }

  start(controller: Controller): void {
    this.#controller = controller;
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) return;
    for (const part of opening(held, this.#attempt, this.#generation)) controller.enqueue(part);
    this.#pass(controller, held.first);
    const { signal } = this.#attempt;
    if (signal === undefined) return;
    if (signal.aborted) this.#leave();
    else signal.addEventListener('abort', this.#leave, { once: true });
  }

  /** Called when the consumer waits, one part at a time: nothing is read ahead of it. */
  async pull(controller: Controller): Promise<void> {
    if (this.#over) {
      this.#close(controller, unread());
      return;
    }
    const attempt = this.#attempt;
    try {
      this.#waits = true;
      attempt.within('idleMs', this.#now());
      let passed = false;
      while (!passed) {
        const { done, value } = await this.#reader.read();
        if (this.#isOver()) return;
        if (done) {
          this.#close(controller, new Error('it ended without finish'));
          return;
        }
        passed = this.#pass(controller, value);
      }
      attempt.within('idleMs', undefined);
      this.#waits = false;
      this.#lastRead = this.#now();
    } catch (error) {
      if (this.#isOver()) return;
      this.#close(controller, error);
      this.#reader.cancel(error).catch(() => undefined);
    }
  }

  /** The consumer stops: neither success nor failure of the target. */
  async cancel(reason: unknown): Promise<void> {
    this.#end();
    this.#attempt.abort();
    await this.#reader.cancel(reason);
  }

  /** False where the consumer gets nothing of it. */
  #pass(controller: Controller, part: StreamPart): boolean {
    switch (this.#generation.roleOf(part)) {
      case 'output':
      case 'preamble':
      case 'keep-alive':
        controller.enqueue(part);
        return true;
      case 'error':
        this.#fail(part['error']);
        controller.enqueue(this.#attempt.call.core.scrubber.value(part));
        return true;
      case 'finish':
        if (this.#finished) return false;
        controller.enqueue(this.#finish(part));
        return true;
      case 'stream-start':
      case 'foreign':
        return false;
    }
  }

  #finish(part: StreamPart): StreamPart {
    this.#finished = true;
    const verdict = this.#generation.isAnswer(part['finishReason'])
      ? undefined
      : classifyResult(part, { ...this.#attempt.dialect(), hasOutput: true });
    if (verdict === undefined) this.#attempt.succeed();
    else this.#attempt.fail(verdict, new Error('it finished with an error'));
    const own = part['providerMetadata'] as Record<string, unknown> | undefined;
    return { ...part, providerMetadata: { ...own, pool: this.#attempt.metadata() } };
  }

  #fail(error: unknown): void {
    this.#failed = true;
    this.#attempt.failLate(error);
  }

  /** What is still owed when the member stops: an error unless there was one, and the finish. */
  #close(controller: Controller, broken: unknown): void {
    if (!this.#finished) {
      if (!this.#failed) {
        this.#fail(broken);
        const error = this.#attempt.call.core.scrubber.value(broken);
        controller.enqueue({ type: 'error', error });
      }
      controller.enqueue(this.#finish(this.#generation.errorFinish()));
    }
    this.#end();
    controller.close();
  }

  /** Asked anew after each wait: the caller may have left meanwhile. */
  #isOver(): boolean {
    return this.#over;
  }

  #end(): void {
    this.#over = true;
    const { signal, call } = this.#attempt;
    call.core.backgroundDeadlines.cancel(this.#unread);
    signal?.removeEventListener('abort', this.#leave);
  }

  /**
   * A time limit is over, which is a failure like any other; or the caller leaves, which is the
   * one case that errors the stream, as the bare model's does.
   */
  readonly #leave = (): void => {
    const { signal, call } = this.#attempt;
    const reason: unknown = signal?.reason;
    this.#reader.cancel(reason).catch(() => undefined);
    if (this.#controller === undefined) return;
    if (call.signal?.aborted !== true) {
      this.#close(this.#controller, reason);
      return;
    }
    this.#end();
    this.#attempt.abort();
    this.#controller.error(reason);
  };

  #now(): number {
    return this.#attempt.call.core.plan.clock.now();
  }

  #watch(): Deadline {
    const { backgroundDeadlines } = this.#attempt.call.core;
    return backgroundDeadlines.add(this.#lastRead + UNREAD_MS, () => this.#checkUnread());
  }

  #checkUnread(): void {
    // The consumer waits for the provider, not the other way round.
    if (this.#waits) this.#lastRead = this.#now();
    if (this.#now() < this.#lastRead + UNREAD_MS) {
      this.#unread = this.#watch();
      return;
    }
    this.#end();
    this.#attempt.abort();
    this.#reader.cancel(unread()).catch(() => undefined);
  }
}

const unread = (): Error => new Error('not read for 10 minutes');

/**
 * What comes before the first output: exactly one `stream-start`, then the configured model id
 * (some providers never report theirs; a member's own later report wins), then the rest.
 */
function opening(held: Held, attempt: Attempt, generation: Generation): StreamPart[] {
  const { preamble } = held;
  const start = preamble.find(part => part.type === 'stream-start');
  const rest = preamble.filter(part => part.type !== 'stream-start');
  const parts: StreamPart[] = [];
  if (generation.hasStreamStart) parts.push(start ?? { type: 'stream-start', warnings: [] });
  if (!rest.some(part => part.type === 'response-metadata' && part['modelId'] !== undefined)) {
    parts.push({ type: 'response-metadata', modelId: attempt.target.route.model });
  }
  parts.push(...rest);
  return parts;
}
