/** A program's forms as the payload of a container. What can be written in two ways is written in one: see `readPayload`. */
import type { Form } from '../reader/forms.ts';
import { utf8 } from '../stdlib/utf8.ts';
import { Float, Keyword, Regex } from '../values/kinds.ts';
import type { Span } from '../values/kinds.ts';
import { BytecodeError, BYTES_MAX, CODE, FORMS_MAX, SPAN } from './bytecode-format.ts';
import type { Op } from './bytecode-format.ts';

/** A module of a program as it travels: one `module` form that lists its exports. */
export interface ModuleForm {
  readonly name: string;
  readonly file: string;
  readonly form: Form;
}

/** A program as it travels. `file` is the name that its own spans bear. */
export interface ProgramForms {
  readonly file: string;
  readonly expansions: number;
  readonly forms: readonly Form[];
  readonly modules: readonly ModuleForm[];
}

/** What a container calls a file. */
export type FileNames = (file: string) => string;

/** The payload of a program. Spans without a file are the program's own. Throws BytecodeError for one that is too large. */
export function writePayload(program: ProgramForms, names: FileNames = (file) => file): Uint8Array {
  const strings = new Map<string, number>();
  const body = new Writer(strings, program.file, names).program(program);
  const head = new Bytes();
  head.count(strings.size);
  for (const text of strings.keys()) {
    const bytes = utf8(text);
    head.count(bytes.length);
    head.all(bytes);
  }
  head.all(body);
  return head.taken();
}

class Bytes {
  #bytes = new Uint8Array(1024);
  #length = 0;

  #room(more: number): void {
    const length = this.#length + more;
    if (length > BYTES_MAX)
      throw new BytecodeError(`it would have more than ${BYTES_MAX} bytes`, 'make the plan smaller');
    if (length <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
  byte(byte: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = byte;
  }
  all(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }
  /** An integer from 0 to 2^53 - 1. */
  count(given: number): void {
    let n = given;
    for (; n >= 128; n = Math.floor(n / 128)) this.byte((n % 128) + 128);
    this.byte(n);
  }
  /** An integer between -2^52 and 2^52, both excluded. */
  signed(n: number): void {
    this.count(n < 0 ? -2 * n - 1 : 2 * n);
  }
  eight(write: (view: DataView) => void): void {
    const eight = new Uint8Array(8);
    write(new DataView(eight.buffer));
    this.all(eight);
  }
  taken(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** Integers of that size and more are written in eight bytes. */
const LONG_FROM = 2 ** 52;

class Writer {
  readonly #out = new Bytes();
  readonly #strings: Map<string, number>;
  readonly #own: string;
  readonly #names: FileNames;
  #forms = 0;
  #before: Span = { start: 0, end: 0, line: 1, column: 1, endLine: 1, endColumn: 1 };
  #file: string;

  constructor(strings: Map<string, number>, file: string, names: FileNames) {
    this.#strings = strings;
    this.#own = file;
    this.#names = names;
    this.#file = file;
  }

  program({ expansions, file, modules, forms }: ProgramForms): Uint8Array {
    const out = this.#out;
    out.count(expansions);
    this.#string(this.#names(file));
    out.count(modules.length);
    for (const module of modules) {
      this.#string(module.name);
      this.#string(this.#names(module.file));
    }
    out.count(forms.length);
    for (const form of forms) this.#form(form);
    for (const { form } of modules) this.#form(form);
    return out.taken();
  }

  #string(text: string): void {
    let index = this.#strings.get(text);
    if (index === undefined) this.#strings.set(text, (index = this.#strings.size));
    this.#out.count(index);
  }

  #form(form: Form): void {
    if (++this.#forms > FORMS_MAX)
      throw new BytecodeError(`it would have more than ${FORMS_MAX} forms`, 'make the plan smaller');
    switch (form.t) {
      case 'literal':
        return this.#literal(form.value, form.span);
      case 'symbol':
        this.#head(form.meta === undefined ? 'symbol' : 'symbol-meta', form.span);
        this.#string(form.name);
        if (form.meta !== undefined) this.#form(form.meta);
        return;
      case 'list':
      case 'vector':
      case 'map':
      case 'set': {
        const { t, meta } = form;
        this.#head(meta !== undefined && (t === 'list' || t === 'vector') ? `${t}-meta` : t, form.span);
        this.#out.count(form.items.length);
        for (const item of form.items) this.#form(item);
        if (meta !== undefined) this.#form(meta);
        return;
      }
      case 'annotation':
        this.#head('annotation', form.span);
        return this.#form(form.type);
      case 'error':
        throw new BytecodeError('it would hold what could not be read');
      default:
        this.#head(form.t, form.span);
        this.#form(form.form);
    }
  }

  #literal(value: (Form & { t: 'literal' })['value'], span: Span): void {
    if (value === null) return this.#head('nil', span);
    if (typeof value === 'boolean') return this.#head(value ? 'true' : 'false', span);
    if (value instanceof Float || (typeof value === 'number' && !Number.isInteger(value))) {
      this.#head('float', span);
      const float = typeof value === 'number' ? value : value.value;
      return this.#out.eight((view) => view.setFloat64(0, float));
    }
    if (typeof value === 'bigint' || (typeof value === 'number' && Math.abs(value) >= LONG_FROM)) {
      this.#head('long', span);
      return this.#out.eight((view) => view.setBigInt64(0, BigInt(value)));
    }
    if (typeof value === 'number') {
      this.#head('int', span);
      return this.#out.signed(value);
    }
    if (typeof value === 'string') {
      this.#head('string', span);
      return this.#string(value);
    }
    this.#head(value instanceof Keyword ? 'keyword' : 'regex', span);
    this.#string(value instanceof Regex ? value.source : value.name);
  }

  /** The operation of a form, and its span by the shortest way that tells it. */
  #head(op: Op, span: Span): void {
    const before = this.#before;
    const file = span.file ?? this.#own;
    const way = file !== this.#file ? SPAN.file : wayOf(before, span);
    const out = this.#out;
    out.byte(CODE[op] + 32 * way);
    if (way === SPAN.file) this.#string(this.#names(file));
    if (way === SPAN.line) {
      out.signed(span.start - before.start);
      out.count(span.end - span.start);
    } else if (way !== SPAN.same) {
      out.signed(span.start - before.start);
      out.signed(span.end - span.start);
      out.signed(span.line - before.line);
      out.count(span.column);
      out.signed(span.endLine - span.line);
      out.count(span.endColumn);
    }
    this.#before = span;
    this.#file = file;
  }
}

/** The shortest way that tells a span of the same file. */
function wayOf(before: Span, span: Span): number {
  const start = span.start - before.start;
  const length = span.end - span.start;
  const isSame =
    start === 0 &&
    span.end === before.end &&
    span.line === before.line &&
    span.column === before.column &&
    span.endLine === before.endLine &&
    span.endColumn === before.endColumn;
  if (isSame) return SPAN.same;
  const isOnLine = span.line === before.line && span.column - before.column === start && span.endLine === span.line;
  return isOnLine && length >= 0 && span.endColumn - span.column === length ? SPAN.line : SPAN.near;
}
