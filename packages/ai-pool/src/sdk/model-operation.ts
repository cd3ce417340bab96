import type { Attempt } from '../call/attempt.ts';
import type { Target } from '../scheduling/targets.ts';
import { memberOptions } from './call-options.ts';
import { featuresOf, namedIn } from './features.ts';
import type { CallOptions } from './generation.ts';
import type { LanguageModelParts } from './language-model.ts';
import type { Member } from './member.ts';

/** What both calls of a language model share. */
export abstract class ModelOperation {
  protected readonly parts: LanguageModelParts;
  abstract readonly isStream: boolean;
  readonly #options: CallOptions;

  constructor(parts: LanguageModelParts, options: CallOptions) {
    this.parts = parts;
    this.#options = options;
  }

  prepare(target: Target): Promise<void> | undefined {
    return this.parts.members.prepare(target);
  }

  unsupported({ route }: Target, error: unknown): void {
    const features = featuresOf(this.#options, this.isStream);
    route.refusedFeatures.add(namedIn(error, features), this.parts.core.plan.clock.now());
  }

  renew(attempt: Attempt): boolean {
    return this.parts.members.renew(attempt.target, attempt.used);
  }

  protected member(attempt: Attempt): Member {
    const member = this.parts.members.of(attempt.target);
    attempt.used = member;
    return member;
  }

  /** What the member is called with. */
  protected sent(attempt: Attempt): CallOptions {
    const { settings } = attempt.target.route.plan;
    const sent = memberOptions(this.parts.generation, this.#options, settings);
    const { signal } = attempt;
    return signal === undefined || signal === sent.abortSignal
      ? sent
      : { ...sent, abortSignal: signal };
  }
}
