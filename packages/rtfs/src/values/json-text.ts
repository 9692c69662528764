/**
 * Plain JSON as text. A parser of its own, for `JSON.parse` loses what R14.14 keeps: ints of 64 bits, `1.0` as a
 * float, the order of
 * members; and a writer that keeps as much (R14.15).
 */
import { Collection } from './collection.ts';
import { cannotSerialise, dataMap, fail, limit } from './fail.ts';
import { Atom, ErrorValue, Float, Fn, Keyword, Regex, Sym } from './kinds.ts';
import type { Value } from './kinds.ts';
import { typeName } from './kind-name.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { PMap } from './map.ts';
import type { Entry } from './map.ts';
import { float, INT_MAX, INT_MIN } from './numbers.ts';
import { pathText } from './path.ts';
import type { PathStep } from './path.ts';
import { keyFromPlain, plainKey } from './plain.ts';
import type { PlainOptions } from './plain.ts';
import { numberText } from './print.ts';
import { characterCount } from './text.ts';
import { Vec } from './vector.ts';

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const SPACE = /[ \t\n\r]*/y;
const PLAIN_STRING = /"[^"\\\u0000-\u001f]*"/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

class JsonParser {
  readonly #text: string;
  readonly #options: PlainOptions;
  readonly #maxDepth: number;
  #at = 0;
  #depth = 0;

  constructor(text: string, options: PlainOptions, maxDepth: number) {
    this.#text = text;
    this.#options = options;
    this.#maxDepth = maxDepth;
  }

