/**
 * A program or a library function → code with its tables.
 */
import type { Func, Program } from '../syntax/program.ts';
import { EMITTER } from './emit.ts';
import { coldFunctions } from './heat.ts';
import { bodyName, clauseCode } from './functions.ts';
import { Unit } from './unit.ts';
import type { Emitted, Linker } from './unit.ts';

/**
 * The code of a program. It defines a factory: given a machine it makes the closures of one instance and returns
 * `{plain, generator}`, one of which is null; the other is the body of the program, a function of the frame budget.
 */
export function emitProgram(program: Program, linker: Linker): Emitted {
  const yields = program.funcs.some(({ behaviour }) => behaviour === 'yields');
  const unit = new Unit(linker, {
    isLibrary: false,
    yields,
    hasParallel: program.hasParallel,
    cold: coldFunctions(program.funcs),
  });
  const { main, input } = program;
  const mode = main.behaviour === 'never' ? 'p' : 'g';
  // A main program that only may yield runs as a generator: attempts begin below it.
  const code = clauseCode(unit, EMITTER, { func: main, index: 0, mode });
  const result =
    mode === 'p'
      ? `{plain:${bodyName(main, 0, 'p')},generator:null}`
      : `{plain:null,generator:${bodyName(main, 0, 'g')}}`;
  return unit.assemble([`const v${input.id}=rt.input;const ${bodyName(main, 0, mode)}=(`, code, ');'], result);
}

/**
 * The code of one library function in one mode: a factory that gives the bodies of its clauses, in order. `yields` says whether
 * the program it is for can yield, so that closures made here need both bodies.
 */
export function emitLibrary(
  func: Func,
  { mode, yields }: { mode: 'p' | 'g'; yields: boolean },
  linker: Linker,
): Emitted {
  const unit = new Unit(linker, { isLibrary: true, yields, hasParallel: false, cold: new Set() });
  const bodies = func.clauses.map((_clause, index) => clauseCode(unit, EMITTER, { func, index, mode }));
  const names = func.clauses.map((_clause, index) => bodyName(func, index, mode));
  return unit.assemble(bodies, `[${names.join(',')}]`);
}
