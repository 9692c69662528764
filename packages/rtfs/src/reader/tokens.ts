/**
 * Tokens that end at a boundary: numbers, symbols, keywords, words, timestamps, uuids, handles (R1.5–R1.8,
 * R1.10–R1.18).
 */
import { Keyword } from '../values/kinds.ts';
import { colonInName, continuesName, startsName } from '../values/names.ts';
import { float, INT_MAX, INT_MIN } from '../values/numbers.ts';
import type { Form, LiteralForm } from './forms.ts';
import { isBoundary } from './source.ts';
import type { Source } from './source.ts';

const COLON = 58;

const TIMESTAMP = /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[._][0-9]{3})?Z/y;
const UUID = /[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}/y;
const INT = /^[+-]?(?:[0-9]+|0x[0-9A-Fa-f]+)$/;
const FLOAT = /^[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Whether a number begins at the position, or what was meant for one (`.5`). */
export function startsNumber(source: Source): boolean {
  const code = source.peek();
  if (isDigit(code)) return true;
  if (code !== 43 && code !== 45 && code !== 46) return false;
  const next = source.peek(1);
  return isDigit(next) || (code !== 46 && next === 46 && isDigit(source.peek(2)));
}

function error(source: Source, start: number, line: number, column: number): Form {
  return { t: 'error', span: source.span(start, line, column) };
}

function refuse(
  source: Source,
  finding: { code: string; what: string; hint?: string },
  span: LiteralForm['span'],
): Form {
  source.report(finding.code, finding.what, span, finding.hint === undefined ? {} : { hint: finding.hint });
  return { t: 'error', span };
}

/** Reads a number (R1.6, R1.7), or a timestamp or uuid that begins with a digit (R1.13). */
export function readNumber(source: Source): Form {
  const { text, at: start, line, column } = source;
  let at = start;
  const negative = text.charCodeAt(at) === 45;
  if (negative) at++;
  let value = 0;
  for (; isDigit(text.charCodeAt(at)) && at - start < 15; at++) value = value * 10 + text.charCodeAt(at) - 48;
  if (isBoundary(text.charCodeAt(at))) {
    source.at = at;
    // 0 - 0 is 0: the int has no negative zero.
    return { t: 'literal', value: negative ? 0 - value : value, span: source.span(start, line, column) };
  }
  if (matchHere(source, TIMESTAMP) || matchHere(source, UUID)) {
    return { t: 'literal', value: text.slice(start, source.at), span: source.span(start, line, column) };
  }
  source.toTokenEnd();
  return longNumber(source, text.slice(start, source.at), source.span(start, line, column));
}

function longNumber(source: Source, token: string, span: LiteralForm['span']): Form {
  if (token.length > source.limits.tokenLength) return tooLong(source, span);
  if (INT.test(token)) {
    const big = token.startsWith('-') ? -BigInt(token.slice(1)) : BigInt(token.replace('+', ''));
    if (big < INT_MIN || big > INT_MAX) {
      return refuse(
        source,
        {
          code: 'IntegerOutOfRange',
          what: `the integer ${token} is outside 64 bits`,
          hint: 'write a float, or a string',
        },
        span,
      );
    }
    const small = Number(big);
    return { t: 'literal', value: Number.isSafeInteger(small) ? small : big, span };
  }
  if (FLOAT.test(token)) {
    const x = Number(token);
    if (!Number.isFinite(x))
      return refuse(
        source,
        { code: 'FloatOutOfRange', what: `the float ${token} is too large`, hint: 'write ##Inf' },
        span,
      );
    return { t: 'literal', value: float(x), span };
  }
  return refuse(source, { code: 'BadNumber', what: `${token} is no number`, ...numberHint(token) }, span);
}

function numberHint(token: string): { hint?: string } {
  if (/^[+-]?\./.test(token)) return { hint: `write ${token.replace('.', '0.')}` };
  if (/^[+-]?[0-9]+\.(?:[eE]|$)/.test(token)) return { hint: `write ${token.replace('.', '.0')}` };
  if (/^[+-]?[0-9]+\/[0-9]+$/.test(token)) return { hint: `there are no ratios: write (/ ${token.replace('/', ' ')})` };
  if (/^[+-]?[0-9.]+[NM]$/.test(token)) return { hint: 'there are no big numbers: leave the suffix out' };
  return { hint: 'separate a number from what follows with a space' };
}

function tooLong(source: Source, span: LiteralForm['span']): Form {
  return refuse(
    source,
    { code: 'TokenTooLong', what: `a token is longer than ${source.limits.tokenLength} characters` },
    span,
  );
}

function matchHere(source: Source, shape: RegExp): boolean {
  shape.lastIndex = source.at;
  if (!shape.test(source.text) || !isBoundary(source.text.charCodeAt(shape.lastIndex))) return false;
  source.at = shape.lastIndex;
  return true;
}

/** Moves over the name that begins at the position. Where the name ends is not necessarily a boundary. */
function scanName(source: Source): void {
  const { text, at: start } = source;
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code < 128) {
      if (continuesName(code)) at++;
      else if (code === COLON) {
        const behind = colonInName(text, start, at);
        if (behind < 0) break;
        at = behind;
      } else break;
    } else {
      const point = text.codePointAt(at);
      if (point === undefined || !continuesName(point)) break;
      at += point > 0xffff ? 2 : 1;
    }
  }
  source.at = at;
}