  #fail(what: string, at: number = this.#at): never {
    const before = this.#text.slice(0, at);
    const line = before.split('\n').length;
    const column = characterCount(before.slice(before.lastIndexOf('\n') + 1)) + 1;
    fail(
      'JsonError',
      `JSON error at ${line}:${column}: ${what}`,
      dataMap([
        ['line', line],
        ['column', column],
      ]),
    );
  }

  whole(): Value {
    this.#space();
    const value = this.#value();
    this.#space();
    return this.#at === this.#text.length ? value : this.#fail('more text behind the value');
  }

  #space(): void {
    SPACE.lastIndex = this.#at;
    SPACE.test(this.#text);
    this.#at = SPACE.lastIndex;
  }

  #value(): Value {
    switch (this.#text.charCodeAt(this.#at)) {
      case 0x7b:
        return this.#nested(() => this.#object());
      case 0x5b:
        return this.#nested(() => this.#array());
      case 0x22:
        return this.#string();
      case 0x74:
        return this.#word('true', true);
      case 0x66:
        return this.#word('false', false);
      case 0x6e:
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #nested(read: () => Value): Value {
    if (++this.#depth > this.#maxDepth) limit('dataDepth', this.#maxDepth);
    this.#at++;
    this.#space();
    const value = read();
    this.#depth--;
    return value;
  }

  #word(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#at)) this.#fail('expected a value');
    this.#at += word.length;
    return value;
  }

  #number(): Value {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (match === null)
      return this.#fail(this.#at >= this.#text.length ? 'unexpected end of text' : 'expected a value');
    const start = this.#at;
    this.#at = NUMBER.lastIndex;
    const x = Number(match[0]);
    if (match[1] === undefined && match[2] === undefined) {
      if (Number.isSafeInteger(x)) return x + 0;
      if (match[0].length <= 20) {
        const big = BigInt(match[0]);
        if (big >= INT_MIN && big <= INT_MAX) return big;
      }
    }
    return Number.isFinite(x) ? float(x) : this.#fail('number out of range', start);
  }

  #string(): string {
    const start = this.#at;
    PLAIN_STRING.lastIndex = start;
    if (PLAIN_STRING.test(this.#text)) {
      this.#at = PLAIN_STRING.lastIndex;
      return this.#wellFormed(this.#text.slice(start + 1, this.#at - 1), start);
    }
    STRING.lastIndex = start;
    if (!STRING.test(this.#text)) this.#fail('bad string: a quote, escape or control character is wrong');
    this.#at = STRING.lastIndex;
    return this.#wellFormed(JSON.parse(this.#text.slice(start, this.#at)) as string, start);
  }

  #wellFormed(text: string, at: number): string {
    return text.isWellFormed() ? text : this.#fail('lone surrogate', at);
  }

  #array(): Value {
    const items: Value[] = [];
    if (this.#closes(0x5d)) return Vec.empty;
    for (;;) {
      items.push(this.#value());
      if (this.#ends(0x5d, "']'")) return Vec.of(items);
    }
  }

  #object(): Value {
    const entries: Entry[] = [];
    if (this.#closes(0x7d)) return PMap.empty;
    for (;;) {
      if (this.#text.charCodeAt(this.#at) !== 0x22) this.#fail('expected a member name in quotes');
      const name = this.#string();
      this.#space();
      if (this.#text.charCodeAt(this.#at) !== 0x3a) this.#fail("expected ':'");
      this.#at++;
      this.#space();
      entries.push([keyFromPlain(name, this.#options), this.#value()]);
      if (this.#ends(0x7d, "'}'")) return PMap.of(entries);
    }
  }

  #closes(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    return true;
  }

  /** Behind an element: true at the closing bracket, false behind a comma. */
  #ends(close: number, name: string): boolean {
    this.#space();
    if (this.#closes(close)) return true;
    if (!this.#closes(0x2c)) this.#fail(`expected ',' or ${name}`);
    this.#space();
    return false;
  }
}

/** The value of a JSON text (R14.14). Throws JsonError with line and column, DepthLimit beyond `maxDepth`. */
export function parseJson(
  text: string,
  options: PlainOptions = {},
  maxDepth: number = DEFAULT_LIMITS.dataDepth,
): Value {
  return new JsonParser(text, options, maxDepth).whole();
}

/** How far a text may go, as in the table of limits. */
export interface TextBounds {
  readonly dataDepth: number;
  readonly stringLength: number;
}

class JsonWriter {
  readonly #pretty: boolean;
  readonly #bounds: TextBounds;
  readonly #steps: PathStep[] = [];
  text = '';

  constructor(pretty: boolean, bounds: TextBounds) {
    this.#pretty = pretty;
    this.#bounds = bounds;
  }

  value(v: Value): void {
    if (v instanceof Collection || v instanceof ErrorValue) this.#nested(v);
    else this.text += this.#scalar(v);
    if (this.text.length > this.#bounds.stringLength) limit('stringLength', this.#bounds.stringLength);
  }

  #scalar(v: Value): string {
    switch (typeof v) {
      case 'string':
        return JSON.stringify(v);
      case 'boolean':
      case 'bigint':
        return String(v);
      case 'number':
        return Number.isFinite(v) ? numberText(v) : this.#refuse(v);
    }
    if (v === null) return 'null';
    if (v instanceof Float) return numberText(v);
    if (v instanceof Keyword) return JSON.stringify(`:${v.name}`);
    if (v instanceof Sym) return JSON.stringify(v.name);
    return v instanceof Regex ? JSON.stringify(v.source) : this.#refuse(v);
  }

  #refuse(v: Value): never {
    const kind = v instanceof Fn || v instanceof Atom ? typeName(v) : numberText(v as number);
    cannotSerialise(kind, pathText(this.#steps));
  }

  #nested(v: Collection | ErrorValue): void {
    if (this.#steps.length >= this.#bounds.dataDepth) limit('dataDepth', this.#bounds.dataDepth);
    if (v instanceof ErrorValue)
      this.#members([
        ['data', v.data],
        ['kind', v.kind],
        ['message', v.message],
      ]);
    else if (v instanceof PMap) this.#members(sortedMembers(v));
    else this.#list('[]', Array.from(v as unknown as Iterable<Value>), (x, index) => this.#at({ index }, x));
  }

  #members(members: readonly (readonly [string, Value])[]): void {
    this.#list('{}', members, ([name, x]) => {
      this.text += `${JSON.stringify(name)}:${this.#pretty ? ' ' : ''}`;
      this.#at({ key: name }, x);
    });
  }

  #at(step: PathStep, x: Value): void {
    this.#steps.push(step);
    this.value(x);
    this.#steps.pop();
  }

  #list<T>(brackets: string, items: readonly T[], write: (item: T, index: number) => void): void {
    const depth = this.#steps.length;
    this.text += brackets[0];
    items.forEach((item, index) => {
      this.text += `${index > 0 ? ',' : ''}${this.#newLine(depth + 1)}`;
      write(item, index);
    });
    if (items.length > 0) this.text += this.#newLine(depth);
    this.text += brackets[1];
  }

  #newLine(depth: number): string {
    return this.#pretty ? `\n${'  '.repeat(depth)}` : '';
  }
}

function sortedMembers(map: PMap): (readonly [string, Value])[] {
  const members = new Map(map.entries().map(([key, value]) => [plainKey(key), value] as const));
  return [...members].sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
}

/**
 * The plain JSON text of a value, keys sorted (R14.15); `pretty` indents by two spaces. Throws SerializationError for
 * functions,
 * atoms, NaN and the infinities, DepthLimit and StringLimit.
 */
export function serializeJson(v: Value, pretty = false, bounds: TextBounds = DEFAULT_LIMITS): string {
  const writer = new JsonWriter(pretty, bounds);
  writer.value(v);
  return writer.text;
}
