import type { Attempt } from '../call/attempt.ts';
import type { Deadline } from '../call/deadlines.ts';
import type { Restart } from '../call/operation.ts';
import { AttemptFailure, badResponse, errorOf } from '../call/faults.ts';
import { timedOut } from '../call/time-limit.ts';
import { classifyResult } from '../failure/classify-result.ts';
import { tagged } from './conversation.ts';
import type { Generation, StreamPart } from './generation.ts';
import { brokenOff, type Held, type PartReader } from './hold.ts';
import type { StreamResult } from './member.ts';
import { Seen, Splice } from './splice.ts';

/** So many parts are read ahead of the consumer: enough to hide the cost of waiting per part. */
const READ_AHEAD = 16;

/** A stream of which nothing is taken for so long is given up, with its lease. */
const UNREAD_MS = 600_000;

/** A stream is looked at so many times within the time that it may be idle. */
const LOOKS = 4;

const nothing = (): void => undefined;

/** Only what has metadata of its own may need a mark that others of its type do not. */
const isPlain = (part: StreamPart): boolean => part['providerMetadata'] === undefined;

type Controller = ReadableStreamDefaultController<StreamPart>;

/** What was seen of a stream when it was last looked at, and since when nothing moves: epoch ms. */
interface Looked {
  read: number;
  taken: number;
  quietSince: number;
  unreadSince: number;
}

/**
 * The stream of the target that answered. From here on nothing is hidden: what breaks becomes
 * an `error` part and exactly one `finish`, since a stream that errors its controller leaves
 * promises of the SDK that never settle. Only the caller's own abort errors the stream.
 */
export class WinnerStream implements UnderlyingDefaultSource<StreamPart> {
  private readonly attempt: Attempt;
  private readonly generation: Generation;
  private readonly call: Restart<StreamResult>;
  /** The signal of the call, or of what goes on in its place. */
  private readonly caller: AbortSignal | undefined;
  private reader: PartReader;
  private held: Held | undefined;
  private controller!: Controller;
  /** What the consumer has seen, where the answer may begin again. */
  private seen: Seen | undefined;
  /** The answer has begun again: what comes now has its own attempt. */
  private splice: Splice | undefined;
  /** The consumer has its finish. */
  private finished = false;
  /** The consumer has an error. */
  private failed = false;
  /** The type of what was last passed as it is: the next of it needs no second look. */
  private plain: string | undefined;
  /** Why it began again, once it did. */
  private broken: { readonly error: unknown; readonly mended: Promise<void> } | undefined;
  /** Nothing more is read; what was lost nevertheless. */
  private over = false;
  private brokeLate: { readonly error: unknown } | undefined;
  /** Parts are asked for: of whom, and how many more. */
  private isReading = false;
  private asked: PartReader;
  private room = 0;
  /** The consumer has waited for them; what tells it that there is no room for more. */
  private isAwaited = false;
  private satisfy: () => void = nothing;
  /** How many parts were given and read. */
  private given = 0;
  private read = 0;
  private readonly wonAt: number;
  /** Made when it is first looked at: few streams take so long. */
  private looked: Looked | undefined;
  private look: Deadline | undefined;

  /** @param now epoch ms */
  constructor(
    held: Held,
    attempt: Attempt,
    generation: Generation,
    call: Restart<StreamResult>,
    now: number,
  ) {
    this.reader = held.reader;
    this.asked = held.reader;
    this.held = held;
    this.attempt = attempt;
    this.generation = generation;
    this.call = call;
    this.caller = attempt.call.signal;
    const { onMidStreamFailure } = attempt.call.core.plan;
    if (onMidStreamFailure === 'restart') this.seen = new Seen(generation);
    this.wonAt = now;
  }

