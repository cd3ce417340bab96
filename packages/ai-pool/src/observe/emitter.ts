import { defined } from '../defined.ts';
import type { PoolEvent, PoolEventOf, PoolEventType, PoolListener } from './events.ts';

type Loose<O> = { [K in keyof O]: O[K] | undefined };

/** What is told of an event beside its type and time. */
export type EventDetails<T extends PoolEventType> = Loose<Omit<PoolEventOf<T>, 'type' | 'at'>>;

type AnyListener = (event: PoolEvent) => unknown;

/**
 * Delivers events outside the request: they are queued and handed out in a microtask, in order.
 * A listener that throws or rejects changes nothing but a `listener-failed` event.
 */
export class Emitter {
  readonly #byType = new Map<PoolEventType | '*', Set<AnyListener>>();
  readonly #now: () => number;
  readonly #clean: (text: string) => string;
  #queue: PoolEvent[] = [];

  /** True when somebody listens: without listeners no event is even made. */
  active = false;

  constructor(now: () => number, clean: (text: string) => string) {
    this.#now = now;
    this.#clean = clean;
  }

  on<T extends PoolEventType>(type: T | '*', listener: PoolListener<T>): () => void {
    const listeners = this.#byType.get(type) ?? new Set<AnyListener>();
    this.#byType.set(type, listeners);
    // A fresh function per subscription: the same listener may subscribe twice.
    const subscription: AnyListener = event => (listener as AnyListener)(event);
    listeners.add(subscription);
    this.active = true;
    return () => {
      listeners.delete(subscription);
      this.active = [...this.#byType.values()].some(set => set.size > 0);
    };
  }

  /** Tells an event of now. Details without a value are left out. */
  emit<T extends PoolEventType>(type: T, details: EventDetails<T>): void {
    if (!this.active) return;
    const event = defined({ type, at: this.#now(), ...details });
    this.#queueUp(event as unknown as PoolEvent);
  }

  #queueUp(event: PoolEvent): void {
    if (this.#queue.push(event) === 1) queueMicrotask(() => this.#deliver());
  }

  #deliver(): void {
    const events = this.#queue;
    this.#queue = [];
    for (const event of events) {
      for (const type of [event.type, '*'] as const) {
        for (const listener of this.#byType.get(type) ?? []) this.#call(listener, event);
      }
    }
  }

  #call(listener: AnyListener, event: PoolEvent): void {
    const failed = (error: unknown): void => {
      // A failing listener of `listener-failed` would otherwise report itself for ever.
      if (event.type === 'listener-failed') return;
      let reason = 'unprintable';
      try {
        reason = this.#clean(String(error));
      } catch {
        // A hostile error stays unprintable.
      }
      this.emit('listener-failed', { event: event.type, reason });
    };
    try {
      const result = listener(event);
      if (result instanceof Promise) result.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}
