/**
 * Which variables may hold an owned collection (`ownership.ts`), and what the operations do that make them so.
 */
import { known } from '../syntax/behaviour.ts';
import type { CallNode, Clause, Func, LoopNode, Node, Variable } from '../syntax/program.ts';
import { childrenOf } from './children.ts';

/** Operations that give their first argument changed, and keep nothing else of it. */
const CHANGES: ReadonlySet<string> = new Set([
  'assoc',
  'conj',
  'assoc-in',
  'update',
  'update-in',
  'dissoc',
  'disj',
  'into',
]);
/** Functions whose value is a vector that nobody else has. */
const MAKES: ReadonlySet<string> = new Set(['repeat', 'range', 'numbers', 'map', 'mapv', 'filter', 'filterv']);

/** Library functions whose function argument gets, first, a value that nobody else holds, and gives it back. */
const FOLDS: ReadonlySet<string> = new Set(['reduce', 'reduce-kv']);

/** Parameters that a fold hands an owned value to, known when the function that holds the fold is analysed. */
export const folded = new WeakSet<Clause>();

/** The library function that a node applies, or null. */
export function libraryName(node: Node): string | null {
  return node.t === 'call' && node.callee.t === 'library' ? node.callee.name : null;
}

/** Whether the value of a node is a vector that nobody else has. */
export function isMade(node: Node): boolean {
  const name = libraryName(node);
  return name !== null && MAKES.has(name);
}

/** Whether a node gives its first argument changed. */
export function isChange(node: Node): node is CallNode {
  const name = libraryName(node);
  return name !== null && CHANGES.has(name) && (node as CallNode).args.length >= 2;
}

/** Whether a clause can have keepers: most functions change no collection. Notes the folds of its function on the way. */
export function mayOwn(func: Func, clause: Clause): boolean {
  let changes = false;
  for (const callee of func.facts.callees) {
    if (callee.t !== 'library') continue;
    if (CHANGES.has(callee.name)) changes = true;
    else if (FOLDS.has(callee.name)) noteFold(callee.args);
  }
  return changes || folded.has(clause);
}

/** A function that is written as the argument of a fold, that never yields and that nobody else can call. */
function noteFold([first]: readonly Node[]): void {
  if (first?.t !== 'fn') return;
  const { func } = first;
  const [clause] = func.clauses;
  const lone = func.clauses.length === 1 && clause !== undefined && clause.rest === null && clause.cast === null;
  if (!lone || func.behaviour !== 'never' || namesItself(clause.body, func)) return;
  folded.add(clause);
}

/** Finds the keepers of a clause, and which of them each loop-like node reads. */
export class Keepers {
  readonly all = new Set<Variable>();
  /** Variables read inside nodes whose parts run more than once, or out of line. */
  readonly inside = new Map<Node, ReadonlySet<Variable>>();
  readonly #func: Func;
  readonly #clause: Clause;
  /** Values that a variable may get. */
  readonly #sources: (readonly [Variable, Node])[] = [];
  readonly #refused = new Set<Variable>();
  #repeats = false;

  constructor(func: Func, clause: Clause) {
    this.#func = func;
    this.#clause = clause;
    const isFolded = folded.has(clause);
    this.#gather(clause.body, true, new Set());
    if (!isFolded && !this.#repeats && !clause.loops) return;
    if (isFolded && clause.params[0] !== undefined) this.#keep(clause.params[0]);
    for (let grown = true; grown;) {
      grown = false;
      for (const [variable, value] of this.#sources) {
        if (!this.all.has(variable) && this.#gives(value)) grown = this.#keep(variable) || grown;
      }
    }
  }

  #keep(variable: Variable): boolean {
    const fits =
      variable.kind === 'bound' &&
      variable.owner === this.#func &&
      !variable.captured &&
      !variable.mutable &&
      !this.#refused.has(variable);
    if (fits) this.all.add(variable);
    return fits;
  }

  /** Whether the value of `node` may be owned. */
  #gives(node: Node): boolean {
    return tailsOf(node).some((tail) => (tail.t === 'local' ? this.all.has(tail.variable) : isChange(tail)));
  }

