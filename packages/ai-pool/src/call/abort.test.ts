import { createVirtualClock } from '@ai-pool/testing';
import { describe, expect, it } from 'vitest';
import { rejection } from '../__fixtures__/scene.ts';
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
    const late: string[] = [];
    const clock = createVirtualClock();
    const work = new Promise<string>(resolve => {
      clock.setTimeout(() => resolve('too late'), 1_000);
    });
    const waiting = rejection(
      Promise.resolve(untilAborted(work, signal, value => late.push(value))),
    );
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    expect(late).toEqual([]);
    await clock.advance(1_000);
    expect(late).toEqual(['too late']);
  });

  it('ends where the caller had left before, also when what comes too late is broken', async () => {
    const signal = AbortSignal.abort('left');
    const work = untilAborted(Promise.resolve('late'), signal, () => {
      throw new Error('broken');
    });
    expect(await rejection(Promise.resolve(work))).toBe('left');
  });
});
