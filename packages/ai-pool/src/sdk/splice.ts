import type { Generation, StreamPart } from './generation.ts';

/** The sign that a text block tells anew what was told before. */
const RESTARTED = { pool: { restarted: true } };

function isRestarted(part: StreamPart): boolean {
  const metadata = part['providerMetadata'] as Partial<typeof RESTARTED> | undefined;
  return metadata?.pool?.restarted === true;
}

/** What the consumer of a stream has seen of an answer that may have to begin again. */
export class Seen {
  text = '';
  /** Nothing but text and reasoning: what else there is (a tool call) may have been acted upon. */
  isTextOnly = true;
  /** Blocks that have begun and not ended, by id. */
  readonly open: Map<unknown, string> = new Map();
  readonly #generation: Generation;

  constructor(generation: Generation) {
    this.#generation = generation;
  }

  note(part: StreamPart): void {
    this.text += this.#generation.textOf(part) ?? '';
    const [kind = '', event] = part.type.split('-');
    const isText = kind === 'text' || kind === 'reasoning' || kind === 'redacted';
    if (isText && event === 'start') this.open.set(part['id'], kind);
    else if (isText && event === 'end') this.open.delete(part['id']);
    else if (kind === 'tool' || (!isText && this.#generation.roleOf(part) === 'output')) {
      this.isTextOnly = false;
    }
  }

  /** Ends the reasoning that broke off; text may still go on. */
  endReasoning(): StreamPart[] {
    const ends: StreamPart[] = [];
    for (const [id, kind] of this.open) {
      if (kind === 'reasoning') ends.push({ type: 'reasoning-end', id });
    }
    for (const { id } of ends as { id?: unknown }[]) this.open.delete(id);
    return ends;
  }
}

/**
 * Puts an answer that begins from the start in the place of one that broke off. As long as it
 * says what the consumer has seen already, nothing is passed on; then it goes on where the other
 * one stopped. Where it says something else, the consumer gets all of it in a block of its own,
 * marked as a restart, so that no text is doubled without a sign.
 */
export class Splice {
  readonly #generation: Generation;
  /** The text block that is still open for the consumer. */
  readonly #openId: unknown;
  /** What the consumer has seen. */
  readonly #seen: string;
  /** What of it the new answer has not said yet. */
  #rest: string;
  #said = '';
  #isSame = true;
  /** The new answer's text block, while it is open. */
  #id: unknown;
  #renamed: unknown;

  constructor({ text, open }: Seen, generation: Generation) {
    this.#generation = generation;
    this.#rest = this.#seen = text;
    [this.#openId] = [...open.keys()];
  }

  /** What the consumer gets; undefined where the answers differ and nothing could mark it. */
  next(part: StreamPart): readonly StreamPart[] | undefined {
    if (!this.#isSame) {
      const isRenamed = this.#renamed !== undefined && part['id'] === this.#renamed;
      return [isRenamed ? { ...part, id: this.#openId } : part];
    }
    const text = this.#generation.textOf(part);
    if (text !== undefined) return this.#compare(part, text);
    switch (part.type) {
      case 'response-metadata':
      case 'raw':
        return [part];
      case 'error':
        // It says no more than that.
        this.#isSame = false;
        return [part];
      case 'text-start':
        this.#id = part['id'];
        // It broke off too, and the one in its place says something else: from the start again.
        if (isRestarted(part)) [this.#rest, this.#said] = [this.#seen, ''];
        return [];
      case 'text-end':
        this.#id = undefined;
        return [];
    }
    // What it thought before it said the same is left out.
    if (/^(stream-start|re(asoning|dacted))/.test(part.type)) return [];
    if (this.#rest === '') return [...this.#goOn(), part];
    return this.#beginAnew(this.#said, part);
  }

  #compare(part: StreamPart, text: string): readonly StreamPart[] | undefined {
    const rest = this.#rest;
    this.#said += text;
    if (rest.startsWith(text)) {
      this.#rest = rest.slice(text.length);
      return [];
    }
    if (!text.startsWith(rest)) return this.#beginAnew(this.#said);
    const more = this.#generation.textDelta(text.slice(rest.length), part['id']);
    return [...this.#goOn(), ...(this.next(more) ?? [])];
  }

  /** The end of what is the same. */
  #goOn(): readonly StreamPart[] {
    this.#isSame = false;
    if (this.#openId === undefined) {
      return this.#id === undefined ? [] : [{ type: 'text-start', id: this.#id }];
    }
    if (this.#id === undefined) return [{ type: 'text-end', id: this.#openId }];
    this.#renamed = this.#id;
    return [];
  }

  #beginAnew(text: string, after?: StreamPart): readonly StreamPart[] | undefined {
    this.#isSame = false;
    if (!this.#generation.hasStreamStart) return undefined;
    const id = this.#id ?? 'restart';
    const parts: StreamPart[] = [];
    if (this.#openId !== undefined) parts.push({ type: 'text-end', id: this.#openId });
    parts.push({ type: 'text-start', id, providerMetadata: RESTARTED });
    if (text !== '') parts.push(this.#generation.textDelta(text, id));
    if (this.#id === undefined) parts.push({ type: 'text-end', id });
    return after === undefined ? parts : [...parts, after];
  }
}
