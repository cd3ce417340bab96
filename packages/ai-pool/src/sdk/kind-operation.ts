import type { Attempt } from '../call/attempt.ts';
import type { Operation } from '../call/operation.ts';
import type { CallOptions } from './generation.ts';
import { headersOf } from './member.ts';
import type { KindParts } from './kind-model.ts';
import { ModelOperation } from './model-operation.ts';
import type { ModelParts } from './model-parts.ts';

/** What a member answers, as far as a pool looks at it. */
export interface KindResult {
  readonly usage?: { readonly tokens?: number | undefined } | undefined;
  readonly response?: { readonly modelId?: string | undefined } | undefined;
  readonly providerMetadata?: Readonly<Record<string, unknown>> | undefined;
  readonly images?: unknown;
}

type KindMember = Record<string, (options: CallOptions) => PromiseLike<KindResult | undefined>>;

/** One question and one answer: `doEmbed`, `doRerank`, `doGenerate` of all but language models. */
export class KindOperation
  extends ModelOperation<KindParts & ModelParts, KindMember>
  implements Operation<KindResult | undefined, KindResult | undefined>
{
  get isStream(): false {
    return false;
  }
  readonly #call: string;

  constructor(parts: KindParts & ModelParts, options: CallOptions, call: string) {
    super(parts, options);
    this.#call = call;
  }

  async begin(attempt: Attempt): Promise<KindResult | undefined> {
    return this.member(attempt)[this.#call]?.(this.sent(attempt));
  }

  answer(attempt: Attempt, result: KindResult | undefined): KindResult | undefined {
    // A member may leave a call to the SDK, which then asks in another way.
    if (result === undefined) {
      attempt.abort();
      return result;
    }
    attempt.succeed(result.usage?.tokens);
    attempt.answeredWith(headersOf(result));
    const { route } = attempt.target;
    this.parts.order?.served?.(route);
    const { response, images } = result;
    const pool = attempt.metadata();
    return {
      ...result,
      response: { ...response, modelId: response?.modelId ?? route.model },
      providerMetadata: {
        ...result.providerMetadata,
        // Of images the SDK keeps only what is said of each.
        pool: Array.isArray(images) ? { ...pool, images: images.map(() => pool) } : pool,
      },
    };
  }
}
