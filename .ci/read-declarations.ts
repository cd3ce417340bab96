/** An option, a field or one of several words, with what its doc comment says. */
export interface Member {
  readonly name: string;
  readonly optional: boolean;
  readonly type: string;
  /** The doc comment without its default. */
  readonly text: string;
  readonly fallback: string | undefined;
}

/** An exported interface or type alias. */
export interface Declaration {
  readonly name: string;
  readonly text: string;
  /** What an interface extends, or what a type alias stands for. */
  readonly type: string;
  readonly members: readonly Member[];
}

const DOC = String.raw`(?:/\*\*((?:(?!\*/)[\s\S])*)\*/\s*)?`;
const INTERFACE = new RegExp(
  String.raw`^${DOC}export interface (\w+)(?:<(.*)>)?(?: extends (.*))? \{\n([\s\S]*?)^\}$`,
  'gm',
);
const ALIAS = new RegExp(String.raw`^${DOC}export type (\w+)(?:<(.*)>)? =\s+([\s\S]*?);$`, 'gm');
const PROPERTY = new RegExp(
  String.raw`^  ${DOC}(?:readonly )?(\w+)(\??)(?:: |(?=\())((?:(?!;$)[\s\S])*);$`,
  'gm',
);
const WORD = new RegExp(String.raw`${DOC}\| '([\w-]+)'`, 'g');

/**
 * Reads the exported interfaces and type aliases of a formatted source file, each with its doc
 * comments. It knows the forms that stand in such files and refuses those that it does not.
 */
export function readDeclarations(source: string): readonly Declaration[] {
  const code = source.replaceAll(/^\s*\/\/.*\n/gm, '');
  const found = [
    ...Array.from(
      code.matchAll(INTERFACE),
      ([, doc, name = '', generics = '', base = '', body = '']) => ({
        name,
        text: textOf(doc),
        type: base,
        members: propertiesOf(body, name, generics),
      }),
    ),
    ...Array.from(code.matchAll(ALIAS), ([, doc, name = '', generics = '', type = '']) => ({
      name,
      text: textOf(doc),
      type: typeOf(type, generics),
      members: wordsOf(type),
    })),
  ];
  const expected = code.match(/^export (interface|type) /gm)?.length ?? 0;
  if (found.length !== expected) {
    throw new Error(`read ${found.length} of ${expected} declarations`);
  }
  return found;
}

function propertiesOf(body: string, owner: string, generics: string): readonly Member[] {
  const members = Array.from(
    body.matchAll(PROPERTY),
    ([, doc, name = '', mark, type = '']): Member => ({
      name,
      optional: mark === '?',
      type: typeOf(type, generics),
      ...splitDefault(textOf(doc)),
    }),
  );
  const expected = body.match(/^  (readonly )?(\w+)\??[:(]/gm)?.length ?? 0;
  if (members.length !== expected) {
    throw new Error(`${owner}: read ${members.length} of ${expected} members`);
  }
  return members;
}

/** The words of a union whose words have doc comments. */
function wordsOf(type: string): readonly Member[] {
  return Array.from(type.matchAll(WORD), ([, doc, word = '']): Member => ({
    name: `'${word}'`,
    optional: true,
    type: '',
    ...splitDefault(textOf(doc)),
  })).filter(({ text }) => text !== '');
}

/** A doc comment as one line, without its tags. */
function textOf(doc = ''): string {
  return doc
    .replaceAll(/^\s*\*? ?/gm, ' ')
    .replace(/\s@\w+[\s\S]*$/, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** A type as one line; where it is a parameter, what the parameter extends. */
function typeOf(type: string, generics: string): string {
  const [, parameter = '', base = ''] = /^(\w+) extends (\w+)/.exec(generics) ?? [];
  return type
    .replaceAll(/\/\*\*[\s\S]*?\*\//g, '')
    .replaceAll(/\breadonly (?=[\w(])/g, '')
    .replaceAll(/\s+/g, ' ')
    .replace(/^\| /, '')
    .replaceAll('( ', '(')
    .replaceAll(', )', ')')
    .replaceAll(/\b\w+\b/g, word => (word === parameter ? base : word))
    .trim();
}

/** Takes the sentence or the half sentence about the default out of a comment. */
function splitDefault(doc: string): { text: string; fallback: string | undefined } {
  const match = /(?:^|([.;]) )[Dd]efault:? (.+?)\.(?= |$)/.exec(doc);
  if (match === null) return { text: doc, fallback: undefined };
  const rest = doc.slice(match.index + match[0].length);
  const text = match.index === 0 ? rest.trim() : `${doc.slice(0, match.index)}.${rest}`;
  return { text, fallback: match[2] };
}
