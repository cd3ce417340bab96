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

/** Errors that are made on this side of the wire, by name. */
const byName: readonly (readonly [RegExp, Outcome])[] = [
  // Of the language: somebody's bug, no news about a provider.
  [/^(Type|Reference|Range|Eval|URI)Error$/, unknown],
  [/^AI_Load/, auth],
  [/^AI_Unsupported|^AI_.*Reference/, unsupported],
  [/^AI_TooMany/, tooLarge],
  [/^AI_NoSuch(Model|Provider)/, modelNotFound],
  [/^(SyntaxError|AI_(JSON|TypeV|Empty|InvalidR|No\w+Generated))/, badResponse],
  // InvalidPrompt, InvalidArgument, InvalidMessageRole, MessageConversion, Download, NoSuchTool, …
  [/^AI_(Invalid|Message|Download|NoSuch)/, badRequest],
];

export const byErrorName = (name: string): Outcome | undefined =>
  byName.find(([says]) => says.test(name))?.[1];
