import { styleText } from 'node:util';
import type { FakeRequest } from '@ai-pool/testing';
import type { PoolStatus } from 'ai-pool';
import type { Fakes } from './fakes.ts';

/** With QUICKSTART_HEALTHY=1 nothing goes wrong: how the test sees that the story can fail. */
const healthy = process.env['QUICKSTART_HEALTHY'] === '1';

type Recorded = readonly FakeRequest[];

/** What the providers recorded during one scene. */
interface Upstream {
  /** How many requests have these properties. */
  readonly count: (properties: Partial<FakeRequest>) => number;
}

interface Scene<T> {
  goesWrong?: () => void;
  run: () => T | Promise<T>;
  /** Sentence -> whether it is true. */
  happened: (upstream: Upstream, result: T) => Readonly<Record<string, boolean>>;
}

/**
 * Plays scenes, and compares each with what the providers recorded and the caller received: never
 * with the pool's own word.
 */
export class Story {
  readonly #fakes: Fakes;
  readonly #missing: string[] = [];
  readonly #start = performance.now();

  constructor(fakes: Fakes) {
    this.#fakes = fakes;
    console.log('Real provider packages, fake providers on this machine.');
    console.log(
      'Set GEMINI_API_KEYS, OPENAI_API_KEYS or OPENROUTER_API_KEYS for the real services.',
    );
    console.log('Every ✓ is checked against what the providers recorded.');
  }

  async scene<T>(title: string, { goesWrong, run, happened }: Scene<T>): Promise<void> {
    console.log(`\n${styleText('bold', title)}`);
    if (!healthy) goesWrong?.();
    const before = this.#fakes.requests.length;
    try {
      const result = await run();
      await this.#fakes.idle();
      const seen = this.#fakes.requests.slice(before);
      const upstream: Upstream = { count: properties => seen.filter(has(properties)).length };
      for (const [sentence, isTrue] of Object.entries(happened(upstream, result))) {
        this.#check(title, sentence, isTrue);
      }
    } catch (error) {
      this.#check(title, `no error (${String(error)})`, false);
    }
  }

  #check(title: string, sentence: string, isTrue: boolean): void {
    if (!isTrue) this.#missing.push(`${title}: ${sentence}`);
    console.log(`  ${isTrue ? styleText('green', '✓') : styleText('red', '✗')} ${sentence}`);
  }

  /** Says how it went; gives the exit code. */
  end(): number {
    if (this.#missing.length > 0) {
      console.log(`\n${styleText('red', 'This did not happen:')}`);
      for (const sentence of this.#missing) console.log(`  ${sentence}`);
      return 1;
    }
    const seconds = ((performance.now() - this.#start) / 1000).toFixed(1);
    console.log(`\n${styleText('green', 'All of it happened')}, in ${seconds} s.`);
    return 0;
  }
}

/** Whether the pool counted for every key what the providers recorded. */
export function countsAgree(status: PoolStatus, requests: Recorded): boolean {
  return status.providers.every(provider =>
    provider.keys.every(({ id, usage }) => {
      const seen = requests.filter(has({ provider: provider.name, key: id }));
      const answered = seen.filter(has({ status: 200 })).length;
      return (
        usage.attempts === seen.length &&
        usage.successes === answered &&
        usage.failures === seen.length - answered
      );
    }),
  );
}

function has(properties: Partial<FakeRequest>): (request: FakeRequest) => boolean {
  const wanted = Object.entries(properties);
  return request => wanted.every(([name, value]) => Reflect.get(request, name) === value);
}