  start(controller: Controller): void {
    this.controller = controller;
    const held = this.held;
    this.held = undefined;
    if (held === undefined) return;
    this.open(held.preamble);
    this.pass(held.first);
    this.look = this.lookLater(this.wonAt);
    const { leaving } = this.attempt;
    if (leaving?.aborted === true) {
      this.leave();
      return;
    }
    leaving?.addEventListener('abort', this.leave, { once: true });
    // Before anybody asks: what is ahead of the consumer need not be waited for. Not where an
    // answer may begin again: what breaks before it is asked for would cost another call.
    if (this.seen === undefined) this.readOn();
  }

  /**
   * What comes before the first output: exactly one `stream-start`, then the configured model id
   * (some providers never report theirs; a member's own later report wins), then the rest.
   */
  private open(preamble: readonly StreamPart[]): void {
    let start: StreamPart | undefined;
    let tellsModel = false;
    for (const part of preamble) {
      if (part.type === 'stream-start') start ??= part;
      else if (part.type === 'response-metadata') tellsModel ||= part['modelId'] !== undefined;
    }
    if (this.generation.hasStreamStart) {
      this.put(this.own(start ?? { type: 'stream-start', warnings: [] }));
    }
    const modelId = this.attempt.target.route.model;
    if (!tellsModel) this.put({ type: 'response-metadata', modelId });
    for (const part of preamble) if (part.type !== 'stream-start') this.put(this.own(part));
  }

  /** Called when the consumer has taken everything and waits. */
  pull(): Promise<void> {
    const satisfied = new Promise<void>(resolve => {
      this.satisfy = resolve;
    });
    this.isAwaited = true;
    if (!this.isReading) this.readOn();
    return satisfied;
  }

  /** Reads until enough parts are ahead of the consumer. */
  private readOn(): void {
    this.room = this.roomNow();
    this.isReading = this.room > 0;
    if (this.isReading) this.ask();
    else {
      this.isAwaited = false;
      this.satisfy();
    }
  }

  /** How many parts may be asked for now. */
  private roomNow(): number {
    // A negative number: what is queued beyond nothing.
    const size = this.controller.desiredSize ?? 0;
    // Where the answer has begun again, its own stream reads ahead.
    if (this.splice !== undefined) return size < 0 ? 0 : 1;
    return READ_AHEAD + size;
  }

  /** Chained, not awaited in a loop: what that makes for every part costs more than the part. */
  private ask(): void {
    const { reader } = this;
    // Every part would pay for writing down what is written there.
    if (this.asked !== reader) this.asked = reader;
    reader.read().then(this.took, this.lost);
  }

  private readonly took = ({ done, value }: ReadableStreamReadResult<StreamPart>): void => {
    this.read++;
    if (this.over) return;
    try {
      // Mostly it is like the one before.
      if (!done && value.type === this.plain && isPlain(value)) this.put(value);
      else if (!(done ? this.ended() : this.taken(value))) return;
    } catch (error) {
      this.lost(error);
      return;
    }
    this.next();
  };

  private readonly lost = (error: unknown): void => {
    if (this.over) this.brokeLate = { error };
    else if (this.asked === this.reader) this.mend(error);
    else this.next();
  };

  private next(): void {
    if (this.over) return;
    // What room there is need not be looked up for every part.
    if (--this.room > 0) this.ask();
    else this.readOn();
  }

  /** False: whether and when anything comes next is decided elsewhere. */
  private taken(part: StreamPart): boolean {
    const broken = this.pass(part);
    if (broken !== undefined) this.mend(broken.error);
    return broken === undefined;
  }

  /** The member's stream is over: as it should be after a finish. */
  private ended(): boolean {
    if (this.asked !== this.reader) return true;
    if (this.finished) this.close(undefined, true);
    else this.mend(brokenOff('it ended without finish'));
    return false;
  }

  private mend(broken: unknown): void {
    this.broke(broken).then(
      () => this.next(),
      (error: unknown) => this.controller.error(error),
    );
  }

  /** The consumer stops: neither success nor failure of the target. */
  async cancel(reason: unknown): Promise<void> {
    if (this.over) return;
    this.abort(reason);
    await this.reader.cancel(reason).catch((error: unknown) => {
      // What broke by itself just then is nothing that cancelling has done.
      if (this.brokeLate?.error !== error) throw this.attempt.clean(error);
    });
  }

