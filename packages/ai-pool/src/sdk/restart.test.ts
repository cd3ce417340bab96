import { describe, expect, it } from 'vitest';
import { finish } from '../__fixtures__/parts.ts';
import {
  firstKey,
  http,
  kinds,
  scene,
  type Answer,
  textOf,
  type Part,
  type Scene,
} from '../__fixtures__/scene.ts';

const broken = http(503);
const failed: Part = finish('error');
const block = (kind: string, id: string, ...texts: string[]): Part[] => [
  { type: `${kind}-start`, id },
  ...texts.map(delta => ({ type: `${kind}-delta`, id, delta })),
];
const end = (kind: string, id: string): Part => ({ type: `${kind}-end`, id });
const answer = (...parts: Part[]): Answer => ({ parts });
const cut = (...parts: Part[]): Answer => ({
  parts: [...parts, { type: 'error', error: broken }],
});

const restarting = (first: Answer, second: Answer): Scene =>
  scene(
    { a: { answer: () => first }, b: { answer: () => second } },
    { onMidStreamFailure: 'restart' },
  );

/** The text blocks as a consumer of the SDK puts them together; throws where the SDK would. */
function blocksOf(parts: readonly Part[]): { text: string; restarted: boolean }[] {
  const open = new Map<unknown, { text: string; restarted: boolean }>();
  const blocks: { text: string; restarted: boolean }[] = [];
  const known = (id: unknown): { text: string; restarted: boolean } => {
    const found = open.get(id);
    if (found === undefined) throw new Error(`no text block ${String(id)}`);
    return found;
  };
  for (const part of parts) {
    const id = part['id'];
    if (part.type === 'text-start') {
      if (open.has(id)) throw new Error(`text block ${String(id)} begins twice`);
      const marked = part['providerMetadata'] as { pool?: { restarted?: boolean } } | undefined;
      const made = { text: '', restarted: marked?.pool?.restarted === true };
      open.set(id, made);
      blocks.push(made);
    } else if (part.type === 'text-delta') known(id).text += String(part['delta']);
    else if (part.type === 'text-end') {
      known(id);
      open.delete(id);
    }
  }
  expect(open.size).toBe(0);
  return blocks;
}

const count = (parts: readonly Part[], type: string): number =>
  parts.filter(part => part.type === type).length;

