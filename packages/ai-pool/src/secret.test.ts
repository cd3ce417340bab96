import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Scrubber } from './secret.ts';

function scrubber(...secrets: string[]): Scrubber {
  const made = new Scrubber();
  for (const secret of secrets) made.add(secret);
  return made;
}

describe('text', () => {
  it('takes whole secrets out, wherever they stand', () => {
    const clean = scrubber('sk-proj-abcdefgh', 'sk-proj-zyxwvuts');
    expect(clean.text('a sk-proj-abcdefgh b sk-proj-zyxwvuts')).toBe('a [redacted] b [redacted]');
    expect(clean.text('sk-proj-abcdefghsk-proj-zyxwvuts')).toBe('[redacted][redacted]');
    expect(clean.text('sk-proj-abcdefg')).toBe('sk-proj-abcdefg');
  });

  it('prefers the longest of secrets that end alike', () => {
    expect(scrubber('abcdefgh', 'xx-abcdefgh').text('xx-abcdefgh')).toBe('[redacted]');
  });

  it('knows them URL-encoded', () => {
    expect(scrubber('p@ss/word+long').text('?key=p%40ss%2Fword%2Blong&x')).toBe(
      '?key=[redacted]&x',
    );
  });

  it('takes short secrets only as whole words', () => {
    expect(scrubber('test').text('a test of contests')).toBe('a [redacted] of contests');
  });

  it('property: no registered secret is left, other text stays', () => {
    const secret = fc.string({ minLength: 24, maxLength: 60 });
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 5 }),
        fc.array(fc.string()),
        (keys, texts) => {
          const clean = scrubber(...keys);
          const planted = texts.flatMap((text, i) => [text, keys[i % keys.length] ?? '']).join('');
          const out = clean.text(planted);
          for (const key of keys) expect(out).not.toContain(key);
          const innocent = 'nothing of the kind stands here';
          expect(clean.text(innocent)).toBe(innocent);
        },
      ),
    );
  });
});

describe('value', () => {
  const key = 'sk-live-0123456789abcdef';

  it('scrubs an error in place, through causes, headers and hidden fields', () => {
    const cause = Object.assign(new Error(`cause ${key}`), { url: `https://x/?key=${key}` });
    const error = Object.assign(new Error(`message ${key}`, { cause }), {
      responseHeaders: { 'x-echo': key },
      list: [{ deep: key }],
    });
    Object.defineProperty(error, 'hidden', { value: key, configurable: true });
    const marker = Symbol('marker');
    Object.defineProperty(error, marker, { value: true });
    expect(scrubber(key).value(error)).toBe(error);
    expect(error.cause).toBe(cause);
    expect(Reflect.get(error, marker)).toBe(true);
    const shown = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true });
    expect(shown).not.toContain(key);
    expect(JSON.stringify(error)).not.toContain(key);
    expect(error.stack).not.toContain(key);
  });

  it('copies only what is frozen', () => {
    const frozen = Object.freeze({ text: key, other: 1 });
    const holder = { frozen };
    const out = scrubber(key).value(holder);
    expect(out).toBe(holder);
    expect(out.frozen).toEqual({ text: '[redacted]', other: 1 });
  });

  it('survives cycles, throwing getters and revoked proxies', () => {
    const cyclic: Record<string, unknown> = { key };
    cyclic['self'] = cyclic;
    Object.defineProperty(cyclic, 'bad', {
      get() {
        throw new Error('no');
      },
    });
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(scrubber(key).value(cyclic)['key']).toBe('[redacted]');
    expect(() => scrubber(key).value({ proxy })).not.toThrow();
  });

  it('leaves primitives alone and cleans strings', () => {
    expect(scrubber(key).value(`x ${key}`)).toBe('x [redacted]');
    expect(scrubber(key).value(undefined)).toBeUndefined();
  });

  it('leaves what the caller passed as it is, and shows a clean copy of it', () => {
    const schema = { enum: [key, 'basic'] };
    const error = Object.assign(new Error('no'), { requestBodyValues: { tools: [schema] } });
    scrubber(key).value(error);
    expect(schema.enum).toEqual([key, 'basic']);
    expect(error.requestBodyValues).toEqual({ tools: [{ enum: ['[redacted]', 'basic'] }] });
  });

  it('goes on after a hostile property', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const error = Object.assign(new Error('no'), { broken: proxy, responseBody: `x ${key}` });
    expect(scrubber(key).value(error).responseBody).toBe('x [redacted]');
  });
});

