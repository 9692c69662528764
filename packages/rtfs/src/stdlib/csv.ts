/** `parse-csv`: RFC 4180 text into rows (R16.5). Strict: what the grammar does not allow is refused with its place. */
import { dataMap, fail, invalid, typeError } from '../values/fail.ts';
import { Keyword } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { PMap } from '../values/map.ts';
import { keyFromPlain } from '../values/plain.ts';
import { Vec } from '../values/vector.ts';
import { chargedText, checkSize, length, text } from './args.ts';
import { define } from './define.ts';
import type { Entry } from './define.ts';
import type { Rt } from './native.ts';

interface Options {
  readonly header: boolean;
  readonly keywords: boolean;
  readonly separator: string;
}

function options(v: Value | undefined): Options {
  const given = { header: true, keywords: false, separator: ',' };
  if (v === undefined || v === null) return given;
  if (!(v instanceof PMap)) typeError('parse-csv', 'map', v);
  for (const [key, value] of v.entries()) {
    const name = key instanceof Keyword ? key.name : '';
    if (name === 'separator') given.separator = separator(value);
    else if (name === 'header' || name === 'keywords') given[name] = value !== null && value !== false;
    else invalid('parse-csv', 'unknown option', 'the options are :header :keywords :separator');
  }
  return given;
}

function separator(v: Value): string {
  const s = text('parse-csv', v);
  return length(s) === 1 && !/["\r\n]/.test(s)
    ? s
    : invalid('parse-csv', 'the separator must be one character, and no quote');
}

/** Refuses at a place: UTF-16 offset `at` of the text. Lines and columns count from 1, columns in characters. */
function refuse(source: string, at: number, what: string): never {
  const before = source.slice(0, at);
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  const column = length(before.slice(lineStart)) + 1;
  return fail(
    'InvalidArgument',
    `Invalid argument in parse-csv: ${what} at ${line}:${column}`,
    dataMap([
      ['function', 'parse-csv'],
      ['line', line],
      ['column', column],
    ]),
  );
}

/** A reader of rows over one text. */
class Reader {
  readonly #source: string;
  readonly #separator: string;
  #at: number;

  constructor(source: string, separator: string) {
    this.#source = source;
    this.#separator = separator;
    this.#at = source.startsWith('\ufeff') ? 1 : 0;
  }

  /** The next row, null at the end; an empty last line is none. */
  row(): { readonly fields: readonly string[]; readonly start: number } | null {
    if (this.#at >= this.#source.length) return null;
    const start = this.#at;
    const fields = [this.#field()];
    while (this.#skip(this.#separator)) fields.push(this.#field());
    if (!this.#skip('\r\n') && !this.#skip('\n') && this.#at < this.#source.length) {
      const lone = this.#source[this.#at] === '\r';
      refuse(this.#source, this.#at, lone ? 'carriage return without line feed' : 'text after a quoted field');
    }
    return { fields, start };
  }

  #skip(mark: string): boolean {
    if (!this.#source.startsWith(mark, this.#at)) return false;
    this.#at += mark.length;
    return true;
  }

  #field(): string {
    if (this.#source[this.#at] === '"') return this.#quoted();
    const start = this.#at;
    for (; this.#at < this.#source.length; this.#at++) {
      const c = this.#source[this.#at];
      if (c === '\n' || c === '\r' || this.#source.startsWith(this.#separator, this.#at)) break;
      if (c === '"') refuse(this.#source, this.#at, 'quote inside a field that is not quoted');
    }
    return this.#source.slice(start, this.#at);
  }

  #quoted(): string {
    const start = this.#at;
    const pieces: string[] = [];
    for (let from = start + 1; ;) {
      const end = this.#source.indexOf('"', from);
      if (end < 0) refuse(this.#source, start, 'open quote');
      pieces.push(this.#source.slice(from, end));
      this.#at = end + 1;
      if (this.#source[this.#at] !== '"') return pieces.join('"');
      from = this.#at + 1;
    }
  }
}

/** The rest of the rows, each as long as the first. */
function rowsOf(rt: Rt, source: string, reader: Reader, width: number | null): (readonly string[])[] {
  const rows: (readonly string[])[] = [];
  let expected = width;
  for (let row = reader.row(); row !== null; row = reader.row()) {
    expected ??= row.fields.length;
    if (row.fields.length !== expected) refuse(source, row.start, `${row.fields.length} fields instead of ${expected}`);
    checkSize(rt, rows.length + 1);
    rows.push(row.fields);
  }
  return rows;
}

function parseCsv(rt: Rt, v: Value, opts: Value | undefined): Value {
  const { header, keywords, separator: mark } = options(opts);
  const source = chargedText(rt, 'parse-csv', v);
  const reader = new Reader(source, mark);
  if (!header) return Vec.of(rowsOf(rt, source, reader, null).map((fields) => Vec.of([...fields])));
  const first = reader.row();
  if (first === null) return Vec.empty;
  const columns = first.fields.map((name) => keyFromPlain(name, { keywords }));
  if (new Set(first.fields).size < columns.length) refuse(source, first.start, 'two columns of the same name');
  const rows = rowsOf(rt, source, reader, columns.length);
  return Vec.of(rows.map((fields) => PMap.of(columns.map((column, i) => [column, fields[i] ?? ''] as const))));
}

/** CSV. */
export const CSV: readonly Entry[] = [define('parse-csv', '[:string] :vector [:string :map?] :vector', parseCsv)];
