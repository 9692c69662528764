/**
 * Which of its parameters a library function calls: what a call of it may do depends on them alone (R11.5).
 */
import type { Library } from './library.ts';
import type { Func, Node, Variable } from './program.ts';
import { known } from './behaviour.ts';

/** The positions of parameters that `func` may call, those of a rest parameter as the first of them; `all` if it calls other things. */
export function calledPositions(func: Func, library: Library): readonly number[] | 'all' {
  const positions = new Map<Variable, number>();
  for (const { params, rest } of func.clauses) {
    params.forEach((param, i) => positions.set(param, i));
    if (rest !== null) positions.set(rest, params.length);
  }
  const found = new Set<number>();
  let all = false;
  const called = (node: Node): void => {
    if (node.t === 'local') {
      if (known(node.variable) !== null) return;
      const at = positions.get(node.variable);
      if (at === undefined) all = true;
      else found.add(at);
    } else if (node.t !== 'const' && node.t !== 'library' && node.t !== 'fn') {
      all = true;
    }
  };
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (typeof value !== 'object' || value === null) return;
    const node = value as Node;
    if (node.t === 'call') calledBy(node.callee, node.args);
    if (node.t === 'primitive' && node.name === '%spread') called(node.args[0] as Node);
    if (node.t === 'fn') return node.func.clauses.forEach((clause) => visit(clause.body));
    for (const [key, part] of Object.entries(node)) if (!LINKS.has(key)) visit(part);
  };
  const calledBy = (callee: Node, args: readonly Node[]): void => {
    if (callee.t !== 'library') return called(callee);
    const entry = library.get(callee.name);
    if (entry === undefined || entry.func === null) return;
    if (entry.func === func) return;
    if (entry.calls === 'all') all = true;
    else for (const at of entry.calls) args.slice(at, at + 1).forEach(called);
  };
  func.clauses.forEach((clause) => visit(clause.body));
  return all ? 'all' : [...found].toSorted((a, b) => a - b);
}

/** Members of nodes that lead back or out, not to parts. */
const LINKS = new Set(['variable', 'variables', 'func', 'tailOf', 'target', 'span', 'item', 'cast']);
