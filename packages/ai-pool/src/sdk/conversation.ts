import type { CallRequest } from '../call/call.ts';
import { familyOf } from '../failure/family.ts';
import { readText } from '../failure/read.ts';
import { hashOf } from '../scheduling/affinity.ts';
import type { Key, Provider, Route, Target } from '../scheduling/targets.ts';

/** A part of a prompt, of a result or of a stream, as far as a conversation looks at it. */
interface Part {
  readonly type?: unknown;
  readonly providerExecuted?: unknown;
  readonly data?: unknown;
  readonly providerOptions?: Options | undefined;
  readonly providerMetadata?: Options | undefined;
}

type Options = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

interface Message {
  readonly role: string;
  readonly content: unknown;
}

const hex = (text: string): string => hashOf(text).toString(16).padStart(8, '0');

/**
 * Who made a part, as it comes back with the next step's prompt: hashes of names and no name,
 * since parts reach browsers. The same in every process with the same configuration.
 */
function tagOf({ ref }: Target): string {
  return hex(ref.provider) + hex(ref.model) + hex(ref.key);
}

/** What has no words but effects, or belongs to whoever made it. */
const WHOLE: ReadonlySet<unknown> = /* @__PURE__ */ new Set([
  'reasoning-start',
  'reasoning',
  'tool-call',
  'tool-result',
  'tool-approval-request',
  'file',
  'reasoning-file',
  'source',
]);
/** What is about the answer and not of it. */
const NOT_OF_IT: ReadonlySet<unknown> = /* @__PURE__ */ new Set([
  'finish',
  'response-metadata',
  'stream-start',
  'raw',
  'error',
]);

/** Whether a part needs its maker on it: of a plain text its provider remembers nothing. */
function isTraceable(part: object): boolean {
  const { type, providerMetadata } = part as Part;
  // Mostly it is a text.
  if (type === 'text' && providerMetadata === undefined) return false;
  return providerMetadata === undefined ? WHOLE.has(type) : !NOT_OF_IT.has(type);
}

/** The part with its maker on it. */
export function tagged<P extends object>(part: P, target: Target): P {
  if (!isTraceable(part)) return part;
  const { providerMetadata } = part as Part;
  const pool = { ...providerMetadata?.['pool'], from: tagOf(target) };
  return { ...part, providerMetadata: { ...providerMetadata, pool } };
}

/** The result with its maker on every part that needs it; mostly none does. */
export function taggedResult<R extends { readonly content?: readonly object[] }>(
  result: R,
  target: Target,
): R {
  const { content } = result;
  if (!Array.isArray(content)) return result;
  if (!content.some(isTraceable)) return result;
  return { ...result, content: content.map((each: object) => tagged(each, target)) };
}

/** Whose the last tagged part of a prompt is, and whether the prompt waits inside a tool loop. */
export interface Conversation {
  readonly from: string;
  readonly isInLoop: boolean;
}

const originOf = (part: unknown): string | undefined => {
  const from = (part as Part | null | undefined)?.providerOptions?.['pool']?.['from'];
  return typeof from === 'string' ? from : undefined;
};

function* partsOf(prompt: unknown): Generator<Part> {
  if (!Array.isArray(prompt)) return;
  for (const { content } of prompt as Message[]) {
    if (Array.isArray(content)) yield* content as Part[];
  }
}

export function readConversation(prompt: unknown): Conversation | undefined {
  if (!Array.isArray(prompt)) return undefined;
  const messages = prompt as readonly Message[];
  for (let i = messages.length - 1; i >= 0; i--) {
    const content = messages[i]?.content;
    if (!Array.isArray(content)) continue;
    for (let j = content.length - 1; j >= 0; j--) {
      const from = originOf(content[j]);
      if (from !== undefined) return { from, isInLoop: messages.at(-1)?.role === 'tool' };
    }
  }
  return undefined;
}

/** What a tag means, as far as the configuration still has it: its route, and perhaps its key. */
function madeBy(
  from: string,
  providers: readonly Provider[],
): { readonly route: Route; readonly key: Key | undefined } | undefined {
  const provider = providers.find(({ name }) => from.startsWith(hex(name)));
  const route = provider?.routes.find(({ model }) => from.slice(8, 16) === hex(model));
  if (provider === undefined || route === undefined) return undefined;
  const hash = Number.parseInt(from.slice(16), 16);
  for (const key of provider.keys.values()) if (key.hash === hash) return { route, key };
  return { route, key: undefined };
}

/**
 * A call that goes on with what somebody else began goes there again while it is open: inside a
 * tool loop in any case, at a new turn only within the provider that comes first anyway.
 */
export function inConversation(
  request: CallRequest,
  { from, isInLoop }: Conversation,
  providers: readonly Provider[],
  isOrdered: boolean,
): CallRequest {
  const made = madeBy(from, providers);
  const { routes } = request;
  if (made?.key === undefined) return request;
  const { route, key } = made;
  if (!isInLoop || isOrdered || !routes.includes(route)) {
    return routes[0]?.provider === route.provider ? { ...request, prefer: key } : request;
  }
  const others = routes.filter(each => each !== route);
  return { ...request, prefer: key, routes: [route, ...others] };
}