const WORDS = new Map<string, null | boolean>([
  ['nil', null],
  ['true', true],
  ['false', false],
]);

/** Reads a symbol or what looks like one: a word, a uuid, a handle. Inside a template `x#` is allowed (R1.17). */
export function readSymbol(source: Source, inTemplate: boolean): Form {
  const { text, at: start, line, column } = source;
  if (text.charCodeAt(start + 8) === 45 && text.charCodeAt(start + 13) === 45 && matchHere(source, UUID)) {
    return { t: 'literal', value: text.slice(start, source.at), span: source.span(start, line, column) };
  }
  if (text.startsWith('resource://', start)) {
    source.toTokenEnd();
    return { t: 'literal', value: text.slice(start, source.at), span: source.span(start, line, column) };
  }
  scanName(source);
  const code = source.peek();
  if (!isBoundary(code) && code !== COLON) return badToken(source, start, line, column);
  const name = text.slice(start, source.at);
  const span = source.span(start, line, column);
  if (name.length > source.limits.tokenLength) return tooLong(source, span);
  const word = name.length < 6 ? WORDS.get(name) : undefined;
  if (word !== undefined) return { t: 'literal', value: word, span };
  if (name.endsWith('#') && !inTemplate) {
    return refuse(
      source,
      { code: 'Gensym', what: `${name} stands outside a template`, hint: 'x# is for macros, inside `( … )`' },
      span,
    );
  }
  return { t: 'symbol', name, span };
}

/** Reads a keyword whose colon is at the position and is followed by a name (R1.11). */
export function readKeyword(source: Source): Form {
  const { text, at: start, line, column } = source;
  source.at++;
  scanName(source);
  if (!isBoundary(source.peek())) return badToken(source, start, line, column);
  const span = source.span(start, line, column);
  if (source.at - start > source.limits.tokenLength) return tooLong(source, span);
  return { t: 'literal', value: Keyword.of(text.slice(start + 1, source.at)), span };
}

/** Whether a name begins `ahead` of the position. */
export function nameAhead(source: Source, ahead: number): boolean {
  const point = source.text.codePointAt(source.at + ahead);
  return point !== undefined && startsName(point);
}

/** Reports what stands at the position as no token of the language, and goes behind it. */
export function badToken(source: Source, start: number, line: number, column: number): Form {
  source.at = start;
  source.toTokenEnd();
  const token = source.text.slice(start, source.at);
  const hint = badTokenHint(token);
  source.report(
    'BadToken',
    `unexpected ${JSON.stringify(token.slice(0, 40))}`,
    source.span(start, line, column),
    hint === undefined ? {} : { hint },
  );
  return error(source, start, line, column);
}

function badTokenHint(token: string): string | undefined {
  if (token.startsWith('::')) return `there are no namespaces of keywords: write ${token.slice(1)}`;
  if (token.startsWith('\\')) return `there are no characters: write ${JSON.stringify(token.slice(1))}`;
  if (token.includes('|')) return 'a symbol has no |';
  return undefined;
}
