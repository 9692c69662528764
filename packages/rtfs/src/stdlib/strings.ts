/** Functions on texts (R16.5); those with patterns stand in `regex.ts`. Characters are code points (R2.2). */
import { indexOut, invalid, typeError } from '../values/fail.ts';
import { Keyword, Sym } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { isName, isSymbolName } from '../values/names.ts';
import { printShort, stringText } from '../values/print.ts';
import { Vec } from '../values/vector.ts';
import {
  asText,
  characters,
  chargeCharacters,
  chargedText,
  chargeText,
  checkSize,
  checkStringLength,
  count,
  elements,
  integer,
  length,
  text,
} from './args.ts';
import { define, defineVariadic } from './define.ts';
import type { Entry } from './define.ts';
import type { Rt } from './native.ts';
import { isBlank, trimEnd, trimSpace, trimStart, words } from './space.ts';

/** The pieces as one text, its length checked before it is made (R17.3). */
function joined(rt: Rt, pieces: readonly string[], separator = ''): string {
  let units = separator.length * Math.max(0, pieces.length - 1);
  for (const piece of pieces) units += piece.length;
  checkStringLength(rt, units);
  return pieces.join(separator);
}

/**
 * R2.12. Appending to a text costs what is appended (R17.7), in time too: the engine's `+` keeps the long text as it is, where
 * joining an array would copy it.
 */
function concatenate(rt: Rt, args: readonly Value[]): Value {
  let result = '';
  let paid = 0;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? null;
    const piece = asText(rt, arg);
    checkStringLength(rt, result.length + piece.length);
    if (i > 0 || typeof arg !== 'string') paid += length(piece);
    result += piece;
  }
  chargeCharacters(rt, paid);
  return result;
}

function printed(rt: Rt, args: readonly Value[]): Value {
  const pieces = args.map((v) => (typeof v === 'string' ? stringText(v) : asText(rt, v)));
  chargeCharacters(
    rt,
    pieces.reduce((n, piece) => n + length(piece), 0),
  );
  return joined(rt, pieces, ' ');
}

function subs(rt: Rt, s: Value, from: Value, to: Value | undefined): Value {
  const whole = text('subs', s);
  const n = chargeText(rt, whole);
  const start = count('subs', from);
  const end = to === undefined ? n : count('subs', to);
  if (start < 0 || start > n) indexOut(integer('subs', from), n);
  if (end < start || end > n) indexOut(end, n);
  // Where each character is one unit, units are characters.
  return n === whole.length ? whole.slice(start, end) : characters(whole).slice(start, end).join('');
}

/** A row whose function maps a text to a text or another value, charged as `len`. */
function ofText(names: string, result: string, f: (s: string) => Value): Entry {
  const fn = names.split(' ')[0] ?? names;
  return define(names, `[:string] ${result}`, (rt, s) => f(chargedText(rt, fn, s)));
}

/** A mapping of characters that may make the text longer, as upper case makes "SS" of "ß". */
function mapping(names: string, f: (s: string) => string): Entry {
  const fn = names.split(' ')[0] ?? names;
  return define(names, '[:string] :string', (rt, s) => {
    const result = f(chargedText(rt, fn, s));
    checkStringLength(rt, result.length);
    return result;
  });
}

function withoutLineEnds(s: string): string {
  let end = s.length;
  while (end > 0 && (s[end - 1] === '\n' || s[end - 1] === '\r')) end--;
  return s.slice(0, end);
}

function capitalize(s: string): string {
  const [first = ''] = s;
  return first.toUpperCase() + s.slice(first.length).toLowerCase();
}

/** A question about a text and a part; nil as text is no. */
function question(names: string, holds: (s: string, part: string) => boolean): Entry {
  const fn = names.split(' ')[0] ?? names;
  return define(names, '[:string? :string] :bool', (rt, s, part) => {
    const wanted = text(fn, part);
    return s === null ? false : holds(chargedText(rt, fn, s), wanted);
  });
}

/** The lines of a text. A line break ends a line, so that one at the end begins no other. */
function lines(s: string): string[] {
  const result = s.split(/\r?\n/);
  if (result.at(-1) === '') result.pop();
  return result;
}

/** `(join coll)` or `(join separator coll)`; nil elements are empty. */
function join(rt: Rt, a: Value, b: Value | undefined): Value {
  const separator = b === undefined ? '' : text('join', a);
  const coll = b === undefined ? a : b;
  const pieces = elements('join', coll).map((v) => (v === null ? '' : asText(rt, v)));
  const characterCount = pieces.reduce((n, piece) => n + length(piece), 0);
  chargeCharacters(rt, characterCount + length(separator) * Math.max(0, pieces.length - 1));
  return joined(rt, pieces, separator);
}

/** A text made of `times` copies, checked and paid for before it is made. */
function repeatText(rt: Rt, s: string, times: number): string {
  checkStringLength(rt, s.length * times);
  chargeCharacters(rt, length(s) * times);
  return s.repeat(times);
}

