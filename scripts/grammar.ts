/**
 * The TextMate grammar of the language, out of the tables of its forms and functions: `packages/rtfs/editors/`, as JSON for VS Code
 * and the web, as a property list for Sublime Text.
 */
import { languageNames } from '../packages/rtfs/src/machine/language-names.ts';

type Rule = { readonly [key: string]: string | readonly Rule[] | { readonly [key: string]: Rule } };

/** What ends a token (R1.5), and what cannot stand before one. */
const END = '(?=$|[\\s,()\\[\\]{}";@~`])';
const BEGIN = '(?<![^\\s,()\\[\\]{}"\'`~@^])';
const NAME = "[\\p{L}_$+\\-*/=<>!?%&.](?:[\\p{L}0-9_$+\\-*/=<>!?%&.'#]|:v[0-9.]+(?=/))*";

/** Names as one expression, longest first. */
function anyOf(names: readonly string[]): string {
  const escaped = names.toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1));
  return `(?:${escaped.map((name) => name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|')})`;
}

const token = (name: string, match: string): Rule => ({ name: `${name}.rtfs`, match });
const captures = (...names: readonly string[]): { readonly [key: string]: Rule } =>
  Object.fromEntries(names.flatMap((name, i) => (name === '' ? [] : [[String(i + 1), { name: `${name}.rtfs` }]])));
const include = (...names: readonly string[]): Rule[] => names.map((name) => ({ include: `#${name}` }));

/** A head of a list, with its bracket, and the name that it defines. */
function definition(heads: readonly string[], name: string): Rule {
  return {
    match: `(#?\\()\\s*(${anyOf(heads)})${END}(?:\\s+(\\^\\{[^}]*\\}\\s*)?(${NAME}))?`,
    captures: {
      ...captures('punctuation.section.list.begin', 'storage.type', '', name),
      '3': { patterns: include('string', 'number', 'constant', 'keyword', 'bracket', 'prefix') },
    },
  };
}

function head(names: readonly string[], name: string): Rule {
  return {
    match: `(#?\\()\\s*(${anyOf(names)})${END}`,
    captures: captures('punctuation.section.list.begin', name),
  };
}

/** A discarded form between brackets: all of it is a comment, brackets inside included. */
function discarded(open: string, close: string): Rule {
  const nested: Rule = { begin: open, end: close, patterns: include('discard-inside') };
  return {
    name: 'comment.block.discard.rtfs',
    begin: `#_\\s*${open}`,
    end: close,
    patterns: [nested, ...include('discard-inside')],
  };
}

const NUMBER: readonly Rule[] = [
  token('constant.other.timestamp', `${BEGIN}\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:[._]\\d{3})?Z${END}`),
  token('constant.other.uuid', `${BEGIN}[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}${END}`),
  token('constant.numeric.float', `${BEGIN}[+-]?[0-9]+(?:\\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)${END}`),
  token('constant.numeric.hex', `${BEGIN}[+-]?0x[0-9A-Fa-f]+${END}`),
  token('constant.numeric.integer', `${BEGIN}[+-]?[0-9]+${END}`),
  token('constant.numeric.float', `##(?:-?Inf|NaN)${END}`),
  token('invalid.illegal.number', `${BEGIN}[+-]?[0-9][^\\s,()\\[\\]{}";@~\`]*`),
];

const LIST: readonly Rule[] = [
  definition(['defn', 'defn-', 'defmacro'], 'entity.name.function'),
  definition(['deftype', 'defstruct'], 'entity.name.type'),
  definition(['def'], 'variable.other.definition'),
  definition(['module', 'import'], 'entity.name.namespace'),
  definition(['step'], ''),
  head(languageNames('form'), 'keyword.control'),
  head(languageNames('effect'), 'support.function.effect'),
  {
    match: `(#?\\()\\s*(${NAME})${END}`,
    captures: {
      '1': { name: 'punctuation.section.list.begin.rtfs' },
      '2': { patterns: [...include('library'), token('entity.name.function.call', NAME)] },
    },
  },
  token('punctuation.section.list.begin', '#?\\('),
  token('punctuation.section.list.end', '\\)'),
];

