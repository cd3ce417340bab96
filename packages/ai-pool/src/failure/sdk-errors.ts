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
  [/^Load(APIKey|Setting)/, auth],
  [/^Unsupported|^NoSuchProviderReference/, unsupported],
  [/^TooManyEmbeddingValues/, tooLarge],
  [
    /^Invalid(Prompt|Argument|MessageRole|DataContent|ToolInput)|^MessageConversion|^NoSuchTool/,
    badRequest,
  ],
  [/^Download/, badRequest],
  [/^NoSuch(Model|Provider)/, modelNotFound],
  [/^(JSONParse|TypeValidation|EmptyResponseBody|InvalidResponseData|No\w+Generated)/, badResponse],
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
