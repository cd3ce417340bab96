import type { Leaving } from '../call/abort.ts';
import type { Attempt } from '../call/attempt.ts';
import { AttemptFailure, badResponse } from '../call/faults.ts';
import type { Generation, StreamPart } from './generation.ts';
import type { StreamResult } from './member.ts';

/** A preamble longer than this is no answer in the making. */
const MAX_PREAMBLE = 1_000;

export type PartReader = ReadableStreamDefaultReader<StreamPart>;

/** A member's stream, and what was read of it before its consumer may see anything. */
export interface Held {
  readonly result: StreamResult;
  readonly reader: PartReader;
  readonly preamble: readonly StreamPart[];
  /** The first output, or the finish of an answer without any. */
  readonly first: StreamPart;
  readonly isEmpty: boolean;
}

/**
 * Reads a member's stream up to its first output. Until then every way to fail is a failed
 * attempt: a rejection, an error part, a stream error, an end. Who leaves meanwhile is not kept
 * waiting, whatever the member does, and what it opens later is cancelled.
 *
 * @param opened told that there is a stream, whatever becomes of it
 */
export function hold(
  opening: PromiseLike<StreamResult>,
  generation: Generation,
  { leaving }: Attempt,
  opened: (result: StreamResult) => void,
): Promise<Held> {
  return new Promise((resolve, reject) => {
    new Hold(generation, leaving, opened, resolve, reject).begin(opening);
  });
}

/** Chained, not awaited: what that makes for every part costs more than the part. */
class Hold {
  private readonly generation: Generation;
  private readonly leaving: Leaving | undefined;
  private readonly told: (result: StreamResult) => void;
  private readonly resolve: (held: Held) => void;
  private readonly reject: (error: unknown) => void;
  private readonly preamble: StreamPart[] = [];
  private result!: StreamResult;
  private reader: PartReader | undefined;
  private isOver = false;

  constructor(
    generation: Generation,
    leaving: Leaving | undefined,
    opened: (result: StreamResult) => void,
    resolve: (held: Held) => void,
    reject: (error: unknown) => void,
  ) {
    this.generation = generation;
    this.leaving = leaving;
    this.told = opened;
    this.resolve = resolve;
    this.reject = reject;
  }

  begin(opening: PromiseLike<StreamResult>): void {
    const { leaving } = this;
    if (leaving?.aborted === true) this.leave();
    else leaving?.addEventListener('abort', this.leave, { once: true });
    // A member may also give a promise of its own kind.
    Promise.resolve(opening).then(this.opened, this.failed);
  }

  private readonly opened = (result: StreamResult): void => {
    try {
      if (this.isOver) {
        result.stream.cancel(this.leaving?.reason).catch(() => undefined);
        return;
      }
      this.told(result);
      this.result = result;
      this.reader = result.stream.getReader();
      this.ask(this.reader);
    } catch (error) {
      this.failed(error);
    }
  };

  private ask(reader: PartReader): void {
    reader.read().then(this.took, this.failed);
  }

  private readonly took = ({ done, value: part }: ReadableStreamReadResult<StreamPart>): void => {
    const { reader, result, preamble } = this;
    if (this.isOver || reader === undefined) return;
    try {
      if (done) throw brokenOff('it ended without output');
      const role = this.generation.roleOf(part);
      switch (role) {
        case 'output':
        case 'finish':
          this.end();
          this.resolve({ result, reader, preamble, first: part, isEmpty: role === 'finish' });
          return;
        case 'error':
          throw part['error'];
        case 'preamble':
        case 'stream-start':
          if (preamble.push(part) > MAX_PREAMBLE) throw brokenOff('it has no output');
          break;
        case 'keep-alive':
        case 'foreign':
          break;
      }
      this.ask(reader);
    } catch (error) {
      this.failed(error);
    }
  };

  private readonly leave = (): void => this.failed(this.leaving?.reason);

  private readonly failed = (reason: unknown): void => {
    if (this.isOver) return;
    this.end();
    this.reader?.cancel(reason).catch(() => undefined);
    this.reject(reason);
  };

  private end(): void {
    this.isOver = true;
    this.leaving?.removeEventListener('abort', this.leave);
  }
}

/** An answer that nobody says the end of. */
export function brokenOff(message: string): AttemptFailure {
  return new AttemptFailure(badResponse('provider', 'same-key'), new Error(message));
}
