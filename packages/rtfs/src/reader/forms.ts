/**
 * Forms: what the reader makes of a text, each with its span. A form is not a value: ints and keywords could carry no
 * span.
 * `values ⇄ forms` (quote, macros) is a conversion of its own.
 */
import type { Float, Keyword, Regex, Span, Sym } from '../values/kinds.ts';

/** A literal that evaluates to itself. */
export interface LiteralForm {
  readonly t: 'literal';
  readonly value: null | boolean | number | bigint | string | Float | Keyword | Regex;
  readonly span: Span;
}
/**
 * A symbol as written (`x`, `a/b`, `%1`, `&`, `_`); a leading dot in head position is already gone (R1.20). `meta` is
 * the map of
 * `^{…}` before the name in `defn` (R1.28).
 */
export interface SymbolForm {
  readonly t: 'symbol';
  readonly name: string;
  readonly span: Span;
  readonly meta?: Form;
  /** The symbol as data where macro expansion made it (R9.4); the reader makes none. */
  readonly sym?: Sym;
}
/** `( )`, `[ ]`, `{ }` (keys and values in turn), `#{ }`. `meta` is the map of `^{…}` before it (R1.28). */
export interface CollectionForm {
  readonly t: 'list' | 'vector' | 'map' | 'set';
  readonly items: readonly Form[];
  readonly span: Span;
  readonly meta?: Form;
}
/**
 * A reader prefix: `'f` quote, `` `f `` quasiquote, `~f` unquote, `~@f` splice, `@f` deref (R1.25–R1.27). `#(…)` is
 * expanded by
 * the reader into `(fn [%1 …] …)` (R1.24).
 */
export interface PrefixForm {
  readonly t: 'quote' | 'quasiquote' | 'unquote' | 'splice' | 'deref';
  readonly form: Form;
  readonly span: Span;
}
/**
 * A type annotation that cannot be anything else: glued `x:int` or after a bare colon (R1.30). It follows the
 * annotated form
 * among the items of the enclosing collection. The spaced `x :int` is an ordinary keyword here; the analyser decides
 * (R1.31).
 */
export interface AnnotationForm {
  readonly t: 'annotation';
  readonly type: Form;
  readonly span: Span;
}
/** What could not be read; a diagnostic says why. A program that holds one never runs. */
export interface ErrorForm {
  readonly t: 'error';
  readonly span: Span;
}

export type Form = LiteralForm | SymbolForm | CollectionForm | PrefixForm | AnnotationForm | ErrorForm;