  /** Walks a node; `used` says whether somebody gets its value. Adds the variables it reads to `around`. */
  #gather(node: Node, used: boolean, around: Set<Variable>): void {
    const read = isRepeated(node) ? new Set<Variable>() : around;
    if (node.t === 'local') read.add(node.variable);
    this.#sourcesOf(node, used);
    const last = node.t === 'do' ? node.body.at(-1) : null;
    for (const child of childrenOf(node)) {
      const childUsed = node.t === 'do' ? child === last && used : !(node.t === 'times' || node.t === 'while');
      // A loop starts once.
      const isStart = node.t === 'loop' && child !== node.body;
      this.#gather(child, childUsed, isStart ? around : read);
    }
    // What is declared inside cannot be read outside.
    for (const variable of declaredIn(node)) {
      read.delete(variable);
      around.delete(variable);
    }
    if (read === around) return;
    this.inside.set(node, read);
    for (const variable of read) around.add(variable);
  }

  #sourcesOf(node: Node, used: boolean): void {
    if (node.t === 'bind') {
      // The value of the binding itself would be a second reference.
      if (used && node.gives === 'value') this.#refused.add(node.variable);
      this.#sources.push([node.variable, node.value]);
    } else if (node.t === 'loop') {
      this.#repeats = true;
      node.variables.forEach((variable, i) => this.#sources.push([variable, node.inits[i] as Node]));
    } else if (node.t === 'recur') {
      const variables = variablesOf(node.target);
      node.args.forEach((arg, i) => {
        const variable = variables[i];
        if (variable !== undefined) this.#sources.push([variable, arg]);
      });
    } else if (node.t === 'call') {
      if (isSelfTailCall(node, this.#func, this.#clause)) {
        this.#clause.params.forEach((variable, i) => this.#sources.push([variable, node.args[i] as Node]));
      }
    }
  }
}

function declaredIn(node: Node): readonly Variable[] {
  if (node.t === 'scope' || node.t === 'loop') return node.variables;
  return node.t === 'cond' ? node.clauses.flatMap(({ variables }) => variables) : [];
}

function isRepeated(node: Node): boolean {
  return (
    node.t === 'loop' ||
    node.t === 'times' ||
    node.t === 'while' ||
    node.t === 'try' ||
    node.t === 'step' ||
    node.t === 'parallel'
  );
}

/** What `recur` to a target assigns. */
export function variablesOf(target: LoopNode | Clause): readonly Variable[] {
  if ('t' in target) return target.variables;
  // The rest parameter is bound to a list.
  return target.params;
}

/** Whether a call goes back to the head of its own clause (R6.4). */
export function isSelfTailCall(node: CallNode, func: Func, clause: Clause): boolean {
  return (
    node.tailOf === clause &&
    clause.rest === null &&
    node.args.length === clause.params.length &&
    node.callee.t === 'local' &&
    known(node.callee.variable) === func
  );
}

/** Whether some read in `node`, closures included, may be the function itself. */
function namesItself(node: Node, func: Func): boolean {
  if (node.t === 'local' && node.variable.func === func) return true;
  if (node.t === 'fn' && node.func.clauses.some(({ body }) => namesItself(body, func))) return true;
  return childrenOf(node).some((child) => namesItself(child, func));
}

/** The nodes whose value may be that of `node`; a binding's own value is not followed. */
function tailsOf(node: Node): readonly Node[] {
  switch (node.t) {
    case 'do':
      return node.body.length === 0 ? [] : tailsOf(node.body.at(-1) as Node);
    case 'scope':
    case 'loop':
      return tailsOf(node.body);
    case 'if':
      return [...tailsOf(node.then), ...tailsOf(node.else)];
    case 'cond':
      return [...node.clauses.flatMap(({ body }) => tailsOf(body)), ...tailsOf(node.otherwise)];
    case 'and':
    case 'or':
      return node.items.flatMap(tailsOf);
    case 'try':
      return [...tailsOf(node.body), ...node.clauses.flatMap(({ body }) => tailsOf(body))];
    default:
      return [node];
  }
}
