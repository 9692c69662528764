/**
 * Applications (core shapes 1 and 6). A callee that is known statically is called directly; any other goes through its `Fn`. In a
 * generator, a callee that may yield is started by hand: if it yields, the driver keeps it on its own stack, so that a resume
 * does not cost the depth. A callee that may or may not yield is attempted plain first.
 */
import { behaviourOfValue, known, libraryBehaviour } from '../syntax/behaviour.ts';
import type { CallNode, Clause, Func, LocalNode, Node, PrimitiveNode } from '../syntax/program.ts';
import type { Behaviour } from '../syntax/program.ts';
import { arityText } from '../values/fail.ts';
import { Keyword } from '../values/kinds.ts';
import type { Body } from './body.ts';
import { jump } from './jump.ts';
import { bodyName, declareFunctions } from './functions.ts';
import { inlineCall } from './inline.ts';
import { madeOnce } from './once.ts';

/** An application; the text of its value. */
export function emitCall(body: Body, node: CallNode): string {
  const { callee, args } = node;
  if (callee.t === 'library') return libraryCall(body, node, callee.name);
  if (callee.t === 'local') {
    const func = known(callee.variable);
    if (func !== null) return knownCall(body, node, callee, func);
  }
  if (callee.t === 'fn' && clauseFor(callee.func, args.length) !== null) {
    declareFunctions(body, [], [callee.func]);
    return direct(body, node, callee.func);
  }
  if (callee.t === 'const') return constantCall(body, node);
  return unknownCall(body, node);
}

/** The clause that takes `count` arguments. */
export function clauseFor(func: Func, count: number): number | null {
  const found = func.clauses.findIndex(
    ({ params, rest }) => params.length === count || (rest !== null && count >= params.length),
  );
  return found < 0 ? null : found;
}

/** The arguments as the clause's JavaScript function takes them: the rest as a list. */
function argumentsFor(body: Body, clause: Clause, args: readonly Node[]): string[] {
  const values = body.all(args);
  if (clause.rest === null) return values;
  const fixed = values.slice(0, clause.params.length);
  return [...fixed, `list([${values.slice(clause.params.length).join(',')}])`];
}

function knownCall(body: Body, node: CallNode, callee: LocalNode, func: Func): string {
  const index = clauseFor(func, node.args.length);
  // Only a name that is also used as a value has one, and `unknownCall` would ask for it.
  if (index === null && !callee.checked) return body.expression(wrongArity(node, func));
  if (index === null || (callee.checked && callee.variable.fallback !== null)) return unknownCall(body, node);
  const clause = func.clauses[index] as Clause;
  if (node.tailOf === clause && body.func === func) return selfTailCall(body, node, clause);
  if (callee.checked) body.emit(`if(${body.variable(callee.variable)}===undefined)${body.expression(callee)};`);
  return direct(body, node, func);
}

/** The arguments are evaluated, then their number is refused. */
function wrongArity({ args, span }: CallNode, { name, clauses }: Func): PrimitiveNode {
  const counts = clauses.map(({ params }) => params.length);
  const open = clauses.some(({ rest }) => rest !== null);
  const expected = arityText(Math.min(...counts), open ? null : Math.max(...counts));
  const told = [name === '' ? 'fn' : name, expected].map((value): Node => ({ t: 'const', value, span }));
  return { t: 'primitive', name: '%wrong-arity', args: [...told, ...args], span };
}

/** A self tail call is a jump (R6.4). */
function selfTailCall(body: Body, node: CallNode, clause: Clause): string {
  const loop = body.loops.get(clause);
  if (loop === undefined) throw new Error('a self tail call without a head');
  const { rest, params } = clause;
  const args: Node[] =
    rest === null
      ? [...node.args]
      : [
          ...node.args.slice(0, params.length),
          { t: 'primitive', name: '%list', args: node.args.slice(params.length), span: node.span },
        ];
  jump(body, { ...loop, args, span: node.span });
  return 'null';
}

