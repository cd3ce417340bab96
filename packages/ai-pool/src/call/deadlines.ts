import type { Clock } from '../clock.ts';

/** Longest delay that timers hold; beyond it they fire at once. */
const LONGEST_MS = 2_147_483_647;

export interface Deadline {
  /** Epoch milliseconds. */
  at: number;
  /** Of equal times, the first that was added comes first. */
  readonly order: number;
  readonly due: () => void;
  /** Position in the heap; -1 when it is not waiting. */
  index: number;
}

/**
 * Every bounded wait and time limit of a pool, on one timer that is set for the soonest. No
 * timer runs while nothing waits.
 */
export class Deadlines {
  private readonly clock: Clock;
  private readonly background: boolean;
  private readonly heap: Deadline[] = [];
  private added = 0;
  private timer: unknown;
  /** The timer keeps no process alive. */
  private isUnref = false;
  /** The clock when the timer was set. */
  private setAt = 0;
  private timerAt = Number.POSITIVE_INFINITY;

  /** @param background the timer does not keep a process alive, where the platform knows that */
  constructor(clock: Clock, background = false) {
    this.clock = clock;
    this.background = background;
  }

  get size(): number {
    return this.heap.length;
  }

  add(at: number, due: () => void): Deadline {
    const deadline: Deadline = { at, order: ++this.added, due, index: this.heap.length };
    this.heap.push(deadline);
    this.up(deadline);
    this.arm();
    return deadline;
  }

  cancel(deadline: Deadline): void {
    if (deadline.index < 0) return;
    this.remove(deadline);
    this.arm();
  }

  private arm(): void {
    const soonest = this.heap[0];
    if (soonest === undefined) {
      // It keeps nothing alive and will find nothing due: the next deadline needs no new one.
      if (this.isUnref) return;
      if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
      this.timer = undefined;
      this.timerAt = Number.POSITIVE_INFINITY;
      return;
    }
    // An earlier timer stays: it fires, finds nothing due, and sets itself anew.
    if (this.timer !== undefined && this.timerAt <= soonest.at) return;
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.timerAt = soonest.at;
    this.setAt = this.clock.now();
    const delay = Math.min(Math.max(soonest.at - this.setAt, 0), LONGEST_MS);
    this.timer = this.clock.setTimeout(() => this.fire(), delay);
    if (this.background) this.unref(this.timer as { unref?: () => void } | undefined);
  }

  private unref(timer: { unref?: () => void } | undefined): void {
    this.isUnref = timer?.unref !== undefined;
    timer?.unref?.();
  }

  private fire(): void {
    this.timer = undefined;
    this.isUnref = false;
    this.timerAt = Number.POSITIVE_INFINITY;
    const now = this.clock.now();
    // The clock was set back: nobody shall wait for it to catch up.
    const back = Math.max(this.setAt - now, 0);
    if (back > 0) for (const deadline of this.heap) deadline.at -= back;
    for (let next = this.heap[0]; next !== undefined && next.at <= now; next = this.heap[0]) {
      this.remove(next);
      next.due();
    }
    this.arm();
  }

  private remove(deadline: Deadline): void {
    const last = this.heap.pop();
    const { index } = deadline;
    deadline.index = -1;
    if (last === undefined || last === deadline) return;
    this.heap[index] = last;
    last.index = index;
    this.up(last);
    this.down(last);
  }

  private up(deadline: Deadline): void {
    while (deadline.index > 0) {
      const parent = this.heap[(deadline.index - 1) >> 1];
      if (parent === undefined || before(parent, deadline)) return;
      this.swap(parent, deadline);
    }
  }

  private down(deadline: Deadline): void {
    for (;;) {
      const left = this.heap[2 * deadline.index + 1];
      const right = this.heap[2 * deadline.index + 2];
      const child = right !== undefined && left !== undefined && before(right, left) ? right : left;
      if (child === undefined || before(deadline, child)) return;
      this.swap(deadline, child);
    }
  }

  private swap(upper: Deadline, lower: Deadline): void {
    [upper.index, lower.index] = [lower.index, upper.index];
    this.heap[upper.index] = upper;
    this.heap[lower.index] = lower;
  }
}

function before(a: Deadline, b: Deadline): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
