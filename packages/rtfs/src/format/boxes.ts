/** What a layout is made of: cells side by side in rows, rows below each other in boxes, each measured before it is written. */
import type { Item } from './tree.ts';

/** A piece of a cell: a token or a box. */
export interface Part {
  readonly gap: '' | ' ' | 'soft';
  readonly text: string;
  readonly box: Box | null;
  /** Whether it is a comment that runs to the end of its line. */
  readonly line: boolean;
}

/** An item, measured. */
export interface Cell {
  readonly item: Item;
  readonly parts: readonly Part[];
  /** Its width on one line, in UTF-16 units. */
  readonly width: number;
  /** Whether it cannot stand on one line. */
  readonly breaks: boolean;
}

/** Cells that stand on one line if they can. */
export interface Row {
  readonly cells: readonly Cell[];
  /** Whether an empty line stands before it. */
  readonly blank: boolean;
}

/**
 * How a box breaks. `call`: arguments below the first one. `body`: the head on the first line, rows below it, indented. `data`:
 * rows below each other behind the bracket. `fill`: as many cells a line as fit.
 */
export type Style = 'call' | 'body' | 'data' | 'fill';

/** A plan for a group: what is on the first line and what is in rows, and when it may stay on one line. */
export interface Plan {
  readonly style: Style;
  readonly head: readonly Cell[];
  readonly rows: readonly Row[];
  /** Columns by which the rows of a `body` stand behind its bracket. */
  readonly indent: number;
  /** Whether what does not fit beside the first cell of a row goes below it. */
  readonly below: boolean;
  /** The widest that it stays on one line. */
  readonly flat: number;
}

/** A group, measured, with its plan. */
export interface Box extends Plan {
  readonly open: string;
  readonly close: string;
  readonly width: number;
  readonly breaks: boolean;
}

/** The token that a cell is, if it is one alone; else ''. */
export function textOf(cell: Cell | undefined): string {
  const part = cell?.item.kind === 'form' && cell.parts.length === 1 ? cell.parts[0] : undefined;
  return part?.text ?? '';
}

/** The box that a cell is, without prefix or annotation; null for any other cell. */
export function boxOf(cell: Cell | undefined): Box | null {
  return cell?.item.kind === 'form' && cell.parts.length === 1 ? (cell.parts[0]?.box ?? null) : null;
}

/** Whether a cell is a keyword. */
export function isKeyword(cell: Cell | undefined): boolean {
  return /^:./.test(textOf(cell));
}
