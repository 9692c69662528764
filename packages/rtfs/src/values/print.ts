/** Values as text: RTFS notation (R2.10–R2.13), which the reader reads back (R1.39). */
import { Collection } from './collection.ts';
import { limit } from './fail.ts';
import { Atom, ErrorValue, Float, Fn, Keyword, Regex, Sym } from './kinds.ts';
import type { Value } from './kinds.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { PMap } from './map.ts';

/** How far a text may go. `strict` raises DepthLimit and StringLimit; otherwise what is too much prints as `…`. */
export interface PrintBounds {
  readonly depth: number;
  readonly elements: number;
  readonly characters: number;
  readonly strict: boolean;
}

const UNBOUNDED: PrintBounds = {
  depth: DEFAULT_LIMITS.dataDepth,
  elements: Infinity,
  characters: DEFAULT_LIMITS.stringLength,
  strict: true,
};
const FOR_PEOPLE: PrintBounds = { depth: 32, elements: 1000, characters: 65_536, strict: false };
const CUT = '…';

/** A float in its own notation: the shortest digits that read back, never without a dot or an exponent (R2.10). */
export function floatText(x: number): string {
  if (Number.isNaN(x)) return '##NaN';
  if (!Number.isFinite(x)) return x > 0 ? '##Inf' : '##-Inf';
  if (Object.is(x, -0)) return '-0.0';
  const text = String(x);
  const e = text.indexOf('e');
  if (e < 0) return text.includes('.') ? text : `${text}.0`;
  const digits = text.slice(0, e);
  return `${digits.includes('.') ? digits : `${digits}.0`}e${text.slice(e + 1).replace('+', '')}`;
}

const ESCAPED = /["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/;
const EACH_ESCAPED = new RegExp(`${ESCAPED.source}`, 'gu');
const SHORT: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r' };

/** A string in quotes, escaped as R2.11 says. */
export function stringText(text: string): string {
  if (!ESCAPED.test(text)) return `"${text}"`;
  const body = text.replace(EACH_ESCAPED, (c) => SHORT[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `"${body}"`;
}

/** A number as it prints: decimal digits for ints, `floatText` for floats. */
export function numberText(v: number | bigint | Float): string {
  if (typeof v === 'bigint') return String(v);
  if (v instanceof Float) return floatText(v.value);
  return Number.isInteger(v) ? String(v) : floatText(v);
}

class Printer {
  readonly #bounds: PrintBounds;
  text = '';
  #depth = 0;

  constructor(bounds: PrintBounds) {
    this.#bounds = bounds;
  }

  /** Whether there is room for more. Throws StringLimit when strict. */
  #room(): boolean {
    if (this.text.length <= this.#bounds.characters) return true;
    if (this.#bounds.strict) limit('stringLength', this.#bounds.characters);
    return false;
  }

  value(v: Value): void {
    if (v instanceof Collection) this.#collection(v);
    else this.text += scalarText(v);
  }

  #collection(c: Collection): void {
    if (this.#depth >= this.#bounds.depth) {
      if (this.#bounds.strict) limit('dataDepth', this.#bounds.depth);
      this.text += CUT;
      return;
    }
    this.#depth++;
    const [open, close] = BRACKETS[c.typeName];
    this.text += open;
    if (c instanceof PMap) this.#entries(c);
    else this.#elements(c as unknown as Iterable<Value>);
    this.text += close;
    this.#depth--;
  }

  #elements(items: Iterable<Value>): void {
    let i = 0;
    for (const x of items) {
      if (i > 0) this.text += ' ';
      if (this.#full(i++)) return;
      this.value(x);
    }
  }

  #entries(map: PMap): void {
    let i = 0;
    for (const [key, value] of map.entries()) {
      if (i > 0) this.text += ' ';
      if (this.#full(i++)) return;
      this.value(key);
      this.text += ' ';
      this.value(value);
    }
  }

  #full(i: number): boolean {
    if (i < this.#bounds.elements && this.#room()) return false;
    this.text += CUT;
    return true;
  }
}

const BRACKETS = { vector: ['[', ']'], list: ['(', ')'], map: ['{', '}'], set: ['#{', '}'] } as const;

function scalarText(v: Value): string {
  switch (typeof v) {
    case 'string':
      return stringText(v);
    case 'number':
    case 'bigint':
      return numberText(v);
    case 'boolean':
      return v ? 'true' : 'false';
  }
  if (v === null) return 'nil';
  if (v instanceof Keyword) return `:${v.name}`;
  if (v instanceof Sym) return v.name;
  if (v instanceof Float) return floatText(v.value);
  // A regex never holds an escaped quote (`values/regex.ts`), so each quote needs its backslash.
  if (v instanceof Regex) return `#"${v.source.replaceAll('"', '\\"')}"`;
  if (v instanceof ErrorValue) return `#<error :${v.kind} ${stringText(v.message)}>`;
  if (v instanceof Fn) return `#<function ${v.name}>`;
  if (v instanceof Atom) return `#<atom ${v.number}>`;
  throw new TypeError('not a value of the language');
}

/** A value as `pr-str` prints it. Throws DepthLimit and StringLimit (R2.13, R17.5). */
export function print(v: Value, bounds: PrintBounds = UNBOUNDED): string {
  const printer = new Printer(bounds);
  printer.value(v);
  if (printer.text.length <= bounds.characters) return printer.text;
  if (bounds.strict) limit('stringLength', bounds.characters);
  return cut(printer.text, bounds.characters);
}

function cut(text: string, characters: number): string {
  // Half of a surrogate pair is no character.
  const end = text.charCodeAt(characters - 2) >> 10 === 0x36 ? characters - 2 : characters - 1;
  return text.slice(0, end) + CUT;
}

/**
 * A value as one argument of `str`: a string verbatim, everything else printed (R2.12). Throws DepthLimit,
 * StringLimit.
 */
export function str(v: Value, bounds?: PrintBounds): string {
  return typeof v === 'string' ? v : print(v, bounds);
}

/** A value for people: cut with `…` where it is too deep or too long, never an error (R2.13, R17.5). */
export function printForPeople(v: Value): string {
  return print(v, FOR_PEOPLE);
}

/** A value in a message: at most `characters` long, 120 unless told (R18). */
export function printShort(v: Value, characters = 120): string {
  return print(v, { ...FOR_PEOPLE, characters });
}