/** The items of OpenAI's that only the account knows that made them. */
const REFERENCES = ['itemId', 'reasoningEncryptedContent'];

const hasReference = ({ providerOptions: options }: Part): boolean =>
  REFERENCES.some(name => (options?.['openai'] ?? options?.['azure'])?.[name] !== undefined);

/** Whether a prompt refers to what only its provider's account has. */
export function hasReferences(prompt: unknown): boolean {
  for (const part of partsOf(prompt)) if (hasReference(part)) return true;
  return false;
}

/** What a provider says of an item that another account has made. */
export function isUnknownItem(error: unknown): boolean {
  const said = `${readText(error, 'message')} ${readText(error, 'responseBody')}`.slice(0, 8192);
  return /invalid_encrypted_content|items? with id\b[^.]{0,100}not found/i.test(said);
}

const isReasoning = ({ type }: Part): boolean =>
  type === 'reasoning' || type === 'redacted-reasoning';

/** How far a part is from home at a target. */
interface Distance {
  /** Another provider, or another of its accounts. */
  readonly isAbroad: boolean;
  readonly isOtherModel: boolean;
  readonly isOtherProvider: boolean;
}

const HOME: Distance = { isAbroad: false, isOtherModel: false, isOtherProvider: false };

function distance(from: string, to: Target, providers: readonly Provider[]): Distance {
  const made = madeBy(from, providers);
  // What is unknown counts as untagged: who makes a tag up shall change nothing by it.
  if (made === undefined) return HOME;
  const { route, key = to.key } = made;
  const isOtherProvider = route.provider !== to.route.provider;
  const isSameAccount =
    key === to.key || (key.account !== undefined && key.account === to.key.account);
  return {
    isAbroad: isOtherProvider || !isSameAccount,
    isOtherModel: route !== to.route,
    isOtherProvider,
  };
}

/** What is left of a part at a target; undefined where nothing of it can travel. */
function travelled(part: Part, { isAbroad, isOtherModel, isOtherProvider }: Distance): unknown {
  const { pool: _, ...options } = part.providerOptions ?? {};
  // What a provider did by itself, and files that it keeps, mean nothing to another.
  const isKept = (part.data as { type?: unknown } | undefined)?.type === 'reference';
  if (isOtherProvider && (part.providerExecuted === true || isKept)) return undefined;
  if (isAbroad && isReasoning(part) && hasReference(part)) return undefined;
  const signed = options['anthropic'];
  if (
    isOtherModel &&
    isReasoning(part) &&
    (signed?.['signature'] ?? signed?.['redactedData']) !== undefined
  ) {
    return undefined;
  }
  const kept: Record<string, unknown> = { ...options };
  const drop = (name: string, fields: readonly string[]): void => {
    const own = options[name];
    if (own === undefined) return;
    kept[name] = Object.fromEntries(
      Object.entries(own).filter(([field]) => !fields.includes(field)),
    );
  };
  if (isAbroad) for (const name of ['openai', 'azure']) drop(name, REFERENCES);
  if (isOtherModel) for (const name of ['google', 'vertex']) drop(name, ['thoughtSignature']);
  return { ...part, providerOptions: kept };
}

/**
 * The prompt as a target may see it: without the pool's tags, and without what cannot travel to
 * it. What nobody has tagged is sent as it is, unless everything is `stripped`.
 */
export function promptFor(
  prompt: unknown,
  to: Target,
  providers: readonly Provider[],
  stripped: boolean,
): unknown {
  if (!Array.isArray(prompt)) return prompt;
  const abroad: Distance = { ...HOME, isAbroad: true };
  return (prompt as readonly Message[]).flatMap(message => {
    const { content } = message;
    if (!Array.isArray(content)) return [message];
    const parts = (content as readonly Part[]).flatMap(part => {
      const from = originOf(part);
      if (from === undefined && !stripped) return [part];
      const own = from === undefined || stripped ? abroad : distance(from, to, providers);
      const left = travelled(part, own);
      return left === undefined ? [] : [left];
    });
    // A message of nothing but what stayed behind is none.
    return parts.length === 0 && content.length > 0 ? [] : [{ ...message, content: parts }];
  });
}

/**
 * V1 has no metadata on parts: among several providers its reasoning goes to whoever signs it, and
 * to nobody else.
 */
export function promptOfV1(
  prompt: unknown,
  { route }: Target,
  providers: readonly Provider[],
): unknown {
  const isHome = providers.length < 2 || familyOf(route.provider.family) === 'anthropic';
  if (isHome || !Array.isArray(prompt)) return prompt;
  const hasAny = [...partsOf(prompt)].some(isReasoning);
  if (!hasAny) return prompt;
  return (prompt as readonly Message[]).map(message =>
    Array.isArray(message.content)
      ? { ...message, content: (message.content as Part[]).filter(part => !isReasoning(part)) }
      : message,
  );
}
