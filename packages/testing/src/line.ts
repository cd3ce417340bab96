import type { ServerResponse } from 'node:http';
import { pause } from './pause.ts';

/** The way of one answer to its client. */
export interface Line {
  write(text: string): void;
  end(text?: string): void;
  /** Breaks the connection, once what was written has left. */
  breakOff(): void;
  /** Waits, and sends a keep-alive every so many milliseconds meanwhile. */
  wait(ms: number, keepAliveMs?: number): Promise<void>;
  /** The client is gone. */
  isGone(): boolean;
}

/** Sends an answer in another way: told of each event of a stream, or of the one body, in turn. */
export interface Sender {
  event(event: string): Promise<void>;
  /** Empty at the end of a stream. */
  end(body: string): Promise<void>;
}

/** Lets a sender write what was meant for the response, one thing after the other. */
export function sendBy(
  response: ServerResponse,
  {
    keepAlive,
    breakOff,
    sender,
  }: {
    /** What the provider sends while it has nothing to say. */
    keepAlive: string;
    /** Closes the connection. */
    breakOff: () => void;
    sender: (line: Line) => Sender;
  },
): void {
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  const sends = sender({
    write: text => void write(text),
    end: (text = '') => void end(text),
    breakOff: () => void setImmediate(breakOff),
    async wait(ms, keepAliveMs) {
      if (ms <= 0) return;
      const ticking =
        keepAliveMs === undefined ? undefined : setInterval(() => write(keepAlive), keepAliveMs);
      await pause(ms, response);
      clearInterval(ticking);
    },
    isGone: () => response.destroyed,
  });

  let work = Promise.resolve();
  async function after(before: Promise<void>, step: () => Promise<void>): Promise<void> {
    await before;
    if (response.destroyed) return;
    response.flushHeaders();
    await step();
  }
  response.write = (text: unknown) => {
    work = after(work, async () => await sends.event(String(text)));
    return true;
  };
  response.end = (body?: unknown) => {
    work = after(work, async () => await sends.end(typeof body === 'string' ? body : ''));
    return response;
  };
}
