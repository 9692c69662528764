/** Groups → boxes: chooses how each breaks, and measures it from the inside out, so that each is looked at once. */
import { boxOf, isKeyword, textOf } from './boxes.ts';
import type { Box, Cell, Part, Plan, Row } from './boxes.ts';
import { argumentRows, bindings, clauses, isForm, pairs, single } from './rows.ts';
import { BINDINGS_WIDTH, callWidth, CHOICE_WIDTH, FUNCTION_WIDTH, MAP_WIDTH, styleOf, WIDTH } from './styles.ts';
import type { FormStyle } from './styles.ts';
import { groupOf, isGroup, textOf as textOfItem } from './tree.ts';
import type { Group, Item } from './tree.ts';

/** What a group is to the form that it stands in. */
type Role = 'code' | 'bindings' | 'functions' | 'function';

/** Measures the items of a group or of the whole text. */
export function measure(items: readonly Item[], roles: (item: Item, index: number) => Role = () => 'code'): Cell[] {
  return items.map((item, index) => cellOf(item, roles(item, index)));
}

function cellOf(item: Item, role: Role): Cell {
  const parts = item.pieces.map(({ gap, part }): Part => {
    if (!isGroup(part)) return { gap, text: part.text, box: null, line: part.kind === 'line' };
    return { gap, text: '', box: boxFor(part, role), line: false };
  });
  let width = 0;
  let breaks = item.kind === 'comment';
  for (const { gap, text, box, line } of parts) {
    width += (gap === '' ? 0 : 1) + (box?.width ?? text.length);
    breaks ||= line || (box?.breaks ?? text.includes('\n'));
  }
  for (const comment of item.trail) {
    width += 1 + comment.length;
    breaks ||= comment.startsWith(';') || comment.includes('\n');
  }
  return { item, parts, width, breaks };
}

function boxFor(group: Group, role: Role): Box {
  const cells = measure(group.items, rolesIn(group, role));
  const { style, head, rows, indent, below, flat } = planFor(group, role, cells);
  const { open, close } = group;
  let width = open.length + Math.max(0, cells.length - 1) + close.length;
  let breaks = hasBlank(style, rows);
  for (const cell of cells) {
    width += cell.width;
    breaks ||= cell.breaks;
  }
  return { style, head, rows, indent, below, flat, open, close, width, breaks: breaks || width > flat };
}

/** An empty line is kept where a line begins: before each row but one that stands beside the bracket or the head. */
function hasBlank(style: Plan['style'], rows: readonly Row[]): boolean {
  return rows.some(({ blank }, index) => blank && (index > 0 || style === 'body'));
}

function isCode({ open, quoted }: Group): boolean {
  return open === '#(' || (open === '(' && !quoted);
}

/** What the items of a group are to it. */
function rolesIn(group: Group, role: Role): (item: Item, index: number) => Role {
  if (role === 'functions') return () => 'function';
  if (group.open === '[') return (_, index) => (textOfItem(group.items[index - 1]) === ':let' ? 'bindings' : 'code');
  if (!isCode(group)) return () => 'code';
  const binds = styleOf(textOfItem(group.items[0]))?.binds;
  if (binds === undefined || binds === null) return () => 'code';
  const at = group.items.findIndex((item) => groupOf(item)?.open === '[');
  return (_, index) => (index !== at ? 'code' : binds === 'pairs' ? 'bindings' : 'functions');
}

function planFor(group: Group, role: Role, cells: readonly Cell[]): Plan {
  if (group.open === '{') return data(pairs(cells), MAP_WIDTH);
  if (role === 'bindings') {
    const rows = bindings(cells);
    return data(rows, rows.length > 1 ? BINDINGS_WIDTH : WIDTH);
  }
  if (role === 'functions') return data(single(cells), BINDINGS_WIDTH);
  if (!isCode(group)) return cells.every(isWord) ? fill(cells) : data(single(cells), WIDTH);
  const first = cells[0];
  if (role === 'function') return functionPlan(cells, 0);
  if (boxOf(first)?.open === '[' || first?.parts[0]?.box?.open === '[') return arityPlan(cells);
  const name = textOf(first);
  const style = styleOf(name);
  if (style !== undefined) return formPlan(style, cells);
  const flat = callWidth(name);
  if (name === '' || first === undefined || first.item.trail.length > 0) return data(single(cells), flat);
  return { style: 'call', head: [first], rows: argumentRows(cells.slice(1)), indent: 1, below: false, flat };
}

function isWord(cell: Cell): boolean {
  return cell.item.kind === 'form' && !cell.breaks && cell.parts.every(({ box }) => box === null);
}

function data(rows: readonly Row[], flat: number): Plan {
  return { style: 'data', head: [], rows, indent: 0, below: false, flat };
}

