import type { Member } from './member.ts';

type UrlPatterns = Record<string, RegExp[]>;

/**
 * The URLs that every member can fetch itself: a pattern stays only where each member has an
 * equal one. Anything else the SDK downloads and inlines, which is right for all. Never rejects:
 * a rejection would fail the call before it reaches any member.
 */
export function sharedUrls(members: readonly Member[]): UrlPatterns | Promise<UrlPatterns> {
  const all = members.map(patternsOf);
  return all.some(each => each instanceof Promise)
    ? Promise.all(all.map(async each => each)).then(intersection)
    : intersection(all as UrlPatterns[]);
}

function patternsOf(member: Member): UrlPatterns | Promise<UrlPatterns> {
  try {
    const urls = member.supportedUrls as { then?: unknown } | null | undefined;
    return typeof urls?.then === 'function'
      ? Promise.resolve(urls).then(asPatterns, () => ({}))
      : asPatterns(urls);
  } catch {
    return {};
  }
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
