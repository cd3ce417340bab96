import type { FakeProviders } from '@ai-pool/testing';
import type { KeyEntry } from 'ai-pool';
import { secretOf } from '../world.ts';
import type { Operation } from './operations.ts';

export const services = ['openai', 'google', 'openrouter', 'anthropic', 'mirror'] as const;
export type Service = (typeof services)[number];

/** What goes wrong, told of a call of one step and of one with several. */
export const troubles = {
  healthy: 'nothing',
  limited: 'the first key is limited',
  dead: 'the first provider dies (of several steps: in the middle)',
  gone: 'the first account is gone (of several steps: between two)',
} as const;
export type Trouble = keyof typeof troubles;

/** The keys of the first provider, and what accounts they belong to. */
const keysIn: Readonly<Record<Trouble, Readonly<Record<string, { account?: string }>>>> = {
  healthy: { one: {}, two: {} },
  limited: { one: {}, two: {} },
  dead: { one: {}, two: {} },
  // The second key would be refused, too: nobody asks it.
  gone: { one: { account: 'acme' }, two: { account: 'acme' }, three: {} },
};

/** The status of an account that is unpaid. */
const unpaid: Readonly<Record<string, number>> = {
  openai: 429,
  google: 429,
  openrouter: 402,
  anthropic: 400,
};

/** Who an attempt was sent to, and the status that came back. */
export type Seen = readonly [provider: string, key: string, status: number];

/** What upstream must have seen: as few requests as can be. */
export function expectedTrail(
  { steps, isLoop }: Pick<Operation, 'steps' | 'isLoop'>,
  trouble: Trouble,
  { first, second, staysWithKey }: { first: string; second: string; staysWithKey: boolean },
): readonly Seen[] {
  const by = (key: string, status = 200): Seen => [first, key, status];
  const next: Seen = [second, 'only', 200];
  // Without tags on its parts the first generation takes keys in turn.
  const turn = isLoop === true && staysWithKey ? by('one') : by('two');
  const [, key] = turn;
  const refused = trouble === 'dead' ? 503 : (unpaid[first] ?? 0);
  const later = trouble === 'dead' ? next : by('three');
  if (trouble === 'healthy') return [by('one'), turn, by('one')].slice(0, steps);
  if (trouble === 'limited') {
    return [by('one', 429), ...Array.from({ length: steps }, () => by('two'))];
  }
  return steps === 1 ? [by('one', refused), later] : [by('one'), by(key, refused), later, later];
}

/** What is told. */
export interface Story {
  /** Tells stories apart. */
  readonly name: string;
  readonly first: Service;
  readonly trouble: Trouble;
  readonly steps: 1 | 3;
}

/** A story's keys, and what upstream makes of them. */
export class Stage {
  readonly fakes: FakeProviders<Service>;
  readonly first: Service;
  readonly trouble: Trouble;
  /** Nobody else's, so that stories leave nothing to each other. */
  readonly #story: string;
  readonly #labels = new Map<string, string>();

  constructor(fakes: FakeProviders<Service>, { first, trouble, steps, name }: Story) {
    this.fakes = fakes;
    this.first = first;
    this.trouble = trouble;
    this.#story = `${name} ${trouble}`;
    for (const [id, { account }] of Object.entries(keysIn[trouble])) {
      const isLimited = trouble === 'limited' && id === 'one';
      this.#add(first, id, {
        ...(account !== undefined && { account: this.#own(account) }),
        ...(isLimited && { rpm: 0 }),
      });
    }
    if (steps === 1) this.#strike();
  }

  /** A request was answered: of several steps the first is done. */
  answered(): void {
    this.#strike();
  }

  secret(service: Service, id: string): string {
    return secretOf(service === 'mirror' ? 'openai' : service, `${this.#story}/${id}`);
  }

  /** The first provider's keys, as an entry of the pool has them. */
  keys(): KeyEntry[] {
    return Object.entries(keysIn[this.trouble]).map(([id, more]) => ({
      id,
      apiKey: this.secret(this.first, id),
      ...more,
    }));
  }

  only(service: Service): KeyEntry[] {
    this.#add(service, 'only');
    return [{ id: 'only', apiKey: this.secret(service, 'only') }];
  }

  /** From the next request on. */
  #strike(): void {
    const { fakes, first, trouble } = this;
    if (trouble === 'dead') fakes.provider(first).set({ down: 503 });
    if (trouble === 'gone') fakes.provider(first).account(this.#own('acme')).set({ unpaid: true });
  }

  trail(): Seen[] {
    return this.fakes.requests.map(({ provider, key, status }) => [
      provider,
      this.#labels.get(`${provider} ${key}`) ?? 'a stranger',
      status,
    ]);
  }

  #own(account: string): string {
    return `${account} ${this.#story}`;
  }

  #add(service: Service, id: string, behaviour: { account?: string; rpm?: number } = {}): void {
    const secret = this.secret(service, id);
    this.fakes.provider(service).key(secret).set(behaviour);
    this.#labels.set(`${service} ${this.fakes.keyId(secret)}`, id);
  }
}
