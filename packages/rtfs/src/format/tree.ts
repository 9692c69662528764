/**
 * Tokens → a tree of what a layout moves: groups of items between brackets. An item is a form with its prefixes and its
 * annotation, which no layout takes apart, and with the comments that belong to it.
 */
import type { Token } from './tokens.ts';

/** A part of an item that is no group: a token. */
export interface Leaf {
  readonly text: string;
  readonly kind: Token['kind'];
}

/** What stands between two brackets. */
export interface Group {
  readonly open: string;
  readonly close: string;
  readonly items: readonly Item[];
  /** `'( … )`: data, not code. */
  readonly quoted: boolean;
}

/** A part of an item and what stands before it: nothing, a space, or a place where a line may begin. */
export interface Piece {
  readonly gap: '' | ' ' | 'soft';
  readonly part: Leaf | Group;
}

/** An item of a group, or of the whole text. */
export interface Item {
  /** A form; a form that `#_` discards; a comment on a line of its own. */
  readonly kind: 'form' | 'discard' | 'comment';
  readonly pieces: readonly Piece[];
  /** Comments behind it on the same line. */
  readonly trail: string[];
  /** Whether an empty line stands before it. */
  readonly blank: boolean;
}

/** Whether a part of an item is a group. */
export function isGroup(part: Leaf | Group): part is Group {
  return 'items' in part;
}

/** The group that an item is, without prefix or annotation; null for any other item. */
export function groupOf(item: Item | undefined): Group | null {
  const part = item?.pieces.length === 1 ? item.pieces[0]?.part : undefined;
  return part !== undefined && isGroup(part) ? part : null;
}

/** The token that an item is, if it is one alone; else ''. */
export function textOf(item: Item | undefined): string {
  const part = item?.kind === 'form' && item.pieces.length === 1 ? item.pieces[0]?.part : undefined;
  return part !== undefined && !isGroup(part) ? part.text : '';
}

/** The items of a text that reads without an error. */
export function treeOf(tokens: readonly Token[]): readonly Item[] {
  return new Builder(tokens).items();
}

class Builder {
  readonly #tokens: readonly Token[];
  /** 1 for each block comment that stands before a form on the same line, and so belongs to it. */
  readonly #leads: Uint8Array;
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
    this.#leads = new Uint8Array(tokens.length);
    for (let i = tokens.length - 2; i >= 0; i--) {
      const next = tokens[i + 1] as Token;
      const isForm = next.kind === 'block' ? this.#leads[i + 1] === 1 : next.kind !== 'close' && next.kind !== 'line';
      if (tokens[i]?.kind === 'block' && next.lines === 0 && isForm) this.#leads[i] = 1;
    }
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #take(): Token {
    return this.#tokens[this.#at++] as Token;
  }

  /** The items up to a closing bracket or the end. */
  items(): Item[] {
    const items: Item[] = [];
    for (;;) {
      const token = this.#peek();
      if (token === undefined || token.kind === 'close') return items;
      if (token.kind !== 'line' && (token.kind !== 'block' || this.#leads[this.#at] === 1)) items.push(this.#item());
      else {
        this.#at++;
        const last = items.at(-1);
        if (last !== undefined && token.lines === 0) last.trail.push(token.text);
        else items.push(item('comment', [{ gap: '', part: token }], token));
      }
    }
  }

  #item(): Item {
    const first = this.#peek() as Token;
    const pieces: Piece[] = [];
    while (this.#peek()?.kind === 'block') this.#comment(pieces);
    const discard = this.#peek()?.text === '#_';
    if (discard) {
      this.#push(pieces, this.#take());
      this.#form(pieces, false);
    } else this.#form(pieces, true);
    return item(discard ? 'discard' : 'form', pieces, first);
  }

  #comment(pieces: Piece[]): void {
    this.#push(pieces, this.#take());
  }

  /** A form with all that stands before it, and its annotation; a spaced colon annotates where `spaced` says so. */
  #form(pieces: Piece[], spaced: boolean): void {
    for (;;) {
      const token = this.#take();
      if (token.kind === 'open') {
        const quoted = lastText(pieces) === "'";
        const items = this.items();
        const close = this.#take();
        this.#add(pieces, { open: token.text, close: close.text, items, quoted }, token);
        this.#annotation(pieces, close.text, spaced);
        return;
      }
      this.#push(pieces, token);
      if (token.kind === 'name' || token.kind === 'text') {
        this.#annotation(pieces, token.kind === 'name' ? token.text : '', spaced);
        return;
      }
      if (token.text === '#_') this.#form(pieces, false);
      else if (token.text === '^') this.#meta(pieces);
    }
  }

  /** What `^` takes before the form that it stands at (R1.28, R11.13). */
  #meta(pieces: Piece[]): void {
    this.#form(pieces, false);
    if (lastText(pieces) !== ':delegation') return;
    this.#form(pieces, false);
    if (lastText(pieces) === ':remote' || lastText(pieces) === ':local-model') this.#form(pieces, false);
  }

  /** The annotation behind what ends with `end` (R1.30). */
  #annotation(pieces: Piece[], end: string, spaced: boolean): void {
    const next = this.#peek();
    if (end.endsWith(':')) {
      if (next !== undefined && next.kind !== 'close') this.#form(pieces, false);
      return;
    }
    if (next?.kind !== 'name') return;
    const glued = !next.spaced && next.text.startsWith(':') && (end === ']' || end === '}');
    if (!glued && !(spaced && next.text === ':')) return;
    this.#push(pieces, this.#take());
    if (next.text === ':') this.#form(pieces, false);
  }

  #push(pieces: Piece[], token: Token): void {
    this.#add(pieces, { text: token.text, kind: token.kind }, token);
  }

  #add(pieces: Piece[], part: Leaf | Group, token: Token): void {
    pieces.push({ gap: pieces.length === 0 ? '' : gapBefore(pieces, token), part });
  }
}

function item(kind: Item['kind'], pieces: readonly Piece[], first: Token): Item {
  return { kind, pieces, trail: [], blank: first.lines > 1 };
}

function lastText(pieces: readonly Piece[]): string {
  const part = pieces.at(-1)?.part;
  return part !== undefined && !isGroup(part) ? part.text : '';
}

/** What stands between the last of `pieces` and `token`. Around the colon of an annotation it is as written (R1.30). */
function gapBefore(pieces: readonly Piece[], token: Token): Piece['gap'] {
  const last = pieces.at(-1)?.part as Leaf | Group;
  if (isGroup(last)) {
    const meta = lastText(pieces.slice(0, -1)) === '^';
    return meta ? 'soft' : token.spaced || !token.text.startsWith(':') ? ' ' : '';
  }
  // `~ @x` is no splice.
  if (last.kind === 'prefix') return last.text === '~' && token.text.startsWith('@') ? ' ' : '';
  return last.text.endsWith(':') && last.kind === 'name' && !token.spaced ? '' : ' ';
}
