import type { Target } from '../scheduling/targets.ts';
import type { Attempt } from './attempt.ts';

/** A call that can go on after an attempt that broke in the middle of its answer. */
export interface Restart<T> {
  /** Settles the attempt and tries the next target; rejects as the call would. */
  restart(attempt: Attempt, error: unknown): Promise<T>;
  /** Nobody waits for it any more: what goes on in its place ends. */
  leave(reason: unknown): void;
  /** Nothing goes on in its place any more. */
  end(): void;
}

/** How one call of a target goes, for each kind of model. */
export interface Operation<R, T> {
  /** Whether the answer comes bit by bit: then there are limits on its first one and on idleness. */
  readonly isStream: boolean;
  /** Tells this caller from others, so that an outer retry is known as one. */
  caller(): string;
  /**
   * Makes sure that a target can be called; a promise only where that takes time. What the
   * user's own functions throw here is the call's error.
   */
  prepare(target: Target): Promise<void> | undefined;
  /** The last answer that a setting alone has refused: better than none. */
  spare?: (() => T) | undefined;
  /**
   * Calls the target. A stream is given with its first output, and at once rejected when the caller
   * leaves; of anything else nobody waits for the end then.
   */
  begin(attempt: Attempt): PromiseLike<R>;
  /**
   * Makes the answer of what the target gave, and settles the attempt or keeps it open. What it
   * throws is a failure of the attempt.
   */
  answer(attempt: Attempt, given: R, call: Restart<T>): T;
  /**
   * After a refusal of its secret: makes a fresh one, where there is such a thing. False where
   * the secret stays what it is.
   */
  renew?(attempt: Attempt): boolean;
  /** Whether the same target may be asked once more, with something else left out. */
  mend?(attempt: Attempt, error: unknown): boolean;
  /** The target's model does not do what this call asks of it: the next such call knows. */
  unsupported?(target: Target, error: unknown): void;
}
