import type { Part } from './scene.ts';

/** A piece of text. */
export const delta = (text: string): Part => ({ type: 'text-delta', id: '1', delta: text });

/** The end of a stream. */
export const finish = (unified = 'stop'): Part => ({
  type: 'finish',
  finishReason: { unified, raw: unified },
  usage: { inputTokens: {}, outputTokens: {} },
});
