import type { LanguageModelV4 } from '@ai-sdk/provider';
import { createFallback } from 'ai-fallback';
import { createPooledModel } from 'ai-pool';
import { createRetryableModel } from 'ai-retry/language-model';
import type { HiddenProvider } from './hidden-provider.ts';
import { knownLimits } from './known-limits.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What a policy works with. */
interface World {
  readonly provider: HiddenProvider;
  readonly keys: number;
  readonly time: VirtualTime;
  readonly random: Random;
  /** Of the scenario; the pool's default where it has none. */
  readonly maxWaitMs: number | undefined;
  /** Told when the pool closes a key: until when, in epoch ms. */
  readonly onPause: (key: number, until: number) => void;
}

export interface Policy {
  readonly name: string;
  /** Takes part in this group of scenarios only. */
  readonly group?: string;
  /** What it is, for the page with the figures. */
  readonly text: string;
  create(world: World): LanguageModelV4;
}

/** One model object per key, each from a provider with a name of its own: ai-retry needs that. */
const models = ({ provider, keys }: World): [LanguageModelV4, ...LanguageModelV4[]] => {
  const model = (key: number): LanguageModelV4 => provider.model(key, `openai-${key}`);
  return [model(0), ...Array.from({ length: keys - 1 }, (_, i) => model(i + 1))];
};

export const POOL = 'ai-pool';
/** No policy: what can be reached. */
export const LIMIT = 'told once';

export const POLICIES: readonly Policy[] = [
  {
    name: POOL,
    text: '`createPooledModel` with one provider and the eight keys, default settings (in the bursts `maxWaitMs: 60_000`, as the bar says)',
    create({ provider, keys, time, random, maxWaitMs, onPause }) {
      const model = createPooledModel({
        providers: [
          {
            name: 'hidden',
            create:
              ({ apiKey }: { apiKey: string }) =>
              () =>
                provider.model(Number(apiKey.split('-').at(-1))),
            keys: Array.from({ length: keys }, (_, key) => ({
              apiKey: `sk-secret-of-key-${key}`,
              id: String(key),
            })),
            models: ['model'],
          },
        ],
        clock: time,
        random,
        ...(maxWaitMs !== undefined && { maxWaitMs }),
        on: { cooled: ({ key, until }) => onPause(Number(key), until) },
      });
      return model;
    },
  },
  {
    name: 'ai-retry',
    text: '`createRetryableModel` with the model of the first key, and the models of the seven others as `retries`; each model has a provider name of its own, since ai-retry takes models of one name for the same',
    create(world) {
      const [model, ...retries] = models(world);
      return createRetryableModel({ model, retries });
    },
  },
  {
    name: 'ai-fallback',
    text: '`createFallback` over the models of the eight keys, default settings',
    create: world => createFallback({ models: models(world) }),
  },
  {
    name: 'ordered list',
    text: 'a loop over the models of the eight keys that begins with the first for every call and goes on to the next after an error',
    create(world) {
      const all = models(world);
      const inOrder = async <T>(use: (model: LanguageModelV4) => PromiseLike<T>): Promise<T> => {
        let last: unknown;
        for (const model of all) {
          try {
            return await use(model);
          } catch (error) {
            last = error;
          }
        }
        throw last;
      };
      return {
        ...all[0],
        doGenerate: options => inOrder(model => model.doGenerate(options)),
        doStream: options => inOrder(model => model.doStream(options)),
      };
    },
  },
  {
    name: LIMIT,
    text: 'nothing that anybody could use, but the limit to measure the others by. It has to be refused once by each key (or told once by headers); from then on it sees what is left of that key, with all that anybody has used, and is not refused by it again. Who finds nothing waits as long as in the pool, in order of arrival',
    create: world => knownLimits({ ...world, knows: 'once told' }),
  },
  {
    name: 'told each time',
    group: 'processes',
    text: 'the limit for pools that learn nothing and share nothing, with several pools only: it has to be refused by each key whenever that is used up, and then knows when there is room again',
    create: world => knownLimits({ ...world, knows: 'each time' }),
  },
];