  /** Passes a part on, as far as the consumer gets any of it; an error is given back instead. */
  private pass(part: StreamPart): { readonly error: unknown } | undefined {
    if (this.splice !== undefined) return this.passSpliced(this.splice, part);
    switch (this.generation.roleOf(part)) {
      case 'output':
      case 'preamble':
      case 'keep-alive':
        this.putOwn(part);
        break;
      case 'error':
        if (this.mayRestart()) return { error: part['error'] };
        this.fail(part['error']);
        this.put(this.attempt.clean(part));
        break;
      case 'finish':
        if (!this.finished) return this.finish(part);
        break;
      case 'stream-start':
      case 'foreign':
        break;
    }
    return undefined;
  }

  private passSpliced(splice: Splice, part: StreamPart): { readonly error: unknown } | undefined {
    const parts = splice.next(part);
    if (parts === undefined) return { error: new Error('it began again, and otherwise') };
    for (const each of parts) this.put(each);
    if (part.type === 'error') this.failed = true;
    if (part.type === 'finish') this.finished = true;
    return undefined;
  }

  private putOwn(part: StreamPart): void {
    const own = this.own(part);
    this.plain = own === part && isPlain(part) ? part.type : undefined;
    this.put(own);
  }

  /** With its maker on it, where the generation has room for that. */
  private own(part: StreamPart): StreamPart {
    return this.generation.hasStreamStart ? tagged(part, this.attempt.target) : part;
  }

  private put(part: StreamPart): void {
    this.controller.enqueue(part);
    this.given++;
    this.seen?.note(part);
  }

  private finish(given: StreamPart): { readonly error: unknown } | undefined {
    const generation = this.generation;
    const part = generation.ending(given);
    let finishReason = part['finishReason'];
    const verdict = generation.isAnswer(finishReason)
      ? undefined
      : (classifyResult(part, { ...this.attempt.dialect(), hasOutput: true }) ??
        (generation.isCutOff(part, this.attempt.dialect().provider)
          ? badResponse('provider', 'same-key')
          : undefined));
    const { countsTokens } = this.attempt;
    const tokens = countsTokens ? generation.tokensOf(part['usage']) : undefined;
    if (verdict === undefined) this.attempt.succeed(tokens);
    else if (!this.failed) {
      const error = new Error('it ended before it was complete');
      const failure = new AttemptFailure(verdict, error);
      if (this.mayRestart()) return { error: failure };
      this.attempt.failLate(failure);
      this.put({ type: 'error', error });
      finishReason = generation.errorFinish()['finishReason'];
    }
    this.finished = true;
    const own = part['providerMetadata'] as Record<string, unknown> | undefined;
    const pool = this.attempt.metadata();
    this.put({ ...part, finishReason, providerMetadata: { ...own, pool } });
    return undefined;
  }

  private fail(error: unknown): void {
    this.failed = true;
    this.attempt.failLate(error);
  }

  private mayRestart(): boolean {
    return this.seen?.isTextOnly === true && this.splice === undefined && !this.finished;
  }

  /** Nothing more comes of this answer: another one takes its place, or the stream ends. */
  private broke(error: unknown): Promise<void> {
    if (this.splice === undefined && this.broken !== undefined) return this.broken.mended;
    // In V1 nothing can mark that the new answer differs: the consumer gets what broke the old.
    if (this.broken !== undefined) return this.giveUp(this.broken.error, true);
    if (this.failed || !this.mayRestart()) return this.giveUp(error, false);
    const mended = this.restart(error);
    this.broken = { error, mended };
    return mended;
  }

