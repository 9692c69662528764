/**
 * Which functions run a few times at most, so that less code for them is better than faster code: the program itself, and named
 * functions that only such functions call, outside loops. What is handed on as a value may be called by anybody, a recursion by itself.
 */
import { known } from '../syntax/behaviour.ts';
import type { Func } from '../syntax/program.ts';

/** The functions that certainly run seldom. A function that nothing calls is one of them. */
export function coldFunctions(funcs: readonly Func[]): ReadonlySet<Func> {
  const calls = new Map<Func, number>();
  for (const func of funcs) for (const callee of calledBy(func)) calls.set(callee, (calls.get(callee) ?? 0) + 1);
  const cold = new Set<Func>();
  const work = funcs.filter((func) => !calls.has(func) && isNamed(func));
  for (let func = work.pop(); func !== undefined; func = work.pop()) {
    cold.add(func);
    if (func.facts.loops || func.clauses.some(({ loops }) => loops)) continue;
    for (const callee of calledBy(func)) {
      const left = (calls.get(callee) as number) - 1;
      calls.set(callee, left);
      if (left === 0 && isNamed(callee)) work.push(callee);
    }
  }
  return cold;
}

/** Whether all calls of a function are known; those of the program itself are. */
function isNamed({ parent, variable }: Func): boolean {
  return parent === null || (variable !== null && variable.assignments === 1 && !variable.asValue);
}

function calledBy({ facts }: Func): readonly Func[] {
  return facts.callees.flatMap((callee) => (callee.t === 'variable' ? (known(callee.variable) ?? []) : []));
}
