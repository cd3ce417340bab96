import type { QuotaState } from './quota-state.ts';

/**
 * How one quota counts: requests or tokens of a minute or of a day. Amounts are whole numbers,
 * times epoch milliseconds.
 */
export interface Counter {
  /** Milliseconds until `amount` fits; 0: now; infinite: it is more than the whole quota. */
  waitMs(now: number, amount: number): number;
  /**
   * Counts what was served, also what goes beyond the quota: an answer's tokens are known when it
   * is too late to refuse them. A negative amount takes back.
   */
  take(now: number, amount: number): void;
  /** Counts a refused request: takes the amount if it fits, else all that is left. */
  refuse(now: number, amount: number): void;
  /** Uses up what is left. */
  drain(now: number): void;
  state(now: number): QuotaState;
}