/** A call of a function of the program by its generated name. */
function direct(body: Body, node: CallNode, func: Func): string {
  const index = clauseFor(func, node.args.length) as number;
  const args = argumentsFor(body, func.clauses[index] as Clause, node.args);
  return invoke(body, node, {
    behaviour: body.behaviour(func),
    args: [...args, 'd-1'],
    plain: bodyName(func, index, 'p'),
    generator: bodyName(func, index, 'g'),
  });
}

interface Invocation {
  readonly behaviour: Behaviour;
  readonly args: readonly string[];
  readonly plain: string;
  readonly generator: string;
}

/** Calls a function of which both bodies are known by name. */
function invoke(body: Body, node: CallNode, { behaviour, args, plain, generator }: Invocation): string {
  if (behaviour === 'never' || (behaviour === 'unknown' && body.mode === 'p')) {
    return body.at(node.span, `${plain}(${args.join(',')})`);
  }
  if (body.mode === 'p') return 'rt.abort()';
  const held = args.map((arg) => (arg === 'd-1' ? arg : body.hold(arg)));
  const value = body.temp();
  const start = `${generator}(${held.join(',')})`;
  setSite(body, node);
  if (behaviour === 'yields') {
    body.emit(`let ${value};`);
    startGenerator(body, value, start);
    return value;
  }
  const mark = body.unit.entry({ mark: body.unit.name('a') });
  body.emit(
    `let ${value}=AB;if(rt.may(${mark})){try{${value}=${plain}(${held.join(',')});rt.spec=0;}catch(e){rt.aborted(e,${mark});}}`,
  );
  body.emit(`if(${value}===AB){`);
  startGenerator(body, value, start);
  body.emit('}');
  return value;
}

function setSite(body: Body, node: Node): void {
  if (!body.unit.isLibrary) body.emit(`s=${body.unit.site(node.span, body.func.name)};`);
}

/** Starts a generator by hand; one that yields goes to the driver's stack. */
function startGenerator(body: Body, value: string, start: string): void {
  const [g, r] = [body.temp(), body.temp()];
  body.emit(`const ${g}=${start},${r}=${g}.next();${value}=${r}.done?${r}.value:yield new S(${g},${r}.value);`);
}

// ── the library ─────────────────────────────────────────────────────────────────────────────────────────────────────

function libraryCall(body: Body, node: CallNode, name: string): string {
  const inline = inlineCall(body, name, node.args, node.span);
  if (inline !== null) return inline;
  const { linker } = body.unit;
  const entry = linker.library.get(name);
  if (entry === undefined) throw new Error('an unknown library name');
  const count = node.args.length;
  if (count < entry.min || (entry.max !== null && count > entry.max)) return unknownCall(body, node);
  if (entry.func !== null) return preludeCall(body, node, name, entry.func);
  const native = linker.native(name, count);
  if (native === undefined) throw new Error('a native function is missing');
  const fn = body.unit.constant(native.fn);
  const args = body.all(withPath(name, node.args));
  return body.at(node.span, native.variadic ? `${fn}(rt,[${args.join(',')}])` : `${fn}(${['rt', ...args].join(',')})`);
}

/** Library functions whose second argument is a path of keys. */
const BY_PATH: ReadonlySet<string> = new Set(['get-in', 'assoc-in', 'update-in', 'dissoc-in']);

/** The arguments of a call, a path that is written out as keys without a vector around them. */
function withPath(name: string, args: readonly Node[]): readonly Node[] {
  const path = args[1];
  if (!BY_PATH.has(name) || path?.t !== 'vector') return args;
  return args.with(1, { t: 'primitive', name: '%keys-of-path', args: path.items, span: path.span });
}

/** True if `func` is `outer` or stands inside it. */
function isInside(func: Func, outer: Func): boolean {
  for (let one: Func | null = func; one !== null; one = one.parent) if (one === outer) return true;
  return false;
}

