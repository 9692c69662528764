/** Boxes → text. Each box is written once, on one line where it fits, else as its plan says. */
import type { Box, Cell, Row } from './boxes.ts';
import { WIDTH } from './styles.ts';

/** Lines begin no further right, so that a text of deep brackets does not become one of spaces. */
const DEEPEST = 60;
/** How far a continued row is indented. */
const CONTINUED = 2;

/** Writes boxes and keeps count of the column. */
export class Writer {
  readonly #out: string[] = [];
  #column = 0;
  /** Whether a comment ran to the end of the line, so that only a new line can follow. */
  #ended = false;

  /** The text so far. */
  text(): string {
    return this.#out.join('');
  }

  #put(text: string): void {
    this.#out.push(text);
    const line = text.lastIndexOf('\n');
    this.#column = line < 0 ? this.#column + text.length : text.length - line - 1;
  }

  #newLine(indent: number, blank = false): void {
    const column = Math.min(indent, DEEPEST);
    this.#out.push(blank ? '\n\n' : '\n', ' '.repeat(column));
    this.#column = column;
    this.#ended = false;
  }

  /** All rows of the text, each from the first column. */
  all(rows: readonly Row[]): void {
    rows.forEach((row, index) => {
      if (index > 0) this.#newLine(0, row.blank);
      this.#row(row.cells, { below: false, rest: 0 });
    });
    if (rows.length > 0) this.#out.push('\n');
  }

  #fits(width: number, rest: number): boolean {
    return this.#column + width + rest <= WIDTH;
  }

  /** Cells beside each other; `rest` columns follow behind the last. */
  #row(cells: readonly Cell[], { below, rest, indent }: { below: boolean; rest: number; indent?: number }): void {
    const from = indent ?? this.#column + CONTINUED;
    cells.forEach((cell, index) => {
      const behind = index === cells.length - 1 ? rest : 0;
      if (index > 0) {
        if (this.#needsLine(cell, cells[index - 1] as Cell) || this.#drops(cell, { from, below, behind }))
          this.#newLine(from);
        else this.#put(' ');
      }
      this.#cell(cell, behind);
    });
  }

  #needsLine(cell: Cell, before: Cell): boolean {
    return this.#ended || cell.item.kind === 'comment' || before.item.kind === 'comment';
  }

  /** Whether a cell goes to a line of its own because it does not fit beside the one before and fits there. */
  #drops(cell: Cell, { from, below, behind }: { from: number; below: boolean; behind: number }): boolean {
    if (!cell.breaks && this.#fits(1 + cell.width, behind)) return false;
    if (this.#column > DEEPEST) return from < this.#column;
    const solid = cell.parts.every(({ box }) => box === null);
    return (below || solid) && !cell.breaks && from + cell.width + behind <= WIDTH;
  }

  #cell(cell: Cell, rest: number): void {
    const from = this.#column;
    const flat = !cell.breaks && this.#fits(cell.width, rest);
    const { parts, item } = cell;
    parts.forEach(({ gap, text, box, line }, index) => {
      if (this.#ended || (gap === 'soft' && !flat)) this.#newLine(from);
      else if (gap !== '') this.#put(' ');
      if (box === null) this.#put(text);
      else this.#box(box, index === parts.length - 1 ? rest : 0);
      if (line) this.#ended = true;
    });
    for (const comment of item.trail) {
      this.#put(` ${comment}`);
      if (comment.startsWith(';')) this.#ended = true;
    }
    if (item.kind === 'comment') this.#ended ||= parts[0]?.line === true;
  }

  #box(box: Box, rest: number): void {
    if (!box.breaks && this.#fits(box.width, rest)) {
      this.#flat(box);
      return;
    }
    const base = this.#column;
    this.#put(box.open);
    const behind = rest + box.close.length;
    const at = box.style === 'call' ? this.#callHead(box, base, behind) : this.#head(box, base);
    box.rows.forEach((row, index) => {
      const beside = index === 0 && box.style !== 'body' && at.beside;
      if (!beside) this.#newLine(at.column, row.blank && (index > 0 || box.style === 'body'));
      const last = index === box.rows.length - 1 ? behind : 0;
      if (box.style === 'fill') this.#fill(row, at.column, last);
      else this.#row(row.cells, { below: box.below, rest: last });
    });
    const lastCell = box.rows.at(-1)?.cells.at(-1) ?? box.head.at(-1);
    if (this.#ended || lastCell?.item.kind === 'comment') this.#newLine(at.column);
    this.#put(box.close);
  }

  #head(box: Box, base: number): { column: number; beside: boolean } {
    if (box.style !== 'body') return { column: this.#column, beside: true };
    const column = base + box.indent;
    this.#row(box.head, {
      below: false,
      rest: box.rows.length === 0 ? box.close.length : 0,
      indent: column + CONTINUED,
    });
    return { column, beside: false };
  }

  /** The name of a call; its arguments stand behind it, or below it where they would not fit there. */
  #callHead(box: Box, base: number, behind: number): { column: number; beside: boolean } {
    const name = box.head[0] as Cell;
    this.#cell(name, 0);
    const column = this.#column + 1;
    const below = base + box.open.length;
    const wide = box.rows.some(({ cells }, index) => {
      const rest = index === box.rows.length - 1 ? behind : 0;
      const width = cells.reduce((sum, cell) => sum + cell.width + 1, -1) + rest;
      return !cells.some(({ breaks }) => breaks) && column + width > WIDTH && below + width <= WIDTH;
    });
    if (box.rows.length === 0 || (!wide && column <= DEEPEST && box.rows[0]?.cells[0]?.item.kind !== 'comment')) {
      if (box.rows.length > 0) this.#put(' ');
      return { column, beside: true };
    }
    return { column: below, beside: false };
  }

  #fill({ cells }: Row, column: number, rest: number): void {
    cells.forEach((cell, index) => {
      const behind = index === cells.length - 1 ? rest : 0;
      if (index > 0) {
        if (this.#fits(1 + cell.width, behind)) this.#put(' ');
        else this.#newLine(column);
      }
      this.#cell(cell, behind);
    });
  }

  #flat(box: Box): void {
    this.#put(box.open);
    let first = true;
    const flatCell = (cell: Cell): void => {
      if (!first) this.#put(' ');
      first = false;
      for (const { gap, text, box: inner } of cell.parts) {
        if (gap !== '') this.#put(' ');
        if (inner === null) this.#put(text);
        else this.#flat(inner);
      }
      for (const comment of cell.item.trail) this.#put(` ${comment}`);
    };
    box.head.forEach(flatCell);
    for (const { cells } of box.rows) cells.forEach(flatCell);
    this.#put(box.close);
  }
}
