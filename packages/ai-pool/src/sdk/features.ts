import { read } from '../failure/read.ts';
import type { CallOptions } from './generation.ts';

/** What every call has: it is no news that a model does not support it. */
const NOT_FEATURES: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'prompt',
  'inputFormat',
  'abortSignal',
  'headers',
  'seed',
  'includeRawChunks',
]);

interface Part {
  readonly type?: unknown;
  readonly mediaType?: unknown;
  readonly mimeType?: unknown;
}

/**
 * What a call asks of a model beside text in and text out, a name and mostly a value each:
 * `temperature=0.2`, `tools`, `image`, `stream`. A model that refuses one of them refuses every
 * call that asks for it.
 */
export function featuresOf(options: CallOptions, isStream: boolean): readonly string[] {
  const features = new Set<string>(isStream ? ['stream'] : []);
  const add = (name: string, value: unknown): void => {
    if (value === undefined || value === null) return;
    if (name === 'tools' && Array.isArray(value)) {
      for (const { type, id } of value as { type?: unknown; id?: unknown }[]) {
        features.add(type === 'function' ? 'tools' : `tools ${String(id)}`);
      }
    } else if (/^(tool_?choice|responseformat)$/i.test(name)) {
      features.add(`${name}=${String((value as Part).type)}`);
    } else if (name === 'mode') {
      // V1 keeps its tools and its output format in there.
      for (const [inner, setting] of Object.entries(value)) add(inner, setting);
    } else if (/^provider(options|metadata)$/i.test(name)) {
      for (const [provider, settings] of Object.entries(value)) {
        if (provider === 'pool') continue;
        for (const [inner, setting] of Object.entries(settings as object)) {
          add(`${provider}.${inner}`, setting);
        }
      }
    } else features.add(`${name}=${JSON.stringify(value).slice(0, 200)}`);
  };
  for (const [name, value] of Object.entries(options)) {
    if (!NOT_FEATURES.has(name)) add(name, value);
  }
  const messages = Array.isArray(options.prompt) ? options.prompt : [];
  for (const { role, content } of messages as { role?: unknown; content?: unknown }[]) {
    if (role === 'system') features.add('system');
    if (!Array.isArray(content)) continue;
    for (const { type, mediaType, mimeType } of content as Part[]) {
      if (type === 'image') features.add('image');
      if (type === 'file') features.add(String(mediaType ?? mimeType).split('/')[0] ?? '');
    }
  }
  const last = messages.at(-1) as { role?: unknown } | undefined;
  if (last?.role === 'assistant') features.add('prefill');
  return [...features];
}

/** In one spelling: providers write `top_p` for `topP`. */
const plain = (text: unknown): string =>
  typeof text === 'string' ? text.slice(0, 8192).toLowerCase().replaceAll(/[_-]/g, '') : '';

/** Those that a refusal names; all where it names none, since it may mean any. */
export function namedIn(error: unknown, features: readonly string[]): readonly string[] {
  const said = plain(read(error, 'responseBody')) + plain(read(error, 'message'));
  const named = features.filter(feature =>
    said.includes(plain(/[^.=]+(?==|$)/.exec(feature.split(' ')[0] ?? '')?.[0])),
  );
  return named.length > 0 ? named : features;
}
