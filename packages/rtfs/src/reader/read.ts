/** The entry of the reader: a text to forms, never throwing (R1.35). */
import { DEFAULT_LIMITS } from '../values/limits.ts';
import type { Diagnostic, Limits } from '../machine/types.ts';
import type { Form } from './forms.ts';
import { Reader } from './reader.ts';
import { Source } from './source.ts';
import { characterCount } from '../values/text.ts';

/** The limits that reading obeys (R17.5). */
export type ReadLimits = Pick<Limits, 'sourceBytes' | 'sourceDepth' | 'tokenLength' | 'diagnostics'>;

/** The file name for spans, and limits other than the standard ones. */
export interface ReadOptions {
  readonly file?: string;
  readonly limits?: Partial<Limits>;
}

/** The forms of a text and what is wrong with it; `more` counts the findings beyond the limit. */
export interface ReadResult {
  readonly forms: readonly Form[];
  readonly diagnostics: readonly Diagnostic[];
  readonly more?: number;
}

/** Reads a text. Never throws: what cannot be read is a diagnostic and an error form. */
export function read(text: string, options: ReadOptions = {}): ReadResult {
  const limits: ReadLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const source = new Source(text, limits, options.file);
  if (utf8Bytes(text) > limits.sourceBytes) {
    const what = `the source is larger than ${limits.sourceBytes} bytes`;
    source.report('SourceTooLarge', what, source.from(source.place()), { hint: 'move data into a file and read it' });
    return finished([], source);
  }
  const lone = loneSurrogate(text);
  if (lone >= 0) {
    source.at = lone;
    const before = text.slice(0, lone);
    source.line = before.split('\n').length;
    source.report(
      'LoneSurrogate',
      'a lone surrogate is no character',
      source.from({ ...source.place(), column: characterCount(before.slice(before.lastIndexOf('\n') + 1)) + 1 }),
    );
    return finished([], source);
  }
  const first = new Reader(source, false);
  const forms = first.all();
  if (!first.unclosed) return finished(forms, source);
  // Brackets that never close: read again, taking a `(` in column 1 for the beginning of the next top-level form
  // (R1.35).
  const again = new Source(text, limits, options.file);
  return finished(new Reader(again, true).all(), again);
}

function finished(forms: readonly Form[], source: Source): ReadResult {
  return { forms, diagnostics: source.diagnostics, ...(source.more === 0 ? {} : { more: source.more }) };
}

/** UTF-8 bytes of a well-formed text. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // Each half of a pair counts two: four bytes for two units.
    if (code >= 0x80) bytes += code < 0x800 || code >> 11 === 0x1b ? 1 : 2;
  }
  return bytes;
}

function loneSurrogate(text: string): number {
  return text.isWellFormed() ? -1 : text.search(/\p{Surrogate}/u);
}
