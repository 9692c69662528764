/**
 * Functions (core shapes 1, 6, 8): the prologue that charges and counts frames in one test, the trace, and the two bodies.
 */
import type { Clause, Func, Node, Variable } from '../syntax/program.ts';
import { known } from '../syntax/behaviour.ts';
import { Body, RETURN } from './body.ts';
import type { Emitter } from './body.ts';
import { NOT_OWNED, ownershipOf } from './ownership.ts';
import { TooLarge } from './unit.ts';
import type { Code, Unit } from './unit.ts';

/** The generated name of one body of a clause. */
export function bodyName(func: Func, clause: number, mode: 'p' | 'g'): string {
  return `${mode}${func.id}x${clause}`;
}

/** Functions that are declared already in the block being emitted or one around it, by body. */
const declared = new WeakMap<Body, Set<Func>>();

/** Declares the functions that `variables` certainly stand for, and `more`, in the present block. */
export function declareFunctions(body: Body, variables: readonly Variable[], more: readonly Func[] = []): void {
  let done = declared.get(body);
  if (done === undefined) declared.set(body, (done = new Set()));
  for (const func of [...variables.flatMap((variable) => known(variable) ?? []), ...more]) {
    if (done.has(func)) continue;
    done.add(func);
    for (const mode of modesOf(body, func)) {
      func.clauses.forEach((_clause, i) => body.emit(clauseCode(body.unit, body.emitter, { func, index: i, mode })));
    }
  }
}

/** The bodies a function has: plain unless it certainly yields, generator unless it certainly does not (decision 2). */
function modesOf(body: Body, func: Func): readonly ('p' | 'g')[] {
  const behaviour = body.behaviour(func);
  return behaviour === 'never' ? ['p'] : behaviour === 'yields' ? ['g'] : ['p', 'g'];
}

/** A function as a value. `isDeclared` is true where its bodies stand already. */
export function functionValue(body: Body, func: Func, isDeclared = false): string {
  if (!isDeclared) declareFunctions(body, [], [func]);
  const modes = modesOf(body, func);
  const bodies = (mode: 'p' | 'g'): string =>
    modes.includes(mode) ? `[${func.clauses.map((_clause, i) => bodyName(func, i, mode)).join(',')}]` : 'null';
  const shape = {
    name: func.name,
    clauses: func.clauses.map(({ params, rest }) => ({ n: params.length, rest: rest !== null })),
  };
  const only = func.clauses[0] as Clause;
  if (func.clauses.length === 1 && only.rest === null) {
    const one = (mode: 'p' | 'g', other: string): string => (modes.includes(mode) ? bodyName(func, 0, mode) : other);
    const name = body.unit.constant(func.name);
    return `new F(${name},${only.params.length},null,${one('p', 'rt.aborting')},${one('g', 'null')})`;
  }
  return `fn(rt,${body.unit.constant(shape)},${bodies('p')},${bodies('g')})`;
}

/** One body of one clause. */
export function clauseCode(
  unit: Unit,
  emitter: Emitter,
  { func, index, mode }: { func: Func; index: number; mode: 'p' | 'g' },
): Code {
  const clause = func.clauses[index] as Clause;
  const ownership = unit.isLibrary ? NOT_OWNED : ownershipOf(func, clause);
  const body = new Body(unit, emitter, { func, clause, mode, ownership });
  const params = clause.rest === null ? clause.params : [...clause.params, clause.rest];
  const loops = clause.loops || hasSelfTailCall(func, clause);
  const names = params.map((variable) =>
    loops && (variable.captured || variable.mutable) ? unit.name('w') : body.variable(variable),
  );
  const label = unit.name('L');
  if (loops) {
    body.loops.set(clause, { label, names });
    body.emit(`${label}:for(;;){`);
    params.forEach((variable, i) => {
      if (names[i] !== body.variable(variable)) body.emit(`let ${body.variable(variable)}=${names[i] as string};`);
    });
  }
  for (const variable of params) {
    if (variable.mutable && variable.captured && unit.hasParallel) body.emit(`let o${variable.id}=rt.branch;`);
  }
  body.statement(clause.body, RETURN);
  if (loops) body.emit('}');
  checkEngineSize(body, func);
  const star = mode === 'g' ? '*' : '';
  return [
    `function${star} ${bodyName(func, index, mode)}(${[...names, 'd'].join(',')}){`,
    framed(unit, func, body.lines),
    '}',
  ];
}

/** Names that the engines allow in one function, of which QuickJS allows the fewest. */
const NAMES_MAX = 60_000;

/** Throws TooLarge for a function that would be more than an engine can take. */
function checkEngineSize({ temporaries, named }: Body, func: Func): void {
  if (temporaries + named.size > NAMES_MAX) throw new TooLarge(func.span);
}

/** The prologue and the trace around a body. A function of the library charges what its row of the tables says. */
function framed(unit: Unit, func: Func, code: Code): Code {
  if (unit.isLibrary) {
    const charge =
      (func.parent?.parent ?? null) === null ? 'if(d<rt.low)rt.out(d);' : 'if((--rt.fuel|d-rt.low)<0)rt.out(d);';
    return [charge, code];
  }
  const site = unit.site(func.span, func.name);
  // The program itself is no application of a closure.
  const charge = func.parent === null ? '' : 'if((--rt.fuel|d-rt.low)<0)rt.out(d);';
  return [`let s=${site};try{${charge}`, code, '}catch(e){throw rt.traced(e,s);}'];
}

/** True if some call in tail position of the clause is the function itself with as many arguments (R6.4). */
function hasSelfTailCall(func: Func, clause: Clause): boolean {
  let found = false;
  const visit = (node: Node): void => {
    if (found) return;
    switch (node.t) {
      case 'call':
        found =
          node.tailOf === clause &&
          node.callee.t === 'local' &&
          known(node.callee.variable) === func &&
          (node.args.length === clause.params.length ||
            (clause.rest !== null && node.args.length >= clause.params.length));
        return;
      case 'do':
        return void (node.body.length > 0 && visit(node.body.at(-1) as Node));
      case 'scope':
      case 'loop':
        return visit(node.body);
      case 'if':
        visit(node.then);
        return visit(node.else);
      case 'and':
      case 'or':
        return visit(node.items.at(-1) as Node);
      case 'cond':
        node.clauses.forEach(({ body }) => visit(body));
        return visit(node.otherwise);
      default:
        return;
    }
  };
  visit(clause.body);
  return found;
}
