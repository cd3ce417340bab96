import type { Attempt } from '../call/attempt.ts';
import type { Deadline } from '../call/deadlines.ts';
import { classifyResult } from '../failure/classify-result.ts';
import type { Generation, StreamPart } from './generation.ts';
import type { Held, PartReader } from './hold.ts';

/** So many parts are read ahead of the consumer: enough to hide the cost of waiting per part. */
const READ_AHEAD = 16;

/** A stream of which nothing is taken for so long is given up, with its lease. */
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
  /** How many parts were given, and how many of them the consumer had taken when last looked at. */
  #given = 0;
  #taken = 0;
  #unread: Deadline;

  constructor(reader: PartReader, held: Held, attempt: Attempt, generation: Generation) {
    this.#reader = reader;
    this.#held = held;
    this.#attempt = attempt;
    this.#generation = generation;
    this.#unread = this.#watch();
  }

  start(controller: Controller): void {
    this.#controller = controller;
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) return;
    for (const part of opening(held, this.#attempt, this.#generation)) this.#put(controller, part);
    this.#pass(controller, held.first);
    const { signal } = this.#attempt;
    if (signal === undefined) return;
    if (signal.aborted) this.#leave();
    else signal.addEventListener('abort', this.#leave, { once: true });
  }

  /** Called when the consumer waits. */
  async pull(controller: Controller): Promise<void> {
    const attempt = this.#attempt;
    // A limit on idleness counts only while the consumer waits: then nothing is read ahead.
    const ahead = attempt.within('idleMs', this.#now()) ? 0 : READ_AHEAD;
    try {
      let passed = false;
      // The size is negative: what is queued beyond nothing.
      while (!passed || (controller.desiredSize ?? 0) > -ahead) {
        const { done, value } = await this.#reader.read();
        if (this.#isOver()) return;
        if (done) {
          this.#close(controller, new Error('it ended without finish'));
          return;
        }
        if (this.#pass(controller, value)) passed = true;
      }
      attempt.within('idleMs', undefined);
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
        break;
      case 'error':
        this.#fail(part['error']);
        this.#put(controller, this.#attempt.clean(part));
        return true;
      case 'finish':
        if (this.#finished) return false;
        this.#put(controller, this.#finish(part));
        return true;
      case 'stream-start':
      case 'foreign':
        return false;
    }
    this.#put(controller, part);
    return true;
  }

  #put(controller: Controller, part: StreamPart): void {
    controller.enqueue(part);
    this.#given++;
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
        const error = this.#attempt.clean(broken);
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
    return backgroundDeadlines.add(this.#now() + UNREAD_MS, () => this.#checkUnread());
  }

  #checkUnread(): void {
    const controller = this.#controller;
    const taken = this.#given + (controller?.desiredSize ?? 0);
    if (controller === undefined || taken !== this.#taken) {
      this.#taken = taken;
      this.#unread = this.#watch();
      return;
    }
    this.#attempt.abort();
    this.#close(controller, unread());
    this.#reader.cancel(unread()).catch(() => undefined);
  }
}

const unread = (): Error => new Error('nothing was read for 10 minutes');

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