function fill(cells: readonly Cell[]): Plan {
  const rows: { cells: Cell[]; blank: boolean }[] = [];
  for (const cell of cells) {
    if (rows.length === 0 || cell.item.blank) rows.push({ cells: [], blank: cell.item.blank });
    rows.at(-1)?.cells.push(cell);
  }
  return { style: 'fill', head: [], rows, indent: 0, below: false, flat: WIDTH };
}

function body(
  cells: readonly Cell[],
  head: number,
  rows: readonly Row[],
  width: Pick<FormStyle, 'one' | 'several'>,
): Plan {
  const flat = rows.length > 1 ? width.several : width.one;
  return { style: 'body', head: cells.slice(0, head), rows, indent: 2, below: false, flat };
}

/** `([a b] body*)`, an arity of a function. */
function arityPlan(cells: readonly Cell[]): Plan {
  const head = behindResult(cells, 1);
  return { ...body(cells, head, single(cells.slice(head)), FUNCTION_WIDTH), indent: 1 };
}

function formPlan(style: FormStyle, cells: readonly Cell[]): Plan {
  if (style.head === 'function') return functionPlan(cells, 1);
  if (style.head === 'step') return stepPlan(style, cells);
  const wanted = style.head === 'catch' ? catchHead(cells) : style.head;
  let head = behindForms(cells, 1, wanted);
  // `x : int` belongs to its name already; `x :int` before a value is an annotation too (R1.31).
  if (style.head === 1 && textOf(cells[0]) === 'def' && isKeyword(cells[head]) && head + 1 < cells.length) head++;
  const rest = cells.slice(head);
  const rows = style.rows === 'pairs' ? pairs(rest) : style.rows === 'clauses' ? clauses(rest) : single(rest);
  return { ...body(cells, head, rows, style), below: style.rows !== 'forms' };
}

/** The index behind `count` forms from `from` on. */
function behindForms(cells: readonly Cell[], from: number, count: number): number {
  let at = from;
  for (let left = count; left > 0 && at < cells.length; at++) if (isForm(cells[at] as Cell)) left--;
  return at;
}

/** `(catch Kind e body*)` or `(catch e body*)` (R8.5–R8.7). */
function catchHead(cells: readonly Cell[]): number {
  const [kind, name, next] = cells.slice(1).filter(isForm);
  const named = isKeyword(kind) || boxOf(kind) !== null || /^[\p{Lu}_]/u.test(textOf(kind));
  return named && next !== undefined && textOf(name) !== '' ? 2 : 1;
}

/** `[p*] T?`: the index behind the type that may follow the parameters at `at - 1`. */
function behindResult(cells: readonly Cell[], at: number): number {
  return isKeyword(cells[at]) && at + 1 < cells.length ? at + 1 : at;
}

/** `name? meta? "doc"? [p*] T? body*`, or arities behind the name; `from` names come first. */
function functionPlan(cells: readonly Cell[], from: number): Plan {
  const at = cells.findIndex((cell, index) => index >= from && cell.parts.some(({ box }) => box?.open === '['));
  const doc = cells.findIndex((cell) => textOf(cell).startsWith('"'));
  const isArities = at < 0 || cells.slice(from, at).some((cell) => boxOf(cell)?.open === '(');
  if (isArities || (doc >= 0 && doc < at)) {
    // Everything below the name; what belongs to the parameters stays beside them.
    const head = Math.min(behindForms(cells, 0, from + 1), doc > 0 ? doc : cells.length);
    if (isArities) return body(cells, head, single(cells.slice(head)), FUNCTION_WIDTH);
    const end = behindResult(cells, at + 1);
    const before = single(cells.slice(head, at));
    const parameters: Row = { cells: cells.slice(at, end), blank: cells[at]?.item.blank ?? false };
    return body(cells, head, [...before, parameters, ...single(cells.slice(end))], { one: 0, several: 0 });
  }
  const head = behindResult(cells, at + 1);
  return body(cells, head, single(cells.slice(head)), FUNCTION_WIDTH);
}

/** The widest that the options of a step stand on its first line. */
const OPTIONS_WIDTH = 50;

/** `(step "name" :option value … body*)`: short options beside the name, long ones below it. */
function stepPlan(style: FormStyle, cells: readonly Cell[]): Plan {
  const named = textOf(cells[0]) === 'step' ? 1 : 0;
  let head = behindForms(cells, 1, named);
  let end = head;
  while (isKeyword(cells[end]) && end + 1 < cells.length) end += 2;
  const options = cells.slice(head, end);
  const width = options.reduce((sum, cell) => sum + 1 + cell.width, 0);
  if (width <= OPTIONS_WIDTH && options.every(({ breaks }) => !breaks)) head = end;
  if (head === end && textOf(cells[0]) !== 'step' && textOf(cells[0]) !== 'step-parallel') {
    head = behindForms(cells, head, 1);
    end = head;
  }
  const rows = [...pairs(cells.slice(head, end)), ...single(cells.slice(end))];
  return body(cells, head, rows, textOf(cells[0]) === 'step-if' ? CHOICE_WIDTH : style);
}
