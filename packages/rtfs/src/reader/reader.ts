/**
 * The reader: one pass over the text (§1). Recursion goes as deep as brackets and prefixes nest, which `sourceDepth`
 * bounds. What
 * cannot be read becomes an error form and a diagnostic; reading goes on where R1.35 says.
 */
import { Keyword } from '../values/kinds.ts';
import type { Span } from '../values/kinds.ts';
import type { CollectionForm, Form, LiteralForm, PrefixForm, SymbolForm } from './forms.ts';
import { readRegex, readString } from './literals.ts';
import { isBoundary } from './source.ts';
import type { Place, Source } from './source.ts';
import { readOtherHash, shorthandFunction, warnEqualKeys } from './readings.ts';
import type { Shorthand } from './readings.ts';
import { badToken, nameAhead, readKeyword, readNumber, readSymbol, startsNumber } from './tokens.ts';

/** A bracket that is open: its place, its text and the code of what closes it. */
interface Open {
  readonly place: Place;
  readonly bracket: string;
  readonly close: number;
}

/** Reads the forms of one source. */
export class Reader {
  readonly #source: Source;
  /** Whether a `(` in column 1 ends what is open, for a text whose brackets do not close. */
  readonly #resync: boolean;
  readonly #open: Open[] = [];
  /** How many open brackets each closer fits. */
  readonly #closers: Record<number, number> = { 41: 0, 93: 0, 125: 0 };
  /** The forms read so far inside brackets that are open, the outermost first: each list takes its own, and no more room. */
  readonly #read: Form[] = [];
  #depth = 0;
  #templates = 0;
  #shorthand: Shorthand | null = null;
  /** Whether the end of the text came inside a bracket. */
  unclosed = false;

  constructor(source: Source, resync: boolean) {
    this.#source = source;
    this.#resync = resync;
  }

  /** All forms of the text. */
  all(): Form[] {
    const forms: Form[] = [];
    const source = this.#source;
    for (;;) {
      source.skip();
      const code = source.peek();
      if (Number.isNaN(code)) return forms;
      if (code === 41 || code === 93 || code === 125) {
        const place = source.place();
        source.at++;
        source.report('UnexpectedCloser', `unexpected '${String.fromCharCode(code)}'`, source.from(place), {
          hint: 'nothing is open here',
        });
      } else this.#form(forms);
    }
  }

