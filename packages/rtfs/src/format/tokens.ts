/**
 * The tokens of a text that reads without an error, comments among them. It knows where a token ends and nothing of what it
 * means: that is the reader's, which has read the text before.
 */
import { startsName } from '../values/names.ts';
import { isBoundary, isSpace } from '../reader/source.ts';

/** `name` is whatever ends at a boundary; `text` a string or regex; `line` and `block` are comments. */
export type TokenKind = 'open' | 'close' | 'prefix' | 'name' | 'text' | 'line' | 'block';

/** A token as written (a line comment without the space at its end), and what stood before it. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** How many lines end between the token before and this one. */
  readonly lines: number;
  /** Whether white space stands before it. */
  readonly spaced: boolean;
}

/** The tokens of `text` from `from` on. */
export function tokensOf(text: string, from: number): Token[] {
  const tokens: Token[] = [];
  for (let at = from; ;) {
    let lines = 0;
    const begin = at;
    for (; isSpace(text.charCodeAt(at)); at++) if (text.charCodeAt(at) === 10) lines++;
    if (at >= text.length) return tokens;
    const kind = kindAt(text, at);
    const end = endOf(text, at, kind);
    const token = text.slice(at, end);
    tokens.push({ kind, text: kind === 'line' ? token.trimEnd() : token, lines, spaced: at > begin });
    at = end;
  }
}

function kindAt(text: string, at: number): TokenKind {
  switch (text[at]) {
    case '(':
    case '[':
    case '{':
      return 'open';
    case ')':
    case ']':
    case '}':
      return 'close';
    case '"':
      return 'text';
    case ';':
      return 'line';
    case "'":
    case '`':
    case '~':
    case '@':
    case '^':
      return 'prefix';
    case '#':
      return HASH[text[at + 1] ?? ''] ?? 'name';
    default:
      return 'name';
  }
}

const HASH: Readonly<Record<string, TokenKind>> = { '(': 'open', '{': 'open', '"': 'text', '|': 'block', _: 'prefix' };

function endOf(text: string, at: number, kind: TokenKind): number {
  const hash = text[at] === '#';
  switch (kind) {
    case 'open':
    case 'close':
      return at + (hash ? 2 : 1);
    case 'prefix':
      return at + (hash || text.startsWith('~@', at) ? 2 : 1);
    case 'text':
      return textEnd(text, at + (hash ? 2 : 1));
    case 'line': {
      const end = text.indexOf('\n', at);
      return end < 0 ? text.length : end;
    }
    case 'block':
      return blockEnd(text, at);
    case 'name':
      return nameEnd(text, at);
  }
}

/** Behind the quote that ends a string or regex; both escape it with a backslash (R1.9, R1.12). */
function textEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function blockEnd(text: string, from: number): number {
  let at = from + 2;
  for (let open = 1; open > 0 && at < text.length;) {
    if (text.startsWith('|#', at)) open--;
    else if (text.startsWith('#|', at)) open++;
    else {
      at++;
      continue;
    }
    at += 2;
  }
  return at;
}

/**
 * A name ends at a boundary, or behind a colon that no name follows: there a type begins (`x: int`, `x:[:vector int]`, R1.30). A
 * number, timestamp or handle has no annotation, so its colons are its own.
 */
function nameEnd(text: string, from: number): number {
  const typed = !/[0-9+-]/.test(text[from] as string) && !text.startsWith('resource://', from);
  let at = from;
  do at++;
  while (!isBoundary(text.charCodeAt(at)) && !(typed && colonEnds(text, at)));
  return at;
}

function colonEnds(text: string, at: number): boolean {
  return text.charCodeAt(at - 1) === 58 && !startsName(text.codePointAt(at) as number);
}
