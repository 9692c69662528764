/** Cells → rows: one each, pairs, bindings with their annotations (R1.31), clauses of `match` (R7.14). */
import { isKnownType } from '../types/parse.ts';
import { boxOf, isKeyword, textOf } from './boxes.ts';
import type { Cell, Row } from './boxes.ts';

/** A row for each cell. */
export function single(cells: readonly Cell[]): Row[] {
  return cells.map((cell) => row([cell]));
}

/** A key and its value in a row. */
export function pairs(cells: readonly Cell[]): Row[] {
  return grouped(cells, () => 2);
}

/** A pattern, its annotation and its value in a row. */
export function bindings(cells: readonly Cell[]): Row[] {
  const forms = cells.filter(isForm);
  const whole = completeFrom(forms);
  return grouped(cells, (at) => (mayBeType(forms[at + 1]) && whole[at + 3] === true ? 3 : 2));
}

/** A pattern, its guard and its body in a row. */
export function clauses(cells: readonly Cell[]): Row[] {
  const forms = cells.filter(isForm);
  return grouped(cells, (at) => {
    if (textOf(forms[at + 1]) === 'when') return 4;
    const second = boxOf(forms[at + 1]);
    const guard = second !== null && second.open === '(' && textOf(second.head[0]) === 'when';
    return guard && formsIn(second) === 2 && at + 2 < forms.length ? 3 : 2;
  });
}

/** Arguments: a keyword and its value in a row where at least two such pairs end the call, else one each. */
export function argumentRows(cells: readonly Cell[]): Row[] {
  const forms = cells.filter(isForm);
  let from = forms.length;
  while (from >= 2 && isKeyword(forms[from - 2])) from -= 2;
  const paired = forms.length - from > 2;
  return grouped(cells, (at) => (paired && at >= from ? 2 : 1));
}

/** Whether a cell is a form, and no comment or discarded form. */
export function isForm(cell: Cell): boolean {
  return cell.item.kind === 'form';
}

function formsIn(box: { readonly head: readonly Cell[]; readonly rows: readonly Row[] }): number {
  return box.head.filter(isForm).length + box.rows.flatMap(({ cells }) => cells).filter(isForm).length;
}

function row(cells: readonly Cell[]): Row {
  return { cells, blank: cells[0]?.item.blank ?? false };
}

/**
 * Rows of as many forms as `size` says for the form of that index. What is no form stands in a row of its own between rows, and
 * where it is within one.
 */
function grouped(cells: readonly Cell[], size: (at: number) => number): Row[] {
  const rows: Row[] = [];
  let form = 0;
  for (let i = 0; i < cells.length;) {
    const from = i;
    if (isForm(cells[i] as Cell)) {
      const end = form + size(form);
      while (i < cells.length && form < end) if (isForm(cells[i++] as Cell)) form++;
    } else i++;
    rows.push(row(cells.slice(from, i)));
  }
  return rows;
}

function mayBeType(cell: Cell | undefined): boolean {
  if (!isKeyword(cell)) return false;
  const name = textOf(cell).slice(1);
  return isKnownType(name) || /^\p{Lu}/u.test(name);
}

/** For each index, whether the forms from there on are complete bindings (R1.31). */
function completeFrom(forms: readonly Cell[]): boolean[] {
  const whole: boolean[] = [];
  whole[forms.length] = true;
  for (let i = forms.length - 1; i >= 0; i--)
    whole[i] = whole[i + 2] === true || (mayBeType(forms[i + 1]) && whole[i + 3] === true);
  return whole;
}