function pad(fn: string, atStart: boolean): Entry {
  return define(
    fn,
    '[:string :int] :string [:string :int :string] :string',
    (rt, s, width, fill: Value | undefined) => {
      const whole = text(fn, s);
      const filler = characters(fill === undefined ? ' ' : text(fn, fill));
      if (filler.length === 0) invalid(fn, 'the fill is empty');
      const n = chargeText(rt, whole);
      const missing = Math.max(0, count(fn, width) - n);
      checkStringLength(rt, whole.length + missing);
      chargeCharacters(rt, missing);
      let padding = filler.join('').repeat(Math.floor(missing / filler.length));
      padding += filler.slice(0, missing % filler.length).join('');
      checkStringLength(rt, whole.length + padding.length);
      return atStart ? padding + whole : whole + padding;
    },
  );
}

function charCode(s: Value): Value {
  const [first, ...others] = text('char-code', s);
  if (first === undefined || others.length > 0) invalid('char-code', `${printShort(s)} is not one character`);
  return first.codePointAt(0) ?? null;
}

function fromCharCode(code: Value): Value {
  const n = count('from-char-code', code);
  if (n < 0 || n > 0x10ffff || (n >= 0xd800 && n <= 0xdfff))
    invalid('from-char-code', `${printShort(code)} is no character`);
  return String.fromCodePoint(n);
}

/** The name a value has or is. */
function nameOf(fn: string, v: Value): string {
  if (v instanceof Keyword || v instanceof Sym) return v.name;
  return typeof v === 'string' ? v : typeError(fn, 'string, keyword or symbol', v);
}

/** Where the qualifier ends (R1.19): the first `/` that is neither first nor last; -1 if there is none. */
function slash(name: string): number {
  const at = name.indexOf('/');
  return at > 0 && at < name.length - 1 ? at : -1;
}

/** `keyword` and `symbol`: `(keyword name)` or `(keyword qualifier name)`. */
function naming(fn: 'keyword' | 'symbol', valid: (name: string) => boolean, make: (name: string) => Value): Entry {
  return define(fn, `[:Name] :${fn} [:Name :Name] :${fn}`, (rt, a, b: Value | undefined) => {
    const name = b === undefined ? nameOf(fn, a) : `${nameOf(fn, a)}/${nameOf(fn, b)}`;
    chargeText(rt, name);
    return valid(name) ? make(name) : invalid(fn, `${printShort(name)} is not a valid name`);
  });
}

/** Names as values. */
const NAMES: readonly Entry[] = [
  naming('keyword', isName, (name) => Keyword.of(name)),
  naming('symbol', isSymbolName, (name) => Sym.of(name)),
  define('name', '[:Name] :string', (rt, v) => {
    const whole = nameOf('name', v);
    chargeText(rt, whole);
    return typeof v === 'string' ? v : whole.slice(slash(whole) + 1);
  }),
  define('namespace', '[:Name] :string?', (rt, v) => {
    const whole = nameOf('namespace', v);
    chargeText(rt, whole);
    return typeof v === 'string' || slash(whole) < 0 ? null : whole.slice(0, slash(whole));
  }),
];

/** Functions on texts without patterns. */
export const STRINGS: readonly Entry[] = [
  ...NAMES,
  defineVariadic('str', '[& :any] :string', concatenate),
  defineVariadic('pr-str', '[& :any] :string', printed),
  define('subs substring', '[:string :int] :string [:string :int :int] :string', subs),
  mapping('upper-case string-upper', (s) => s.toUpperCase()),
  mapping('lower-case string-lower', (s) => s.toLowerCase()),
  mapping('capitalize', capitalize),
  ofText('trim string-trim', ':string', trimSpace),
  ofText('triml', ':string', trimStart),
  ofText('trimr', ':string', trimEnd),
  ofText('trim-newline', ':string', withoutLineEnds),
  define('blank?', '[:string?] :bool', (rt, s) => s === null || isBlank(chargedText(rt, 'blank?', s))),
  question('starts-with?', (s, part) => s.startsWith(part)),
  question('ends-with?', (s, part) => s.endsWith(part)),
  question('includes? string-contains', (s, part) => s.includes(part)),
  ofText('split-lines', '[:vector :string]', (s) => Vec.of(lines(s))),
  ofText('words', '[:vector :string]', (s) => Vec.of(words(s))),
  define('join string-join', '[:Coll] :string [:string :Coll] :string', join),
  define('repeat-str', '[:string :int] :string', (rt, s, n) =>
    repeatText(rt, text('repeat-str', s), Math.max(0, count('repeat-str', n))),
  ),
  pad('pad-left', true),
  pad('pad-right', false),
  ofText('reverse-str', ':string', (s) => characters(s).reverse().join('')),
  define('chars', '[:string] [:vector :string]', (rt, s) => {
    checkSize(rt, chargeText(rt, text('chars', s)));
    return Vec.of(characters(text('chars', s)));
  }),
  define('char-code', '[:string] :int', (_rt, s) => charCode(s)),
  define('from-char-code', '[:int] :string', (_rt, code) => fromCharCode(code)),
];
