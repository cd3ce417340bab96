import type { Attempt } from '../call/attempt.ts';
import type { Target } from '../scheduling/targets.ts';
import { memberOptions } from './call-options.ts';
import { callerOf } from './caller.ts';
import { featuresOf, namedIn } from './features.ts';
import type { CallOptions } from './generation.ts';
import type { Made } from './members.ts';
import type { ModelParts } from './model-parts.ts';

/** What the calls of all models share. */
export abstract class ModelOperation<P extends ModelParts, M> {
  protected readonly parts: P;
  abstract get isStream(): boolean;
  /** What the caller asks. */
  protected readonly options: CallOptions;
  /** The member that is called next, where it was made before. */
  private made: Made | undefined;

  constructor(parts: P, options: CallOptions) {
    this.parts = parts;
    this.options = options;
  }

  prepare(target: Target): Promise<void> | undefined {
    const { members, make } = this.parts;
    if (target.route.plan.ready !== undefined) return undefined;
    this.made = members.get(target, make);
    return this.made === undefined ? members.prepare(target, make) : undefined;
  }

  caller(): string {
    return callerOf(this.options.prompt);
  }

  unsupported({ route }: Target, error: unknown): void {
    const features = featuresOf(this.options, this.isStream);
    route.refusedFeatures.add(namedIn(error, features), this.parts.core.plan.clock.now());
  }

  renew(attempt: Attempt): boolean {
    return this.parts.members.renew(attempt.target, attempt.used);
  }

  protected member(attempt: Attempt): M {
    const { ready } = attempt.target.route.plan;
    if (ready !== undefined) return ready as M;
    const { member, provider } = this.made ?? this.parts.members.of(attempt.target);
    attempt.used = provider;
    return member as M;
  }

  /** What the member is called with. */
  protected sent(attempt: Attempt): CallOptions {
    const { settings } = attempt.target.route.plan;
    const sent = memberOptions(this.parts.generation, this.options, settings);
    const { signal } = attempt;
    return signal === undefined || signal === sent.abortSignal
      ? sent
      : { ...sent, abortSignal: signal };
  }
}