describe('a stream that breaks after output', () => {
  it('goes on where it stopped when the new answer says the same', async () => {
    const { stream, pool } = restarting(
      cut(...block('text', '0', 'all ', 'is w')),
      answer(...block('text', 'x', 'all is', ' well', ' now'), end('text', 'x'), finish()),
    );
    const parts = await stream();
    expect(blocksOf(parts)).toEqual([{ text: 'all is well now', restarted: false }]);
    expect(['stream-start', 'finish', 'error'].map(type => count(parts, type))).toEqual([1, 1, 0]);
    const last = parts.at(-1)!['providerMetadata'] as { pool: { attempts: never[] } };
    expect(kinds(last.pool.attempts)).toEqual(['overloaded', undefined]);
    expect(last.pool).toMatchObject({ provider: 'b' });
    expect(pool.status().providers.map(each => each.keys[0]!.usage)).toMatchObject([
      { attempts: 1, failures: 1, inFlight: 0 },
      { attempts: 1, successes: 1, inFlight: 0 },
    ]);
  });

  it('begins anew in a block that is marked when the new answer says otherwise', async () => {
    const { stream } = restarting(
      cut(...block('text', '0', 'all is w')),
      answer(...block('text', '0', 'all is', ' fine'), end('text', '0'), finish()),
    );
    expect(blocksOf(await stream())).toEqual([
      { text: 'all is w', restarted: false },
      { text: 'all is fine', restarted: true },
    ]);
  });

  it('begins anew when the new answer is shorter than what was seen', async () => {
    const { stream } = restarting(
      cut(...block('text', '0', 'all is well')),
      answer(...block('text', '0', 'all'), end('text', '0'), finish()),
    );
    expect(blocksOf(await stream())).toEqual([
      { text: 'all is well', restarted: false },
      { text: 'all', restarted: true },
    ]);
  });

  it('goes on in blocks of its own when what was seen was complete', async () => {
    const { stream } = restarting(
      cut(...block('text', '0', 'one'), end('text', '0')),
      answer(
        ...block('text', '0', 'one'),
        end('text', '0'),
        ...block('text', '1', 'two'),
        end('text', '1'),
        { type: 'tool-call', toolCallId: 't', toolName: 't', input: '{}' },
        finish(),
      ),
    );
    const parts = await stream();
    expect(blocksOf(parts).map(each => each.text)).toEqual(['one', 'two']);
    expect(count(parts, 'tool-call')).toBe(1);
  });

  it('ends reasoning that broke off, and does not repeat it', async () => {
    const { stream } = restarting(
      cut(...block('reasoning', 'r', 'hm')),
      answer(
        ...block('reasoning', 'r', 'hm, so'),
        end('reasoning', 'r'),
        ...block('text', '0', 'yes'),
        end('text', '0'),
        finish(),
      ),
    );
    const parts = await stream();
    expect(count(parts, 'reasoning-start')).toBe(1);
    expect(count(parts, 'reasoning-end')).toBe(1);
    expect(blocksOf(parts)).toEqual([{ text: 'yes', restarted: false }]);
  });

  it('does so again when the second answer breaks too', async () => {
    const { stream, trail } = scene(
      {
        a: { answer: () => cut(...block('text', '0', 'on')) },
        b: { answer: () => cut(...block('text', '0', 'one ')) },
        c: { answer: () => answer(...block('text', '0', 'one two'), end('text', '0'), finish()) },
      },
      { onMidStreamFailure: 'restart' },
    );
    expect(textOf(await stream())).toBe('one two');
    expect(trail()).toHaveLength(3);
  });

  it('marks it also when it was the second answer that another one replaced', async () => {
    const { stream } = scene(
      {
        a: { answer: () => cut(...block('text', '0', 'all is w')) },
        b: { answer: () => cut(...block('text', '0', 'all is w')) },
        c: {
          answer: () => answer(...block('text', '0', 'all is fine'), end('text', '0'), finish()),
        },
      },
      { onMidStreamFailure: 'restart' },
    );
    expect(blocksOf(await stream())).toEqual([
      { text: 'all is w', restarted: false },
      { text: 'all is fine', restarted: true },
    ]);
  });

  it.each<[string, Answer]>([
    ['an end without finish', answer(...block('text', '0', 'all '))],
    ['a finish that is an error', answer(...block('text', '0', 'all '), failed)],
  ])('whatever it was: %s', async (_, first) => {
    const { stream } = restarting(
      first,
      answer(...block('text', '0', 'all is well'), end('text', '0'), finish()),
    );
    const parts = await stream();
    expect(blocksOf(parts)).toEqual([{ text: 'all is well', restarted: false }]);
    expect(count(parts, 'error')).toBe(0);
    expect(count(parts, 'finish')).toBe(1);
  });

  it('does so also when it stalls', async () => {
    const { stream, clock } = scene(
      {
        a: { answer: () => ({ parts: block('text', '0', 'all '), ending: 'hang' }) },
        b: {
          answer: () => answer(...block('text', '0', 'all is well'), end('text', '0'), finish()),
        },
      },
      { onMidStreamFailure: 'restart' },
    );
    const parts = stream();
    await clock.advance(150_000);
    expect(textOf(await parts)).toBe('all is well');
    expect(clock.pending()).toBe(0);
  });
});

it('a late finish that is a failure is shown to `classify` too', async () => {
  const seen: unknown[] = [];
  const { stream, events } = scene(
    { a: { answer: () => answer(...block('text', '0', 'x'), failed) } },
    {
      classify: (_, { verdict }) => {
        seen.push(verdict.kind);
        return { kind: 'overloaded' };
      },
    },
  );
  await stream();
  expect(seen).toEqual(['bad-response']);
  expect(events.find(event => event.type === 'failure')).toMatchObject({ kind: 'overloaded' });
});

