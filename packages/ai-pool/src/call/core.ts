import type { PoolPlan } from '../config/plan.ts';
import type { Emitter } from '../observe/emitter.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';
import type { Scrubber } from '../secret.ts';
import type { Deadlines } from './deadlines.ts';
import type { ToldCallers } from './told-callers.ts';
import type { WaitingLine } from './waiting-line.ts';

/** What all calls of a pool share. */
export interface Core {
  readonly plan: PoolPlan;
  readonly scheduler: Scheduler;
  readonly emitter: Emitter;
  readonly deadlines: Deadlines;
  /** Deadlines of what nobody waits for: they never keep a process alive. */
  readonly backgroundDeadlines: Deadlines;
  readonly scrubber: Scrubber;
  readonly nextCallId: () => string;
  readonly told: ToldCallers;
  readonly line: WaitingLine;
}
