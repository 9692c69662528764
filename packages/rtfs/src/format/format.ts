/**
 * `format` (R13.11, R1.39): a text in its canonical layout. Only white space and the place of comments change; the layout depends
 * on the tokens, on empty lines and on which comments stand on lines of their own, not on where lines broke before.
 */
import type { Diagnostic } from '../machine/types.ts';
import { read } from '../reader/read.ts';
import type { ReadOptions } from '../reader/read.ts';
import { measure } from './measure.ts';
import { single } from './rows.ts';
import { tokensOf } from './tokens.ts';
import { treeOf } from './tree.ts';
import { Writer } from './write.ts';

/** The laid out text, or what keeps the text from being read. */
export type Formatted =
  | { readonly ok: true; readonly text: string; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Lays a text out, 100 columns wide. One that does not read comes back as its diagnostics. Never throws. */
export function format(text: string, options: ReadOptions = {}): Formatted {
  const { diagnostics } = read(text, options);
  if (diagnostics.some(({ severity }) => severity === 'error')) return { ok: false, diagnostics };
  const prologue = prologueOf(text);
  const writer = new Writer();
  writer.all(single(measure(treeOf(tokensOf(text, prologue.end)))));
  return { ok: true, text: prologue.text + writer.text(), diagnostics };
}

/** A byte order mark and a `#!` line stay as they are (R1.1, R1.4); an empty line behind them too. */
function prologueOf(text: string): { text: string; end: number } {
  const mark = text.startsWith('\ufeff') ? '\ufeff' : '';
  if (!text.startsWith('#!', mark.length)) return { text: mark, end: mark.length };
  const line = text.indexOf('\n', mark.length);
  const end = line < 0 ? text.length : line;
  const blank = /^\s*\n\s*\n\s*\S/.test(text.slice(end, end + 4096));
  return { text: `${text.slice(0, end).trimEnd()}\n${blank ? '\n' : ''}`, end };
}
