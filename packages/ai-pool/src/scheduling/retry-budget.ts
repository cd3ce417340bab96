const SHARE = 0.2;
const FLOOR = 10;
const CEILING = 100;

/**
 * Why: when a provider breaks, every call that tries the same target again doubles the load that
 * breaks it. Such retries may therefore only be a share of the calls (20 %), plus a floor, so
 * that a quiet pool can still retry.
 */
export class RetryBudget {
  private balance = FLOOR;

  /** Counts a call. */
  deposit(): void {
    if (this.balance < CEILING) this.balance += SHARE;
  }

  /** Takes one retry, if the budget has it. */
  withdraw(): boolean {
    if (this.balance < 1) return false;
    this.balance -= 1;
    return true;
  }
}
