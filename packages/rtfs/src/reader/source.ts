/** The text being read: where the reader stands, positions in lines and columns, white space and comments, findings. */
import type { Diagnostic } from '../machine/types.ts';
import type { Span } from '../values/kinds.ts';
import type { ReadLimits } from './read.ts';
import { excerptAt } from './render.ts';

/** Ends a token: white space or one of the delimiters (R1.5). */
const BOUNDARY = 1;
const SPACE = 2;

const classes = new Uint8Array(128);
for (const c of ' \t\r\n\f,') classes[c.charCodeAt(0)] = SPACE | BOUNDARY;
for (const c of '()[]{}";@~`') classes[c.charCodeAt(0)] = BOUNDARY;

const OTHER_SPACE = /^\p{Zs}$/u;

/** Whether a UTF-16 code is white space (R1.2). */
export function isSpace(code: number): boolean {
  if (code < 128) return ((classes[code] as number) & SPACE) !== 0;
  return code >= 0xa0 && (code === 0xa0 || (code > 0x167f && OTHER_SPACE.test(String.fromCharCode(code))));
}

/** Whether a token ends before this code; NaN is the end of the text (R1.5). */
export function isBoundary(code: number): boolean {
  return code < 128 ? ((classes[code] as number) & BOUNDARY) !== 0 : Number.isNaN(code) || isSpace(code);
}

/** A place in the text. */
export interface Place {
  readonly start: number;
  readonly line: number;
  readonly column: number;
}

/** What a finding may have beside its code and text. */
export interface Remarks {
  readonly hint?: string;
  readonly related?: Diagnostic['related'];
  readonly kind?: string;
  readonly message?: string;
}

/** A source text and the reader's position in it. */
export class Source {
  readonly text: string;
  readonly limits: ReadLimits;
  readonly file: string | undefined;
  at = 0;
  line = 1;
  readonly diagnostics: Diagnostic[] = [];
  /** Findings beyond the limit. */
  more = 0;
  #lineStart = 0;
  readonly #hasPairs: boolean;
  #counted = 0;
  #pairs = 0;

  constructor(text: string, limits: ReadLimits, file: string | undefined) {
    this.text = text;
    this.limits = limits;
    this.file = file;
    this.#hasPairs = /[\ud800-\udbff]/.test(text);
    if (text.charCodeAt(0) === 0xfeff) this.at = this.#lineStart = this.#counted = 1;
    if (text.startsWith('#!', this.at)) this.toLineEnd();
  }

  /** The column of the reader's position, in code points from 1 (R1.34). */
  get column(): number {
    if (!this.#hasPairs) return this.at - this.#lineStart + 1;
    if (this.at < this.#counted) {
      this.#counted = this.#lineStart;
      this.#pairs = 0;
    }
    for (; this.#counted < this.at; this.#counted++) {
      if (this.text.charCodeAt(this.#counted) >> 10 === 0x37) this.#pairs++;
    }
    return this.at - this.#lineStart - this.#pairs + 1;
  }

  /** Says that a line begins at `offset`. */
  newLine(offset: number): void {
    this.line++;
    this.#lineStart = this.#counted = offset;
    this.#pairs = 0;
  }

  /** The code at the position, or `ahead` of it; NaN at the end. */
  peek(ahead = 0): number {
    return this.text.charCodeAt(this.at + ahead);
  }

  /** The position. */
  place(): Place {
    return { start: this.at, line: this.line, column: this.column };
  }

  /** The span from there to the position. */
  span(start: number, line: number, column: number): Span {
    const span = { start, end: this.at, line, column, endLine: this.line, endColumn: this.column };
    return this.file === undefined ? span : { ...span, file: this.file };
  }

  /** The span from a place to the position. */
  from(place: Place): Span {
    return this.span(place.start, place.line, place.column);
  }

  /** Reports a ParseError, or a finding of the kind that `remarks` name (R1.35). */
  report(code: string, what: string, span: Span, remarks: Remarks = {}): void {
    const message = remarks.message ?? `Parse error: ${what}`;
    this.#add({ kind: remarks.kind ?? 'ParseError', code, severity: 'error', message, span, ...pick(remarks) });
  }

  /** Reports something that does not keep the program from running. */
  warn(code: string, message: string, span: Span, remarks: Remarks = {}): void {
    this.#add({ kind: 'ParseError', code, severity: 'warning', message, span, ...pick(remarks) });
  }

  /** The excerpt is made for what is kept alone: a line may be as long as the text. */
  #add(finding: Omit<Diagnostic, 'excerpt'>): void {
    if (this.diagnostics.length >= this.limits.diagnostics) this.more++;
    else this.diagnostics.push({ ...finding, excerpt: excerptAt(this.text, finding.span) });
  }

  /** Goes to the end of the line. */
  toLineEnd(): void {
    const end = this.text.indexOf('\n', this.at);
    this.at = end < 0 ? this.text.length : end;
  }

  /** Goes to the end of the token that begins here, whatever it is; over at least one character. */
  toTokenEnd(): void {
    do this.at++;
    while (!isBoundary(this.peek()));
  }

  /** Skips white space and comments, `#_` aside; counts lines (R1.2, R1.3). */
  skip(): void {
    const { text } = this;
    for (;;) {
      const code = text.charCodeAt(this.at);
      if (code === 10) this.newLine(++this.at);
      else if (code === 59) this.toLineEnd();
      else if (code === 35 && text.charCodeAt(this.at + 1) === 124) this.#blockComment();
      else if (isSpace(code)) this.at++;
      else return;
    }
  }

  #blockComment(): void {
    const place = this.place();
    this.at += 2;
    const opening = this.from(place);
    for (let open = 1; open > 0;) {
      const code = this.peek();
      const next = this.peek(1);
      if (Number.isNaN(code)) {
        this.report('UnclosedComment', 'block comment is never closed', opening, { hint: 'close it with |#' });
        return;
      }
      this.at++;
      if (code === 10) this.newLine(this.at);
      else if ((code === 124 && next === 35) || (code === 35 && next === 124)) {
        open += code === 35 ? 1 : -1;
        this.at++;
      }
    }
  }
}

function pick(remarks: Remarks): Pick<Diagnostic, 'hint' | 'related'> {
  return {
    ...(remarks.hint === undefined ? {} : { hint: remarks.hint }),
    ...(remarks.related === undefined ? {} : { related: remarks.related }),
  };
}
