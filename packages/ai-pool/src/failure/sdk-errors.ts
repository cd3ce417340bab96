import {
  auth,
  badRequest,
  badResponse,
  modelNotFound,
  tooLarge,
  unknown,
  unsupported,
  type Outcome,
} from './outcomes.ts';

/** Errors that the AI SDK makes on this side of the wire, by name. */
const byName: readonly (readonly [RegExp, Outcome])[] = [
  [/^Load/, auth],
  [/^Unsupported|Reference/, unsupported],
  [/^TooMany/, tooLarge],
  [/^NoSuch(Model|Provider)/, modelNotFound],
  [/^(JSON|TypeV|Empty|InvalidR|No\w+Generated)/, badResponse],
  // InvalidPrompt, InvalidArgument, InvalidMessageRole, MessageConversion, Download, NoSuchTool, …
  [/^(Invalid|Message|Download|NoSuch)/, badRequest],
];

/** Errors of the language: somebody's bug, no news about a provider. */
const bug = /^(Type|Reference|Range|Eval|URI)Error$/;

export function byErrorName(name: string): Outcome | undefined {
  if (bug.test(name)) return unknown;
  if (name === 'SyntaxError') return badResponse;
  if (!name.startsWith('AI_')) return undefined;
  const plain = name.slice(3);
  return byName.find(([pattern]) => pattern.test(plain))?.[1];
}