/** A library function that takes functions: its plain body where what it is given cannot yield. */
function preludeCall(body: Body, node: CallNode, name: string, func: Func): string {
  const index = clauseFor(func, node.args.length);
  if (index === null) return unknownCall(body, node);
  if (body.unit.isLibrary && isInside(body.func, func)) {
    // A function of the library that calls itself stays in the mode it is in: its unit holds no other.
    const behaviour = body.mode === 'g' ? 'yields' : 'never';
    const names = { plain: bodyName(func, index, 'p'), generator: bodyName(func, index, 'g') };
    return invoke(body, node, {
      behaviour,
      args: [...argumentsFor(body, func.clauses[index] as Clause, node.args), 'd-1'],
      ...names,
    });
  }
  const behaviour = body.unit.yields ? libraryBehaviour(name, node.args, body.unit.linker.library) : 'never';
  const given = madeOnce(withPath(name, node.args), body.unit.linker.library.get(name)?.calls ?? 'all');
  const args = argumentsFor(body, func.clauses[index] as Clause, given);
  const plain = behaviour === 'yields' ? '' : body.unit.libraryBody(name, index, 'p');
  const generator = behaviour === 'never' ? '' : body.unit.libraryBody(name, index, 'g');
  return invoke(body, node, { behaviour, args: [...args, 'd-1'], plain, generator });
}

// ── anything else ───────────────────────────────────────────────────────────────────────────────────────────────────

/** Keywords, maps, sets and vectors as functions (R4.8) run no closure, so they never yield. */
function constantCall(body: Body, node: CallNode): string {
  const { callee: head, args: given } = node;
  if (head.t === 'const' && head.value instanceof Keyword && (given.length === 1 || given.length === 2)) {
    const [subject, otherwise = 'null'] = body.all(given) as [string, string?];
    return body.helper(node.span, 'rt.keywordOf', [body.expression(head), subject, otherwise]);
  }
  const [callee, ...args] = body.all([node.callee, ...node.args]) as [string, ...string[]];
  return body.at(node.span, `rt.call(${callee},[${args.join(',')}],d-1)`);
}

/** `(%spread f args)`: an application whose arguments stand in an array or list. */
export function emitSpread(body: Body, node: PrimitiveNode): string {
  const [callee, list] = body.allHeld(node.args) as [string, string];
  const args = `rt.spread(${list})`;
  if (body.mode === 'p' || !body.unit.yields) return body.at(node.span, `rt.call(${callee},${args},d-1)`);
  return attempt(body, { callee, args: body.hold(args) });
}

/** In a generator: tries an unknown callee plain, else starts it. */
function attempt(body: Body, { callee, args }: { callee: string; args: string }): string {
  const mark = body.unit.entry({ mark: body.unit.name('a') });
  const value = body.temp();
  body.emit(`let ${value}=rt.plain(${mark},${callee},${args},d-1);if(${value}===AB){`);
  startGenerator(body, value, `rt.generator(${callee},${args},d-1)`);
  body.emit('}');
  return value;
}

function unknownCall(body: Body, node: CallNode): string {
  const values = body.all([node.callee, ...node.args]);
  const callee = hold(body, values, 0);
  const count = node.args.length;
  const rest = values.slice(1).map((_value, i) => hold(body, values, i + 1));
  const behaviour = body.unit.yields ? behaviourOfValue(node.callee, body.unit.linker.library) : 'never';
  if (body.mode === 'p' || behaviour === 'never') {
    const fast = `${callee} instanceof F&&${callee}.n===${count}`;
    const general =
      count === 1 || count === 2
        ? `rt.call${count}(${[callee, ...rest, 'd-1'].join(',')})`
        : `rt.call(${callee},[${rest.join(',')}],d-1)`;
    return body.at(node.span, `(${fast}?${callee}.f(${[...rest, 'd-1'].join(',')}):${general})`);
  }
  setSite(body, node);
  return attempt(body, { callee, args: body.hold(`[${rest.join(',')}]`) });
}

/** Holds value `i` of a row that is evaluated left to right: those before it are held already. */
function hold(body: Body, values: string[], i: number): string {
  const held = body.hold(values[i] as string);
  values[i] = held;
  return held;
}
