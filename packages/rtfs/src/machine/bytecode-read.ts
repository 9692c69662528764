/**
 * The payload of a container as forms. Nothing in it is trusted: each name must be one that a text could spell, each number lies
 * within its bounds before anything is made of its size, and what was read must be written to the same bytes again.
 */
import type { CollectionForm, Form, LiteralForm } from '../reader/forms.ts';
import { fromUtf8 } from '../stdlib/utf8.ts';
import { ErrorValue, Keyword } from '../values/kinds.ts';
import type { Regex, Span } from '../values/kinds.ts';
import { isName, isSymbolName } from '../values/names.ts';
import { float } from '../values/numbers.ts';
import { compileRegex } from '../values/regex.ts';
import { BytecodeError, EXPANSIONS_MAX, FORMS_MAX, OPS, SPAN } from './bytecode-format.ts';
import type { Op } from './bytecode-format.ts';
import { writePayload } from './bytecode-write.ts';
import type { ModuleForm, ProgramForms } from './bytecode-write.ts';
import type { Limits } from './types.ts';

/** What reading obeys of R17.5. */
export type BytecodeLimits = Pick<Limits, 'sourceDepth' | 'tokenLength'>;

/** The program of a payload. Throws BytecodeError for bytes that no `writePayload` wrote. */
export function readPayload(payload: Uint8Array, limits: BytecodeLimits): ProgramForms {
  const program = new PayloadReader(payload, limits).program();
  const again = writePayload(program);
  if (again.length !== payload.length || !again.every((byte, i) => byte === payload[i]))
    throw new BytecodeError('its bytes are another spelling of what they mean');
  return program;
}

/** The largest offset, line and column of a span. */
const PLACE_MAX = 2 ** 31;
/** Characters of all names and strings, as often as they stand in the program: few bytes may name a long one often. */
const TEXT_MAX = 16 * 1024 * 1024;
const FILE_NAME_MAX = 1024;
/** What may stand around forms that a text nests as deep as it may: the form of their module, the function of `#(…)`. */
const AROUND = 4;
const UUID = /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/;

/** Where a form stands. */
interface At {
  readonly depth: number;
  /** True below a template, where `x#` may stand, and a map whose items are spliced in (R1.17, R1.23). */
  readonly inTemplate: boolean;
  /** True among the items of a list, vector or set, where an annotation may stand (R1.30). */
  readonly isItem: boolean;
}

class PayloadReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #limits: BytecodeLimits;
  #at = 0;
  #strings: string[] = [];
  /** Compiled once: few bytes may name one often, and to compile it is work. */
  readonly #regexes = new Map<string, Regex>();
  #forms = 0;
  #spelled = 0;
  #own = '';
  #file = '';
  #span: Span = { start: 0, end: 0, line: 1, column: 1, endLine: 1, endColumn: 1 };

  constructor(bytes: Uint8Array, limits: BytecodeLimits) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#limits = limits;
  }

  program(): ProgramForms {
    this.#strings = this.#many(1, () => this.#text());
    const expansions = this.#count();
    if (expansions > EXPANSIONS_MAX) broken('it names more expansions than a program may have');
    this.#own = this.#file = this.#fileName();
    this.#span = { ...this.#span, file: this.#own };
    const heads = this.#many(2, () => ({ name: this.#name(false), file: this.#fileName() }));
    if (new Set(heads.map(({ name }) => name)).size !== heads.length) broken('a module stands in it twice');
    const top: At = { depth: 0, inTemplate: false, isItem: false };
    const forms = this.#many(1, () => this.#form(top));
    const modules = heads.map((head): ModuleForm => ({ ...head, form: this.#form(top) }));
    if (this.#at !== this.#bytes.length) broken('something stands behind its end');
    return { file: this.#own, expansions, forms, modules };
  }

  // ── bytes ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #byte(): number {
    return this.#bytes[this.#at++] ?? broken('it is cut off');
  }

  /** An integer from 0 to 2^53 - 1. */
  #count(): number {
    const first = this.#byte();
    if (first < 128) return first;
    let n = first - 128;
    for (let unit = 128; unit <= 2 ** 49; unit *= 128) {
      const byte = this.#byte();
      n += (byte % 128) * unit;
      if (byte < 128) return Number.isSafeInteger(n) ? n : broken('a number is too large');
    }
    return broken('a number is too large');
  }
  #signed(): number {
    const n = this.#count();
    return n % 2 === 0 ? n / 2 : -(n + 1) / 2;
  }

  /** As many as are announced, each of at least so many bytes: what could not be there is refused before anything is made. */
  #many<T>(bytesEach: number, one: () => T): T[] {
    const count = this.#count();
    if (count * bytesEach > this.#bytes.length - this.#at) broken('it announces more than it holds');
    const all: T[] = [];
    for (let i = 0; i < count; i++) all.push(one());
    return all;
  }

  #eight(): number {
    const at = this.#at;
    this.#at += 8;
    return this.#at <= this.#bytes.length ? at : broken('it is cut off');
  }

  #text(): string {
    const length = this.#count();
    if (length > this.#bytes.length - this.#at) broken('it announces more than it holds');
    const text = fromUtf8(this.#bytes.subarray(this.#at, this.#at + length));
    this.#at += length;
    return text ?? broken('a text in it is not UTF-8');
  }

  #string(): string {
    const text = this.#strings[this.#count()] ?? broken('it names a text that it does not hold');
    this.#spelled += text.length;
    return this.#spelled <= TEXT_MAX ? text : broken(`its text would have more than ${TEXT_MAX} characters`);
  }

  /** The name of a file: it is shown to people, so nothing in it may act on a terminal. */
  #fileName(): string {
    const name = this.#string();
    return name.length <= FILE_NAME_MAX && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name)
      ? name
      : broken('a file in it has a name that no place can show');
  }

  // ── forms ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #form(at: At): Form {
    if (++this.#forms > FORMS_MAX) broken(`it has more than ${FORMS_MAX} forms`);
    if (at.depth > this.#limits.sourceDepth + AROUND) broken(`its forms nest deeper than ${this.#limits.sourceDepth}`);
    const first = this.#byte();
    const op = OPS[first % 32] ?? broken('an operation in it is unknown');
    const span = this.#place(Math.floor(first / 32));
    switch (op) {
      case 'symbol':
      case 'symbol-meta': {
        const name = this.#name(at.inTemplate);
        return op === 'symbol' ? { t: 'symbol', name, span } : { t: 'symbol', name, span, meta: this.#meta(at) };
      }
      case 'list':
      case 'vector':
      case 'map':
      case 'set':
        return { t: op, items: this.#items(op, at), span };
      case 'list-meta':
      case 'vector-meta': {
        const t = op === 'list-meta' ? 'list' : 'vector';
        return { t, items: this.#items(t, at), span, meta: this.#meta(at) };
      }
      case 'quasiquote':
        return { t: op, form: this.#form({ ...below(at), inTemplate: true }), span };
      case 'quote':
      case 'unquote':
      case 'splice':
      case 'deref':
        return { t: op, form: this.#form(below(at)), span };
      case 'annotation':
        if (!at.isItem) broken('an annotation stands where none may stand');
        return { t: 'annotation', type: this.#form(below(at)), span };
      default:
        return { t: 'literal', value: this.#literal(op), span };
    }
  }

  #items(kind: CollectionForm['t'], at: At): Form[] {
    const inside = { ...below(at), isItem: kind !== 'map' };
    const items = this.#many(1, () => this.#form(inside));
    const isSpliced = at.inTemplate && items.some(({ t }) => t === 'splice');
    if (kind === 'map' && items.length % 2 === 1 && !isSpliced) broken('a map in it has a key without a value');
    return items;
  }

  #meta(at: At): Form {
    const meta = this.#form(below(at));
    return meta.t === 'map' ? meta : broken('metadata in it is no map');
  }

  #literal(op: Op): LiteralForm['value'] {
    switch (op) {
      case 'nil':
        return null;
      case 'true':
        return true;
      case 'false':
        return false;
      case 'int':
        return this.#signed();
      case 'long': {
        const long = this.#view.getBigInt64(this.#eight());
        const short = Number(long);
        return Number.isSafeInteger(short) ? short : long;
      }
      case 'float':
        return float(this.#view.getFloat64(this.#eight()));
      case 'string':
        return this.#string();
      case 'keyword': {
        const name = this.#string();
        if (!isName(name) || name.length >= this.#limits.tokenLength) broken('a keyword in it has no name of one');
        return Keyword.of(name);
      }
      case 'regex':
        return this.#regex(this.#string());
      default:
        return broken('an operation in it is unknown');
    }
  }

  /** The name of a symbol, one that a text could hold there (R1.13, R1.16, R9.4). */
  #name(inTemplate: boolean): string {
    const name = this.#string();
    const isOne = isSymbolName(name) && name.length <= this.#limits.tokenLength && !UUID.test(name);
    if (!isOne || name.startsWith('resource://') || (name.endsWith('#') && !inTemplate))
      broken('a symbol in it has a name that no text could hold');
    return name;
  }

  #regex(pattern: string): LiteralForm['value'] {
    try {
      const regex = this.#regexes.get(pattern) ?? compileRegex(pattern);
      this.#regexes.set(pattern, regex);
      return regex;
    } catch (error) {
      if (!(error instanceof ErrorValue)) throw error;
      return broken('a regular expression in it is none');
    }
  }

  // ── spans ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #place(way: number): Span {
    if (way === SPAN.same) return this.#span;
    if (way > SPAN.file) broken('a span in it is told in an unknown way');
    if (way === SPAN.file) this.#file = this.#fileName();
    const file = this.#file;
    const before = this.#span;
    const start = placed(before.start + this.#signed(), 0);
    if (way === SPAN.line) {
      const { line } = before;
      const column = placed(before.column + start - before.start, 1);
      const length = placed(this.#count(), 0);
      const endColumn = column + length;
      return (this.#span = { start, end: start + length, line, column, endLine: line, endColumn, file });
    }
    const end = placed(start + this.#signed(), 0);
    const line = placed(before.line + this.#signed(), 1);
    const column = placed(this.#count(), 1);
    const endLine = placed(line + this.#signed(), 1);
    return (this.#span = { start, end, line, column, endLine, endColumn: placed(this.#count(), 1), file });
  }
}

/** An offset, line or column that a text could have. */
function placed(n: number, least: number): number {
  return n >= least && n <= PLACE_MAX ? n : broken('a span in it lies nowhere');
}

function below(at: At): At {
  return { depth: at.depth + 1, inTemplate: at.inTemplate, isItem: false };
}

function broken(what: string): never {
  throw new BytecodeError(what);
}