describe('it ends with an error', () => {
  const call: Part = { type: 'tool-call', toolCallId: 't', toolName: 't', input: '{}' };

  it('when the only target there is answers no more', async () => {
    const { stream, clock, pool } = scene(
      {
        a: {
          answer: (_, index) =>
            index === 0 ? cut(...block('text', '0', 'x')) : new Promise<never>(() => undefined),
        },
      },
      { onMidStreamFailure: 'restart', maxWaitMs: 0 },
    );
    const parts = stream();
    await clock.advance(130_000);
    expect((await parts).map(part => part.type).slice(-2)).toEqual(['error', 'finish']);
    expect(firstKey(pool).usage).toMatchObject({ failures: 2, inFlight: 0 });
    expect(clock.pending()).toBe(0);
  });

  it('after a tool call, which may be running already', async () => {
    const { stream, trail } = restarting(cut(...block('text', '0', 'x'), call), answer(finish()));
    expect((await stream()).map(part => part.type).slice(-2)).toEqual(['error', 'finish']);
    expect(trail()).toHaveLength(1);
  });

  it('after the beginning of a tool call', async () => {
    const begun: Part = { type: 'tool-input-start', id: 't', toolName: 't' };
    const { stream, trail } = restarting(cut(...block('text', '0', 'x'), begun), answer(finish()));
    expect((await stream()).map(part => part.type).slice(-2)).toEqual(['error', 'finish']);
    expect(trail()).toHaveLength(1);
  });

  it('without telling anew what the second answer had told until it broke, too', async () => {
    const { stream } = scene(
      {
        a: { answer: () => cut(...block('text', '0', 'all is well')) },
        b: { answer: () => cut(...block('text', '0', 'all')) },
      },
      { onMidStreamFailure: 'restart', maxWaitMs: 0 },
    );
    const parts = await stream();
    expect(textOf(parts)).toBe('all is well');
    expect(parts.map(part => part.type).slice(-2)).toEqual(['error', 'finish']);
  });

  it('when nothing else can answer', async () => {
    const { stream, pool } = scene(
      { a: { answer: () => cut(...block('text', '0', 'x')) }, b: { answer: () => http(401) } },
      { onMidStreamFailure: 'restart', maxWaitMs: 0 },
    );
    const parts = await stream();
    expect(['error', 'finish'].map(type => count(parts, type))).toEqual([1, 1]);
    expect(parts.find(part => part.type === 'error')!['error']).toMatchObject({
      name: 'PoolExhaustedError',
      // Inside of what is only guessed there is one more attempt.
      attempts: [{ kind: 'overloaded' }, { kind: 'auth' }, { kind: 'overloaded' }],
    });
    expect(pool.status().providers.flatMap(each => each.keys[0]!.usage.inFlight)).toEqual([0, 0]);
  });

  it('by default', async () => {
    const { stream, trail } = scene({
      a: { answer: () => cut(...block('text', '0', 'x')) },
      b: {},
    });
    expect((await stream()).map(part => part.type).slice(-2)).toEqual(['error', 'finish']);
    expect(trail()).toHaveLength(1);
  });
});

const waiting = (): Scene =>
  scene(
    {
      a: { answer: () => cut(...block('text', '0', 'x', 'y')) },
      b: { answer: () => new Promise<never>(() => undefined) },
    },
    { onMidStreamFailure: 'restart' },
  );

describe('a caller who leaves while it begins again', () => {
  it('gets the reason, and nothing stays', async () => {
    const { open, pool, clock } = waiting();
    const caller = new AbortController();
    const reader = (await open({ abortSignal: caller.signal })).getReader();
    const read = (async () => {
      for (;;) if ((await reader.read()).done) return;
    })();
    await clock.advance(1);
    caller.abort('left');
    await expect(read).rejects.toBe('left');
    expect(firstKey(pool, 1).usage).toMatchObject({ aborted: 1, inFlight: 0 });
    expect(clock.pending()).toBe(0);
  });

  it('may also cancel: what goes on is aborted', async () => {
    const { open, pool, clock, seen } = waiting();
    const reader = (await open()).getReader();
    while ((await reader.read()).value?.['delta'] !== 'y');
    const next = reader.read();
    await clock.advance(1);
    await reader.cancel('bored');
    expect((await next).done).toBe(true);
    expect(seen[1]?.call.options.abortSignal?.reason).toBe('bored');
    expect(firstKey(pool, 1).usage).toMatchObject({ aborted: 1, inFlight: 0 });
    expect(clock.pending()).toBe(0);
  });

  it('is heard though nobody reads just then', async () => {
    const { open, pool, clock } = waiting();
    const caller = new AbortController();
    const reader = (await open({ abortSignal: caller.signal })).getReader();
    while ((await reader.read()).value?.['delta'] !== 'y');
    await clock.advance(1);
    caller.abort('left');
    await expect(reader.closed).rejects.toBe('left');
    expect(firstKey(pool, 1).usage).toMatchObject({ aborted: 1, inFlight: 0 });
  });

  it('may also cancel: no further target is tried', async () => {
    const { open, pool, clock, seen } = scene(
      {
        a: { answer: () => cut(...block('text', '0', 'x')) },
        b: {
          answer: async () => {
            await new Promise<void>(resolve => void clock.setTimeout(resolve, 1_000));
            return http(503);
          },
        },
        c: {},
      },
      { onMidStreamFailure: 'restart' },
    );
    const reader = (await open()).getReader();
    while ((await reader.read()).value?.type !== 'text-delta');
    const next = reader.read();
    await clock.advance(1);
    await reader.cancel();
    expect((await next).done).toBe(true);
    await clock.advance(2_000);
    expect(seen).toHaveLength(2);
    expect(pool.status().providers.map(each => each.keys[0]!.usage.inFlight)).toEqual([0, 0, 0]);
  });
});