  /** Reads one form, and the annotation glued to it, behind the last of `into`; nothing for what is discarded. */
  #form(into: Form[]): void {
    const source = this.#source;
    switch (source.peek()) {
      case 40:
        into.push(this.#list(source.place(), '('));
        return;
      case 91:
        into.push(this.#collection('vector', '[', 93));
        this.#annotation(into);
        return;
      case 123:
        into.push(this.#map());
        this.#annotation(into);
        return;
      case 34:
        into.push(this.#text());
        return;
      case 58:
        this.#colon(into);
        return;
      case 35:
        this.#hash(into);
        return;
      case 39:
        into.push(this.#prefixed('quote', 1));
        return;
      case 96:
        this.#templates++;
        into.push(this.#prefixed('quasiquote', 1));
        this.#templates--;
        return;
      case 126:
        into.push(source.peek(1) === 64 ? this.#prefixed('splice', 2) : this.#prefixed('unquote', 1));
        return;
      case 64:
        into.push(this.#prefixed('deref', 1));
        return;
      case 94:
        this.#meta(into);
        return;
      default:
        this.#token(into);
    }
  }

  #token(into: Form[]): void {
    const source = this.#source;
    if (startsNumber(source)) into.push(readNumber(source));
    else if (source.peek() === 47 && source.peek(1) === 47) this.#slashes(into);
    else if (nameAhead(source, 0)) {
      into.push(this.#symbol());
      this.#annotation(into);
    } else {
      const { start, line, column } = source.place();
      into.push(badToken(source, start, line, column));
    }
  }

  #slashes(into: Form[]): void {
    const place = this.#source.place();
    this.#source.toLineEnd();
    const span = this.#source.from(place);
    this.#source.report('CommentStyle', '// does not start a comment', span, { hint: 'comments start with ;' });
    into.push({ t: 'error', span });
  }

  #symbol(): Form {
    const form = readSymbol(this.#source, this.#templates > 0);
    if (form.t !== 'symbol' || this.#shorthand === null || form.name.charCodeAt(0) !== 37) return form;
    if (form.name === '%&') this.#shorthand.rest = true;
    else if (/^%(?:[1-9]|1[0-9]|20)?$/.test(form.name)) {
      const index = form.name === '%' ? 1 : Number(form.name.slice(1));
      this.#shorthand.highest = Math.max(this.#shorthand.highest, index);
      return { t: 'symbol', name: `%${index}`, span: form.span };
    }
    return form;
  }

  #text(): Form {
    const { at, line, column } = this.#source;
    const value = readString(this.#source);
    const span = this.#source.span(at, line, column);
    if (value === null) return { t: 'error', span };
    return this.#bounded({ t: 'literal', value, span });
  }

  /** A string or regex ends before a boundary (R1.5). */
  #bounded(form: LiteralForm): Form {
    if (isBoundary(this.#source.peek())) return form;
    const { start, line, column } = this.#source.place();
    return badToken(this.#source, start, line, column);
  }

  // Annotations

  /** Reads the annotation that is glued to what was just read (R1.30). */
  #annotation(into: Form[]): void {
    if (this.#source.peek() === 58) this.#annotate(into, this.#source.place());
  }

  /** A keyword, or a colon that stands alone and so annotates (R1.11, R1.30). */
  #colon(into: Form[]): void {
    const source = this.#source;
    const place = source.place();
    if (nameAhead(source, 1)) into.push(readKeyword(source));
    else if (source.peek(1) === 58) into.push(badToken(source, place.start, place.line, place.column));
    else this.#annotate(into, place);
  }

  #annotate(into: Form[], place: Place): void {
    const source = this.#source;
    source.at++;
    const type = this.#next('a type is missing behind the colon', place);
    const span = source.from(place);
    const found: Form = type === null ? { t: 'error', span } : { t: 'annotation', type, span };
    into.push(found);
  }

  // Nesting

  /** Goes one level down; false, with a finding, where the text nests too deep: then reading ends. */
  #enter(place: Place): boolean {
    if (++this.#depth <= this.#source.limits.sourceDepth) return true;
    this.#source.report(
      'TooDeep',
      `brackets nest deeper than ${this.#source.limits.sourceDepth}`,
      this.#source.from(place),
    );
    this.#source.at = this.#source.text.length;
    this.#open.length = 0;
    return false;
  }

  /**
   * The next form with the annotation glued to it; empty, with a finding that says what is missing, when there is
   * none.
   */
  #nextForms(missing: string, place: Place): Form[] {
    const source = this.#source;
    const forms: Form[] = [];
    if (!this.#enter(place)) return forms;
    while (forms.length === 0) {
      source.skip();
      const code = source.peek();
      if (Number.isNaN(code) || code === 41 || code === 93 || code === 125) break;
      this.#form(forms);
    }
    this.#depth--;
    if (forms.length === 0) source.report('Missing', missing, source.from(place));
    return forms;
  }

  /** The next form where no annotation may follow; null, with a finding, when there is none. */
  #next(missing: string, place: Place): Form | null {
    const [form, stray] = this.#nextForms(missing, place);
    if (stray !== undefined)
      this.#source.report('StrayAnnotation', 'a type annotation does not belong here', stray.span);
    return form ?? null;
  }

  #prefixed(t: PrefixForm['t'], length: number): Form {
    const source = this.#source;
    const place = source.place();
    source.at += length;
    const form = this.#next('nothing follows the prefix', place);
    const span = source.from(place);
    return form === null ? { t: 'error', span } : { t, form, span };
  }

  #list(place: Place, bracket: string): Form {
    const form = this.#items(place, bracket, 41);
    const items = form.items as Form[];
    const head = items[0];
    // R1.20: (.getMessage e) is (getMessage e).
    if (head?.t === 'symbol' && /^\.[^.]/u.test(head.name)) items[0] = { ...head, name: head.name.slice(1) };
    return { t: 'list', items, span: form.span };
  }

  #collection(t: 'vector' | 'set', bracket: string, close: number): Form {
    const { items, span } = this.#items(this.#source.place(), bracket, close);
    return { t, items, span };
  }

  #map(): Form {
    const source = this.#source;
    const { items, span } = this.#items(source.place(), '{', 125);
    const annotation = items.findIndex((item) => item.t === 'annotation');
    if (annotation >= 0) {
      const before = items[annotation - 1];
      const name = before?.t === 'symbol' ? before.name : 'name';
      source.report('AnnotationInMap', 'a map has no annotations', (items[annotation] as Form).span, {
        hint: `write :${name}`,
      });
      return { t: 'error', span };
    }
    const spliced = this.#templates > 0 && items.some((item) => item.t === 'splice');
    if (items.length % 2 !== 0 && !spliced) {
      source.report('OddMap', 'a map needs a value for every key', span, { hint: 'the last key has no value' });
      return { t: 'error', span };
    }
    warnEqualKeys(source, items);
    return { t: 'map', items, span };
  }

  /** Reads what stands between brackets, and the closing one (R1.35, R1.36). */
  #items(place: Place, bracket: string, close: number): { items: Form[]; span: Span } {
    const source = this.#source;
    source.at += bracket.length;
    if (!this.#enter(place)) return { items: [], span: source.from(place) };
    const first = this.#read.length;
    this.#open.push({ place, bracket, close });
    this.#closers[close] = (this.#closers[close] as number) + 1;
    while (this.#more(close)) this.#form(this.#read);
    const items = this.#read.splice(first);
    this.#closers[close] = (this.#closers[close] as number) - 1;
    this.#open.pop();
    this.#depth--;
    return { items, span: source.from(place) };
  }

  /** Whether another form follows inside the innermost bracket; goes behind the closing bracket if not. */
  #more(close: number): boolean {
    const source = this.#source;
    for (;;) {
      source.skip();
      const code = source.peek();
      if (code === close) {
        source.at++;
        return false;
      }
      if (Number.isNaN(code) || (this.#resync && this.#nextTopLevel(code))) {
        this.#neverClosed();
        return false;
      }
      if (code !== 41 && code !== 93 && code !== 125) return true;
      this.#wrongCloser(code);
      if ((this.#closers[code] as number) > 0) return false;
      source.at++;
    }
  }

  #nextTopLevel(code: number): boolean {
    const [first] = this.#open;
    return code === 40 && first !== undefined && first.place.column === 1 && this.#source.column === 1;
  }

  #neverClosed(): void {
    const source = this.#source;
    const open = this.#open.at(-1);
    if (open === undefined) return;
    this.unclosed = true;
    const where = `'${open.bracket}' opened at ${open.place.line}:${open.place.column}`;
    source.report(
      'Unclosed',
      `unexpected ${Number.isNaN(source.peek()) ? 'end of input' : 'beginning of the next form'}`,
      source.from(source.place()),
      { hint: `${where} is never closed`, related: [{ span: this.#opener(open), message: 'opened here' }] },
    );
  }

  /** The span of an opening bracket. */
  #opener({ place, bracket }: Open): Span {
    const { length } = bracket;
    return {
      ...this.#source.from(place),
      end: place.start + length,
      endLine: place.line,
      endColumn: place.column + length,
    };
  }

  #wrongCloser(code: number): void {
    const source = this.#source;
    const open = this.#open.at(-1) as Open;
    const expected = String.fromCharCode(open.close);
    const place = source.place();
    const span = { ...source.from(place), end: place.start + 1, endColumn: place.column + 1 };
    source.report(
      'WrongCloser',
      `expected '${expected}' to close '${open.bracket}' opened at ${open.place.line}:${open.place.column},` +
        ` found '${String.fromCharCode(code)}'`,
      span,
      { related: [{ span: this.#opener(open), message: 'opened here' }] },
    );
  }

  // What begins with # or ^

  #hash(into: Form[]): void {
    const source = this.#source;
    const place = source.place();
    switch (source.peek(1)) {
      case 123:
        into.push(this.#collection('set', '#{', 125));
        this.#annotation(into);
        return;
      case 40:
        into.push(this.#function(place));
        return;
      case 34: {
        const value = readRegex(source);
        const span = source.from(place);
        into.push(value === null ? { t: 'error', span } : this.#bounded({ t: 'literal', value, span }));
        return;
      }
      case 95:
        source.at += 2;
        this.#next('#_ has nothing to discard', place);
        return;
    }
    into.push(readOtherHash(source));
  }

  /** `#(…)`: a function whose parameters are named by their use (R1.24). */
  #function(place: Place): Form {
    const source = this.#source;
    const outer = this.#shorthand;
    const own: Shorthand = (this.#shorthand = { highest: 0, rest: false });
    const body = this.#list(place, '#(');
    this.#shorthand = outer;
    const { span } = body;
    if (outer !== null) {
      source.report('NestedShorthand', '#( … ) stands inside #( … )', span, {
        hint: 'write the inner one as (fn [x] …)',
      });
      return { t: 'error', span };
    }
    return shorthandFunction(own, body);
  }

  /** `^{…} f`, or `^:delegation T` before a parameter vector (R1.28). */
  #meta(into: Form[]): void {
    const source = this.#source;
    const place = source.place();
    source.at++;
    const meta = this.#next('nothing follows ^', place);
    const map = meta?.t === 'map' ? meta : this.#delegation(meta);
    const hint = 'write ^{:key value} before a call, fn, defn or def';
    if (map === null) {
      const span = source.from(place);
      source.report('BadMeta', 'metadata is a literal map', span, { hint });
      into.push({ t: 'error', span });
      return;
    }
    const [form, ...annotation] = this.#nextForms('metadata stands before nothing', place);
    if (form === undefined) return;
    const fits =
      meta?.t === 'map' ? form.t === 'list' || form.t === 'symbol' || form.t === 'vector' : form.t === 'vector';
    if (fits) into.push({ ...(form as CollectionForm | SymbolForm), meta: map });
    else {
      source.report('BadMeta', 'metadata does not belong here', form.span, { hint });
      into.push({ t: 'error', span: form.span });
    }
    into.push(...annotation);
  }

  #delegation(meta: Form | null): CollectionForm | null {
    if (meta?.t !== 'literal' || meta.value !== Keyword.of('delegation')) return null;
    const place = this.#source.place();
    const target = this.#next('a target is missing behind ^:delegation', place);
    if (target?.t !== 'literal' || !(target.value instanceof Keyword)) return null;
    const items: Form[] = [meta, target];
    if (target.value.name === 'remote' || target.value.name === 'local-model') {
      const model = this.#next('the name of a model is missing', place);
      if (model?.t !== 'literal' || typeof model.value !== 'string') return null;
      items.push({ t: 'literal', value: Keyword.of('model'), span: model.span }, model);
    }
    return { t: 'map', items, span: this.#source.from(place) };
  }
}