/** Every run of 8 characters that is not wholly inside of the public prefix. */
const forbidden = (secret: string, prefix: string): string[] =>
  Array.from({ length: secret.length - 7 }, (_, at) => at)
    .filter(at => at + 8 > prefix.length)
    .map(at => secret.slice(at, at + 8));

describe('parts of the secrets that were used', () => {
  const key = 'sk-ant-api03-AbCdEfGh0123456789xyz';

  it('go from 8 characters on, but not inside of a public prefix', () => {
    const out = (text: string): string => scrubber(key).value(text, [key]);
    expect(out('Incorrect API key: sk-ant-api03-AbCd****89xyz')).toBe(
      'Incorrect API key: sk-ant[redacted]****89xyz',
    );
    expect(out('keys begin with sk-ant-api03-')).toBe('keys begin with sk-ant-api03-');
    expect(out('ends with 456789xyz.')).toBe('ends with [redacted].');
    expect(out('ends with 6789xyz.')).toBe('ends with 6789xyz.');
    expect(scrubber(key).value('ends with 456789xyz.')).toBe('ends with 456789xyz.');
  });

  it('go from maps, sets and headers too', () => {
    const held = {
      map: new Map([['a', key]]),
      set: new Set([key, 'b']),
      headers: new Headers({ echo: `x ${key}`, other: 'y' }),
    };
    expect(scrubber(key).value(held, [key])).toBe(held);
    expect([...held.map, ...held.set, ...held.headers].flat()).toEqual([
      'a',
      '[redacted]',
      '[redacted]',
      'b',
      'echo',
      'x [redacted]',
      'other',
      'y',
    ]);
  });

  it('of a JSON credential are its long values, not its addresses', () => {
    const secret = JSON.stringify({
      type: 'service_account',
      token_uri: 'https://oauth2.googleapis.com/token/of/any/account',
      private_key: `-----BEGIN-----${'Ab3'.repeat(20)}`,
    });
    const text = 'https://oauth2.googleapis.com/ refused service_account Ab3Ab3Ab3';
    expect(scrubber(secret).value(text, [secret])).toBe(
      'https://oauth2.googleapis.com/ refused service_account [redacted]',
    );
  });

  /** What a hostile provider may do with a key before it repeats it. */
  const shapes = fc.constantFrom<(key: string) => string>(
    each => each,
    each => `Bearer ${each}.`,
    each => `${each.slice(0, 12)}****${each.slice(-8)}`,
    each => `?key=${encodeURIComponent(each)}&alt=sse`,
    each => JSON.stringify({ error: { message: `bad key ${each}` } }),
    each => each.slice(5, 20),
  );
  const prefixes = fc.constantFrom('', 'sk-proj-', 'sk-ant-api03-', 'sk-or-v1-', 'AIza');
  const bodies = fc.stringMatching(/^[\w\-+/=.]{24,60}$/);

  it('property: none is left anywhere in an error, and other text stays', () => {
    fc.assert(
      fc.property(prefixes, bodies, shapes, shapes, fc.lorem(), (prefix, body, one, two, words) => {
        const secret = prefix + body;
        const cause = Object.assign(new Error(two(secret)), { code: words });
        const error = Object.assign(new Error(`${words} ${one(secret)}`, { cause }), {
          url: `https://x/?key=${secret}`,
          responseHeaders: { 'x-echo': one(secret), kept: words },
          responseBody: one(secret),
          data: { error: { list: [two(secret), { deep: one(secret) }] } },
          map: new Map([['k', two(secret)]]),
          frozen: Object.freeze({ text: one(secret) }),
        });
        Object.defineProperty(error, 'hidden', { value: two(secret), configurable: true });
        const out = scrubber(secret).value(error, [secret]);
        const shown = [
          inspect(out, { depth: Number.POSITIVE_INFINITY, showHidden: true }),
          JSON.stringify(out),
          String(out),
          out.stack ?? '',
          cause.stack ?? '',
          inspect(structuredClone(out.data)),
        ].join('\n');
        expect(forbidden(secret, prefix).filter(run => shown.includes(run))).toEqual([]);
        expect(out).toBe(error);
        expect(cause.code).toBe(words);
        expect(out.responseHeaders.kept).toBe(words);
      }),
      { numRuns: 300 },
    );
  });
});