const REPOSITORY: { readonly [key: string]: Rule } = {
  comment: {
    patterns: [
      token('comment.line.shebang', '\\A\\x{FEFF}?#!.*$'),
      token('comment.line.semicolon', ';.*$'),
      { include: '#block' },
      discarded('\\(', '\\)'),
      discarded('\\[', '\\]'),
      discarded('\\{', '\\}'),
      token('comment.block.discard', `#_\\s*(?=")`),
      token('comment.block.discard', `#_\\s*[^\\s,()\\[\\]{}";@~\`#]+`),
      token('comment.block.discard', '#_'),
    ],
  },
  block: { name: 'comment.block.rtfs', begin: '#\\|', end: '\\|#', patterns: include('block') },
  'discard-inside': {
    patterns: [
      ...include('string'),
      { begin: '\\(', end: '\\)', patterns: include('discard-inside') },
      { begin: '\\[', end: '\\]', patterns: include('discard-inside') },
      { begin: '\\{', end: '\\}', patterns: include('discard-inside') },
    ],
  },
  string: {
    patterns: [
      {
        name: 'string.regexp.rtfs',
        begin: '#"',
        end: '"',
        patterns: [
          token('constant.character.escape.regexp', '\\\\.'),
          {
            name: 'constant.other.character-class.regexp.rtfs',
            begin: '\\[',
            end: '\\]|(?=")',
            patterns: [token('constant.character.escape.regexp', '\\\\.')],
          },
          token('keyword.operator.quantifier.regexp', '[*+?|^$]|\\{[0-9,]+\\}'),
        ],
      },
      {
        name: 'string.quoted.double.rtfs',
        begin: '"',
        end: '"',
        patterns: [
          token('constant.character.escape', '\\\\(?:[ntrbf0\\\\"/]|u[0-9A-Fa-f]{4}|u\\{[0-9A-Fa-f]{1,6}\\})'),
          token('invalid.illegal.escape', '\\\\.'),
        ],
      },
    ],
  },
  number: { patterns: NUMBER },
  constant: {
    patterns: [
      token('constant.language', `${BEGIN}(?:nil|true|false)${END}`),
      token('string.unquoted.resource', `${BEGIN}resource://[^\\s,()\\[\\]{}";@~\`]*`),
    ],
  },
  annotation: {
    patterns: [
      {
        match: `(?<=[\\p{L}0-9_$+\\-*/=<>!?%&.'#\\]}])(:)\\s*(${NAME})?${END}`,
        captures: captures('punctuation.separator.annotation', 'storage.type.annotation'),
      },
      {
        match: `${BEGIN}(:)\\s+(${NAME})?`,
        captures: captures('punctuation.separator.annotation', 'storage.type.annotation'),
      },
      token('punctuation.separator.annotation', ':(?=[\\[{])'),
    ],
  },
  keyword: token('constant.other.keyword', `${BEGIN}:${NAME}`),
  list: { patterns: LIST },
  bracket: {
    patterns: [
      token('punctuation.section.vector.begin', '\\['),
      token('punctuation.section.vector.end', '\\]'),
      token('punctuation.section.set.begin', '#\\{'),
      token('punctuation.section.map.begin', '\\{'),
      token('punctuation.section.map.end', '\\}'),
    ],
  },
  library: token('support.function', `${BEGIN}${anyOf(languageNames('function'))}${END}`),
  parameter: {
    patterns: [
      token('variable.parameter.shorthand', `${BEGIN}%(?:[1-9]|1[0-9]|20|&)?${END}`),
      token('keyword.operator.rest', `${BEGIN}&${END}`),
    ],
  },
  symbol: token('variable.other', `${BEGIN}${NAME}`),
  prefix: token('keyword.operator.prefix', "~@|['`~@^]"),
};

/** The grammar as JSON. */
export function grammarJson(): string {
  return `${JSON.stringify(GRAMMAR, null, 2)}\n`;
}

const GRAMMAR: Rule = {
  name: 'RTFS',
  scopeName: 'source.rtfs',
  comment: 'Written by `npm run readme`; change scripts/grammar.ts, not this file.',
  fileTypes: ['rtfs'] as unknown as readonly Rule[],
  patterns: include(
    'comment',
    'string',
    'number',
    'constant',
    'annotation',
    'keyword',
    'list',
    'bracket',
    'parameter',
    'library',
    'symbol',
    'prefix',
  ),
  repository: REPOSITORY,
};

/** The grammar as a property list. */
export function grammarPlist(): string {
  const doctype =
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">';
  return `<?xml version="1.0" encoding="UTF-8"?>\n${doctype}\n<plist version="1.0">\n${plist(GRAMMAR, '')}\n</plist>\n`;
}

function plist(value: unknown, indent: string): string {
  const below = `${indent}  `;
  if (typeof value === 'string') return `${indent}<string>${escapeXml(value)}</string>`;
  if (Array.isArray(value))
    return [`${indent}<array>`, ...value.map((item) => plist(item, below)), `${indent}</array>`].join('\n');
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  return [
    `${indent}<dict>`,
    ...entries.map(([key, item]) => `${below}<key>${escapeXml(key)}</key>\n${plist(item, below)}`),
    `${indent}</dict>`,
  ].join('\n');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
