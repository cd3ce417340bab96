import { describe, expect, it } from 'vitest';
import { rejection, http, scene } from '../__fixtures__/scene.ts';
import { untilAborted } from './abort.ts';

/** A signal with the count of its listeners. */
function watched() {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const own = EventTarget.prototype;
  signal.addEventListener = (...args: Parameters<EventTarget['addEventListener']>) => {
    listeners++;
    own.addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<EventTarget['removeEventListener']>) => {
    listeners--;
    own.removeEventListener.apply(signal, args);
  };
  return { controller, signal, listeners: () => listeners };
}

const reasons = [new Error('left'), new DOMException('Left.', 'AbortError'), 'left', null, 0];

describe('work that is waited for until the caller leaves', () => {
  it('gives what it gives, and leaves no listener', async () => {
    const { signal, listeners } = watched();
    const work = Promise.resolve('well');
    expect(await untilAborted(work, signal)).toBe('well');
    expect(await rejection(Promise.resolve(untilAborted(Promise.reject('no'), signal)))).toBe('no');
    expect(listeners()).toBe(0);
    expect(untilAborted(work, undefined)).toBe(work);
  });

  it('may be no promise at all', async () => {
    const { signal, listeners } = watched();
    expect(await untilAborted('at once' as never, signal)).toBe('at once');
    expect(listeners()).toBe(0);
  });

  it.each(reasons)('ends at once with the reason as it is: %o', async reason => {
    const { controller, signal } = watched();
    const waiting = rejection(Promise.resolve(untilAborted(new Promise(() => {}), signal)));
    controller.abort(reason);
    expect(await waiting).toBe(reason);
  });

  it('ends where the caller had left before', async () => {
    const work = untilAborted(Promise.resolve('late'), AbortSignal.abort('left'));
    expect(await rejection(Promise.resolve(work))).toBe('left');
  });
});

describe('a call whose caller leaves', () => {
  it('before the call: nothing is called', async () => {
    const { generate, seen } = scene({ a: {} });
    const reason = new Error('left');
    expect(await rejection(generate({ abortSignal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(seen).toHaveLength(0);
  });

  it.each([new Error('left'), 'a string', new DOMException('bye', 'AbortError')])(
    'during an attempt: the reason comes out, nothing is punished (%s)',
    async reason => {
      const { generate, seen, pool } = scene({ a: { answer: () => new Promise(() => {}) }, b: {} });
      const leaving = new AbortController();
      const call = rejection(generate({ abortSignal: leaving.signal }));
      await Promise.resolve();
      leaving.abort(reason);
      expect(await call).toBe(reason);
      expect(seen).toHaveLength(1);
      expect(pool.status().providers[0]).toMatchObject({
        state: 'ready',
        keys: [{ usage: { attempts: 1, aborted: 1, inFlight: 0 } }],
        targets: [{ state: 'ready' }],
      });
    },
  );

  it('while waiting: no timer is left, nothing further is called', async () => {
    const { generate, seen, clock } = scene({ a: { answer: () => http(429) } });
    const leaving = new AbortController();
    const call = rejection(generate({ abortSignal: leaving.signal }));
    await clock.advance(500);
    expect(clock.pending()).toBe(1);
    leaving.abort('enough');
    expect(await call).toBe('enough');
    expect(clock.pending()).toBe(0);
    await clock.advance(10_000);
    expect(seen).toHaveLength(1);
  });

  it('returns the place of a probe without verdict', async () => {
    let index = 0;
    const { generate, clock, pool } = scene({
      a: {
        answer: () => {
          index++;
          if (index === 1) return http(429);
          return index === 2 ? new Promise(() => {}) : 'fine';
        },
      },
    });
    const leaving = new AbortController();
    const probe = rejection(generate({ abortSignal: leaving.signal }));
    await clock.advance(1_000);
    expect(pool.status().providers[0]?.targets[0]?.state).toBe('probing');
    const next = generate();
    await clock.advance(10);
    leaving.abort('gone');
    expect(await probe).toBe('gone');
    await clock.advance(1);
    expect((await next).text).toBe('fine');
  });
});