  private async restart(broken: unknown): Promise<void> {
    const seen = this.seen ?? new Seen(this.generation);
    this.reader.cancel(broken).catch(() => undefined);
    try {
      const { stream } = await this.call.restart(this.attempt, broken);
      this.reader = stream.getReader();
      if (this.isOver()) return void this.reader.cancel().catch(() => undefined);
      for (const part of seen.endReasoning()) this.put(part);
      this.plain = undefined;
      this.splice = new Splice(seen, this.generation);
      return undefined;
    } catch (error) {
      return this.giveUp(error, true);
    }
  }

  /** @param isTold the attempt is settled already */
  private async giveUp(reason: unknown, isTold: boolean): Promise<void> {
    if (this.isOver()) return;
    const caller = this.caller;
    const reader = this.reader;
    if (caller?.aborted === true) this.error(caller.reason);
    else this.close(reason, isTold);
    reader.cancel(reason).catch(() => undefined);
  }

  /** What is still owed when the member stops: an error unless there was one, and the finish. */
  private close(broken: unknown, isTold: boolean): void {
    if (!this.finished) {
      if (!this.failed) {
        if (!isTold) this.fail(broken);
        this.put({ type: 'error', error: this.attempt.clean(errorOf(broken)) });
      }
      this.finished = true;
      const finish = this.generation.errorFinish();
      this.put({ ...finish, providerMetadata: { pool: this.attempt.metadata() } });
    }
    this.end();
    this.call.end();
    this.controller.close();
  }

  private error(reason: unknown): void {
    this.abort(reason);
    this.controller.error(reason);
  }

  /** Nobody reads any more: neither success nor failure. */
  private abort(reason: unknown): void {
    this.end();
    this.call.leave(reason);
    this.attempt.abort();
  }

  /** Asked anew after each wait: the caller may have left meanwhile. */
  private isOver(): boolean {
    return this.over;
  }

  private end(): void {
    this.over = true;
    this.satisfy();
    if (this.look !== undefined) this.attempt.call.core.backgroundDeadlines.cancel(this.look);
    this.attempt.leaving?.removeEventListener('abort', this.leave);
    this.attempt.close();
  }

  /**
   * A time limit is over, which is a failure like any other; or the caller leaves, which is the
   * one case that errors the stream, as the bare model's does.
   */
  private readonly leave = (): void => {
    const reason: unknown = this.attempt.leaving?.reason;
    const reader = this.reader;
    if (this.caller?.aborted === true) this.error(reason);
    else void this.broke(reason);
    reader.cancel(reason).catch(() => undefined);
  };

  private lookLater(now: number): Deadline {
    const { backgroundDeadlines, plan } = this.attempt.call.core;
    const ms = Math.min(this.attempt.idleMs, UNREAD_MS) / LOOKS;
    return backgroundDeadlines.add(now + ms, () => this.lookAt(plan.clock.now()));
  }

  /** Whether anything moves: the member while parts are asked for, the consumer while not. */
  private lookAt(now: number): void {
    const { wonAt, read } = this;
    const size = this.controller.desiredSize ?? 0;
    const taken = this.given + size;
    const before = (this.looked ??= { read: 0, taken: 0, quietSince: wonAt, unreadSince: wonAt });
    // An answer that took its place is looked at by its own stream.
    const isQuiet = this.isAwaited && this.broken === undefined;
    if (!isQuiet || read !== before.read) before.quietSince = now;
    // With something left in the queue nobody waits, even where more is read ahead.
    const isAwaited = this.isAwaited && size === 0;
    if (isAwaited || taken !== before.taken) before.unreadSince = now;
    before.read = read;
    before.taken = taken;
    if (now - before.quietSince >= this.attempt.idleMs) {
      const reader = this.reader;
      const error = timedOut('idleMs');
      void this.broke(error);
      reader.cancel(error).catch(() => undefined);
    } else if (now - before.unreadSince >= UNREAD_MS) {
      const reader = this.reader;
      const error = new Error('nothing was read for 10 minutes');
      this.attempt.abort();
      this.close(error, true);
      this.call.leave(error);
      reader.cancel(error).catch(() => undefined);
    }
    if (!this.over) this.look = this.lookLater(now);
  }
}
