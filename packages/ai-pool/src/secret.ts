const MIN_LENGTH = 8;
const REDACTED = '[redacted]';
const NONE: readonly string[] = [];

/** What everybody's keys of a kind begin with; of shorter beginnings no run is long enough. */
const PUBLIC_PREFIX = /^sk-(proj|svcacct|admin|ant-[a-z]+\d\d|or-v\d)-/;

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
  text(text: string, runs?: ReadonlySet<string>): string {
    const found: Span[] = [];
    for (let end = MIN_LENGTH; end <= text.length; end++) {
      const last = text.slice(end - MIN_LENGTH, end);
      let length = runs?.has(last) === true ? MIN_LENGTH : 0;
      for (const secret of this.#byEnd.get(last) ?? NONE) {
        if (text.endsWith(secret, end)) length = Math.max(length, secret.length);
      }
      if (length > 0) found.push([end - length, end]);
    }
    const clean = found.length === 0 ? text : without(text, found);
    return this.#short.size === 0 ? clean : withoutWords(clean, this.#short);
  }

  /**
   * Scrubs an error or stream part in place and returns it: the same object, so that identity
   * and hidden markers survive. Replaced by a clean copy is only what is frozen, and what an
   * error holds of the caller's own (the prompt, a tool's schema): that stays as it is.
   *
   * @param used secrets of which not even a part may stay: providers repeat keys half masked
   */
  value<T>(value: T, used?: Iterable<string>): T {
    if (this.#byEnd.size === 0 && this.#short.size === 0) return value;
    try {
      const runs = runsOf(used ?? []);
      return walk(value, text => this.text(text, runs), new Map(), true) as T;
    } catch {
      // A hostile value (a revoked proxy) must not replace the failure itself.
      return value;
    }
  }
}

/** Where something begins in a text, and where it ends. */
type Span = readonly [from: number, end: number];

type Clean = (text: string) => string;

function walk(value: unknown, clean: Clean, seen: Map<object, unknown>, inPlace: boolean): unknown {
  if (typeof value === 'string') return clean(value);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  seen.set(value, value);
  if (value instanceof URL) return cleanUrl(value, clean);
  // What keeps its content beside its properties: taken out and put in again.
  if (value instanceof Map || value instanceof Headers) {
    for (const [name, before] of value as Map<unknown, unknown>) {
      const after = walk(before, clean, seen, inPlace);
      if (after !== before) (value as Map<unknown, unknown>).set(name, after);
    }
  } else if (value instanceof Set) {
    const items = Array.from(value as Set<unknown>, item => walk(item, clean, seen, inPlace));
    value.clear();
    for (const item of items) value.add(item);
  }
  let target = value as Record<PropertyKey, unknown>;
  for (const name of Reflect.ownKeys(value)) {
    try {
      const property = Reflect.getOwnPropertyDescriptor(target, name);
      if (property === undefined) continue;
      const before: unknown =
        'value' in property ? property.value : name === 'stack' ? target[name] : undefined;
      const after = walk(before, clean, seen, inPlace && !OF_THE_CALLER.has(name));
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

function cleanUrl(url: URL, clean: Clean): URL {
  const href = clean(url.href);
  return href === url.href ? url : new URL(href);
}

/** Every run of so many characters of these secrets, but for those that all keys begin with. */
function runsOf(secrets: Iterable<string>): Set<string> {
  const runs = new Set<string>();
  for (const secret of secrets) {
    for (const part of partsOf(secret)) {
      for (const form of [part, encodeURIComponent(part)]) {
        const known = PUBLIC_PREFIX.exec(form)?.[0].length ?? 0;
        const first = Math.max(known - MIN_LENGTH + 1, 0);
        for (let end = first + MIN_LENGTH; end <= form.length; end++) {
          runs.add(form.slice(end - MIN_LENGTH, end));
        }
      }
    }
  }
  return runs;
}

/** Of a JSON credential, what is long and no address: the rest of it is in every one of its kind. */
function partsOf(secret: string): readonly string[] {
  if (!secret.startsWith('{')) return [secret];
  const values = secret.match(/"(?:[^"\\]|\\.){32,}"/g) ?? [];
  return values.map(value => value.slice(1, -1)).filter(value => !value.includes('://'));
}

/** The text with a sign in place of each span; of those that overlap, of all of them together. */
function without(text: string, spans: readonly Span[]): string {
  let clean = '';
  let at = 0;
  for (const [from, end] of spans.toSorted((a, b) => a[0] - b[0])) {
    if (from >= at) clean += text.slice(at, from) + REDACTED;
    at = Math.max(at, end);
  }
  return clean + text.slice(at);
}

/** Short secrets would hit ordinary words, so they count only as whole words. */
function withoutWords(text: string, secrets: ReadonlySet<string>): string {
  let clean = text;
  for (const secret of secrets) {
    if (!clean.includes(secret)) continue;
    const escaped = secret.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    clean = clean.replaceAll(new RegExp(`(?<![\\w-])${escaped}(?![\\w-])`, 'g'), REDACTED);
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
