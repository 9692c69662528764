/**
 * Whether functions can yield (decision 2, R11.5): a fixpoint over who calls whom. `never` < `unknown` < `yields`.
 */
import type { Library } from './library.ts';
import type { Behaviour, Callee, Func, Node } from './program.ts';

const RANK: Readonly<Record<Behaviour, number>> = { never: 0, unknown: 1, yields: 2 };

function worse(a: Behaviour, b: Behaviour): Behaviour {
  return RANK[a] >= RANK[b] ? a : b;
}

/**
 * Sets `behaviour` of every function. A program in which nothing yields is plain throughout: it has no generators at all.
 */
export function inferBehaviour(funcs: readonly Func[], library: Library): void {
  if (!funcs.some(({ facts }) => facts.yields)) return;
  solve(funcs, library);
  // A function with both bodies stands twice in the code of one around it: nested deeper than this, it becomes a generator.
  const deep = funcs.filter((func) => func.behaviour === 'unknown' && unknownAround(func) >= BOTH_DEPTH);
  if (deep.length === 0) return;
  for (const { facts } of deep) facts.yields = true;
  solve(funcs, library);
}

const BOTH_DEPTH = 3;

function unknownAround(func: Func): number {
  let count = 0;
  for (let outer = func.parent; outer !== null; outer = outer.parent) if (outer.behaviour === 'unknown') count++;
  return count;
}

function solve(funcs: readonly Func[], library: Library): void {
  const callers = new Map<Func, Func[]>();
  for (const func of funcs) {
    for (const callee of func.facts.callees) {
      for (const one of functionsIn(callee, library)) {
        const list = callers.get(one);
        if (list === undefined) callers.set(one, [func]);
        else list.push(func);
      }
    }
  }
  const work = [...funcs];
  for (let func = work.pop(); func !== undefined; func = work.pop()) {
    const behaviour = own(func, library);
    if (behaviour === func.behaviour) continue;
    func.behaviour = behaviour;
    // A caller that is as bad already stays as it is, however many functions it calls.
    for (const caller of callers.get(func) ?? []) if (RANK[caller.behaviour] < RANK[behaviour]) work.push(caller);
  }
}

function own(func: Func, library: Library): Behaviour {
  if (func.facts.yields) return 'yields';
  let result: Behaviour = func.facts.unknown ? 'unknown' : 'never';
  for (const callee of func.facts.callees) {
    result = worse(result, behaviourOf(callee, library));
    if (result === 'yields') break;
  }
  return result;
}

function behaviourOf(callee: Callee, library: Library): Behaviour {
  if (callee.t === 'func') return callee.func.behaviour;
  if (callee.t === 'variable') return known(callee.variable)?.behaviour ?? 'unknown';
  return libraryBehaviour(callee.name, callee.args, library);
}

/** What an application of a library function does: nothing, or what the functions it is given do. */
export function libraryBehaviour(name: string, args: readonly Node[], library: Library): Behaviour {
  const entry = library.get(name);
  if (entry === undefined || entry.func === null) return 'never';
  if (entry.calls === 'all') return 'unknown';
  let result: Behaviour = 'never';
  for (const at of entry.calls) {
    // A position beyond the fixed parameters is the rest parameter: any further argument may be called.
    const given =
      at >= entry.func.clauses[0]!.params.length && hasRest(entry.func) ? args.slice(at) : args.slice(at, at + 1);
    for (const arg of given) result = worse(result, behaviourOfValue(arg, library));
  }
  return result;
}

function hasRest(func: Func): boolean {
  return func.clauses.some(({ rest }) => rest !== null);
}

/** What calling the value of `node` may do. */
export function behaviourOfValue(node: Node, library: Library): Behaviour {
  switch (node.t) {
    case 'fn':
      return node.func.behaviour;
    case 'const':
    case 'map':
    case 'set':
    case 'vector':
      return 'never';
    case 'library':
      return (library.get(node.name)?.func ?? null) === null ? 'never' : 'unknown';
    case 'local':
      return known(node.variable)?.behaviour ?? 'unknown';
    default:
      return 'unknown';
  }
}

/** The function a variable certainly stands for. */
export function known(variable: { assignments: number; func: Func | null }): Func | null {
  return variable.assignments === 1 ? variable.func : null;
}

function functionsIn(callee: Callee, library: Library): Func[] {
  if (callee.t === 'func') return [callee.func];
  if (callee.t === 'variable') return callee.variable.func === null ? [] : [callee.variable.func];
  const entry = library.get(callee.name);
  if (entry === undefined || entry.func === null) return [];
  return callee.args.flatMap((arg) => {
    if (arg.t === 'fn') return [arg.func];
    return arg.t === 'local' && arg.variable.func !== null ? [arg.variable.func] : [];
  });
}
