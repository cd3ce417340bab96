import type { Member } from './member.ts';

type UrlPatterns = Record<string, RegExp[]>;

/**
 * The URLs that every member can fetch itself: a pattern stays only where each member has an
 * equal one. Anything else the SDK downloads and inlines, which is right for all. Never rejects:
 * a rejection would fail the call before it reaches any member.
 */
export function sharedUrls(members: readonly Member[]): UrlPatterns | Promise<UrlPatterns> {
  const known: UrlPatterns[] = [];
  const promised: Promise<UrlPatterns>[] = [];
  for (const member of members) {
    const patterns = patternsOf(member);
    if (patterns instanceof Promise) promised.push(patterns);
    else known.push(patterns);
  }
  if (promised.length === 0) return intersection(known);
  return Promise.all(promised).then(
    late => intersection([...known, ...late]),
    () => ({}),
  );
}

function patternsOf(member: Member): UrlPatterns | Promise<UrlPatterns> {
  try {
    const urls = member.supportedUrls;
    if (isPromise(urls)) return Promise.resolve(urls).then(asPatterns, () => ({}));
    return asPatterns(urls);
  } catch {
    return {};
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

function asPatterns(value: unknown): UrlPatterns {
  if (typeof value !== 'object' || value === null) return {};
  const patterns: UrlPatterns = {};
  for (const [mediaType, list] of Object.entries(value)) {
    if (Array.isArray(list)) patterns[mediaType] = list.filter(each => each instanceof RegExp);
  }
  return patterns;
}

function intersection(all: readonly UrlPatterns[]): UrlPatterns {
  const [first = {}, ...others] = all;
  const shared: UrlPatterns = {};
  for (const [mediaType, patterns] of Object.entries(first)) {
    const kept = patterns.filter(pattern =>
      others.every(other =>
        (other[mediaType] ?? []).some(each => String(each) === String(pattern)),
      ),
    );
    if (kept.length > 0) shared[mediaType] = kept;
  }
  return shared;
}

/** The four members that V1's SDK reads from a model before it calls it. */
export interface V1Capabilities {
  readonly defaultObjectGenerationMode: string | undefined;
  readonly supportsImageUrls: boolean;
  readonly supportsStructuredOutputs: boolean;
  supportsUrl(url: URL): boolean;
}

export function v1Capabilities(members: readonly Member[]): V1Capabilities {
  const [first] = members;
  return {
    defaultObjectGenerationMode: first?.defaultObjectGenerationMode,
    supportsImageUrls: members.every(member => member.supportsImageUrls !== false),
    supportsStructuredOutputs: members.every(member => member.supportsStructuredOutputs === true),
    supportsUrl: url => members.every(member => member.supportsUrl?.(url) ?? false),
  };
}
