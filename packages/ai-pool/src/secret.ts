const MIN_LENGTH = 8;

/** Where errors of the SDK hold what the caller passed, by reference. */
const OF_THE_CALLER: ReadonlySet<PropertyKey> = /* @__PURE__ */ new Set([
  'requestBodyValues',
  'prompt',
  'value',
]);

/**
 * Finds API keys in what leaves the pool and takes them out.
 *
 * Secrets of one provider share their beginning (`sk-proj-`), hardly ever their end. They are
 * therefore found by their last 8 characters: one look-up per position of the text, however
 * many keys the pool has.
 */
export class Scrubber {
  readonly #byEnd = new Map<string, string[]>();
  readonly #short = new Set<string>();

  /** Registers a secret, raw and as it stands in a URL. */
  add(secret: string): void {
    if (secret.length < MIN_LENGTH) {
      if (secret !== '') this.#short.add(secret);
      return;
    }
    this.#index(secret);
    const encoded = encodeURIComponent(secret);
    if (encoded !== secret) this.#index(encoded);
  }

  #index(secret: string): void {
    const end = secret.slice(-MIN_LENGTH);
    const known = this.#byEnd.get(end);
    if (known === undefined) this.#byEnd.set(end, [secret]);
    else if (!known.includes(secret)) known.push(secret);
  }

  /** The text without any registered secret. */
  text(text: string): string {
    let clean = '';
    let from = 0;
    for (let end = MIN_LENGTH; end <= text.length; end++) {
      const candidates = this.#byEnd.get(text.slice(end - MIN_LENGTH, end));
      if (candidates === undefined) continue;
      const secret = longestAt(candidates, text, from, end);
      if (secret === undefined) continue;
      clean += `${text.slice(from, end - secret.length)}[redacted]`;
      from = end;
      end += MIN_LENGTH - 1;
    }
    const rest = from === 0 ? text : clean + text.slice(from);
    return this.#short.size === 0 ? rest : withoutWords(rest, this.#short);
  }

  /**
   * Scrubs an error or stream part in place and returns it: the same object, so that identity
   * and hidden markers survive. Replaced by a clean copy is only what is frozen, and what an
   * error holds of the caller's own (the prompt, a tool's schema): that stays as it is.
   */
  value<T>(value: T): T {
    if (this.#byEnd.size === 0 && this.#short.size === 0) return value;
    try {
      return this.#walk(value, new Map(), 0, true) as T;
    } catch {
      // A hostile value (a revoked proxy) must not replace the failure itself.
      return value;
    }
  }

  #walk(value: unknown, seen: Map<object, unknown>, depth: number, inPlace: boolean): unknown {
    if (typeof value === 'string') return this.text(value);
    if (typeof value !== 'object' || value === null || depth > 12) return value;
    const known = seen.get(value);
    if (known !== undefined) return known;
    seen.set(value, value);
    if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value)) return value;
    if (value instanceof URL) return this.#url(value);
    let target = value as Record<PropertyKey, unknown>;
    for (const name of Reflect.ownKeys(value)) {
      try {
        const property = Reflect.getOwnPropertyDescriptor(target, name);
        if (property === undefined) continue;
        const before: unknown =
          'value' in property ? property.value : name === 'stack' ? target[name] : undefined;
        const after = this.#walk(before, seen, depth + 1, inPlace && !OF_THE_CALLER.has(name));
        if (Object.is(before, after)) continue;
        if (inPlace && replace(target, name, property, after)) continue;
        if (target === value) {
          target = copy(value);
          seen.set(value, target);
        }
        replace(target, name, Reflect.getOwnPropertyDescriptor(target, name) ?? property, after);
      } catch {
        // One hostile property must not keep the others from being scrubbed.
      }
    }
    return target;
  }

  #url(url: URL): URL {
    const clean = this.text(url.href);
    return clean === url.href ? url : new URL(clean);
  }
}

function longestAt(
  candidates: readonly string[],
  text: string,
  from: number,
  end: number,
): string | undefined {
  let longest: string | undefined;
  for (const secret of candidates) {
    if (secret.length > (longest?.length ?? 0) && end - secret.length >= from) {
      if (text.startsWith(secret, end - secret.length)) longest = secret;
    }
  }
  return longest;
}

/** Short secrets would hit ordinary words, so they count only as whole words. */
function withoutWords(text: string, secrets: ReadonlySet<string>): string {
  let clean = text;
  for (const secret of secrets) {
    if (!clean.includes(secret)) continue;
    const escaped = secret.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    clean = clean.replaceAll(new RegExp(`(?<![\\w-])${escaped}(?![\\w-])`, 'g'), '[redacted]');
  }
  return clean;
}

function replace(
  target: object,
  name: PropertyKey,
  property: PropertyDescriptor,
  value: unknown,
): boolean {
  if (property.configurable !== true && property.writable !== true) return false;
  return Reflect.defineProperty(target, name, {
    value,
    enumerable: property.enumerable ?? false,
    configurable: property.configurable ?? false,
    writable: true,
  });
}

/** A copy that can be written: of its own properties, hidden ones too, and of its kind. */
function copy(value: object): Record<PropertyKey, unknown> {
  if (Array.isArray(value)) return [...value] as unknown as Record<PropertyKey, unknown>;
  const made = Object.create(Reflect.getPrototypeOf(value)) as Record<PropertyKey, unknown>;
  for (const name of Reflect.ownKeys(value)) {
    const property = Reflect.getOwnPropertyDescriptor(value, name);
    if (property === undefined) continue;
    const writable = 'value' in property ? { writable: true } : {};
    Object.defineProperty(made, name, { ...property, ...writable, configurable: true });
  }
  return made;
}
