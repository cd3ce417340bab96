import type { Attempt } from '../call/attempt.ts';
import { Call } from '../call/call.ts';
import type { Core } from '../call/core.ts';
import type { Route } from '../scheduling/targets.ts';
import { memberOptions, readRequest } from './call-options.ts';
import { sharedUrls, v1Capabilities } from './capabilities.ts';
import { answerGenerate } from './generate.ts';
import type { CallOptions, Generation } from './generation.ts';
import type { GenerateResult, Member, StreamResult } from './member.ts';
import type { Members } from './members.ts';
import { answerStream, discardStream } from './stream.ts';

/** The name under which the SDK logs and traces a pooled model. */
const PROVIDER = 'ai-pool';

export interface LanguageModelParts {
  readonly core: Core;
  readonly members: Members;
  readonly generation: Generation;
  /** The routes of this model; undefined: all of the pool, ordered by `routing` per call. */
  readonly routes: readonly Route[] | undefined;
  /** One member per route. */
  readonly firstMembers: readonly Member[];
  readonly modelId: string;
}

/** The model object in the shape of its generation, without the pool on it. */
export function createLanguageModel(parts: LanguageModelParts): object {
  const { core, members, generation, routes, firstMembers, modelId } = parts;
  const sent = (attempt: Attempt, options: CallOptions): CallOptions =>
    memberOptions(generation, options, attempt.target.route.plan.settings);
  // Plain and unfrozen: newer SDKs wrap older generations in a Proxy that changes a property.
  const base = {
    specificationVersion: generation.version,
    provider: PROVIDER,
    modelId,
    async doGenerate(options: CallOptions): Promise<GenerateResult> {
      return new Call(core, readRequest(core, generation, options, routes), {
        prepare: members.prepare,
        begin: attempt => members.of(attempt.target).doGenerate(sent(attempt, options)),
        answer: (attempt, result: GenerateResult) => answerGenerate(attempt, result, generation),
      }).run();
    },
    async doStream(options: CallOptions): Promise<StreamResult> {
      return new Call(core, readRequest(core, generation, options, routes), {
        prepare: members.prepare,
        begin: attempt => members.of(attempt.target).doStream(sent(attempt, options)),
        answer: (attempt, result: StreamResult) => answerStream(attempt, result, generation),
        late: discardStream,
      }).run();
    },
  };
  if (generation.version === 'v1') return Object.assign(base, v1Capabilities(firstMembers));
  return Object.assign(base, { supportedUrls: sharedUrls(firstMembers) });
}
