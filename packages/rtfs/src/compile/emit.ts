/**
 * Nodes → JavaScript. `expression` gives text for a value, `statement` delivers a value somewhere, `test` gives a JavaScript
 * boolean. Control that cannot be an expression becomes statements around a temporary.
 */
import type {
  BindNode,
  CondNode,
  IfNode,
  LocalNode,
  LogicNode,
  LoopNode,
  Node,
  ParallelNode,
  RecurNode,
  ScopeNode,
  TimesNode,
  TryNode,
  Variable,
  WhileNode,
} from '../syntax/program.ts';
import { known } from '../syntax/behaviour.ts';
import { DROP } from './body.ts';
import type { Destination, Emitter, Body } from './body.ts';
import { emitCall, emitSpread } from './calls.ts';
import { emitCapability, emitCheckpoint, emitContext, emitContextWrite, emitParallel, emitStep } from './effects.ts';
import { emitFastLoop } from './fast-loop.ts';
import { declareFunctions, functionValue } from './functions.ts';
import { jump, meter } from './jump.ts';
import type { Reading } from './ownership.ts';
import { inlinePrimitive, inlineTest, isBooleanPrimitive } from './inline.ts';
import { emitOnce, isOnce } from './once.ts';

/** Nodes that are emitted as statements around a temporary when a value is wanted. */
const STATEMENTS = new Set<Node['t']>([
  'do',
  'scope',
  'cond',
  'and',
  'or',
  'loop',
  'times',
  'while',
  'break',
  'try',
  'recur',
  'bind',
  'step',
  'parallel',
]);

export const EMITTER: Emitter = { expression, statement, test };

// ── values ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function expression(body: Body, node: Node): string {
  if (node.t === 'if') return choice(body, node);
  if (node.t === 'do' && node.body.length > 0) return sequence(body, node.body);
  if (node.t === 'scope') {
    openScope(body, node);
    return expression(body, node.body);
  }
  if (STATEMENTS.has(node.t)) {
    const name = body.temp();
    body.emit(`let ${name}=null;`);
    statement(body, node, { t: 'to', name });
    return name;
  }
  return simple(body, node);
}

/** The forms before the last one as statements, the last one as the value. */
function sequence(body: Body, nodes: readonly Node[]): string {
  for (const node of nodes.slice(0, -1)) statement(body, node, DROP);
  return expression(body, nodes.at(-1) as Node);
}

function simple(body: Body, node: Node): string {
  switch (node.t) {
    case 'const':
      return constant(body, node.value);
    case 'type':
      return body.unit.constant(node.type);
    case 'local':
      return local(body, node);
    case 'library':
      return body.unit.libraryValue(node.name);
    case 'undefined':
      return body.at(
        node.span,
        `rt.undefinedSymbol(${body.unit.constant(node.name)},${body.unit.constant(node.similar)})`,
      );
    case 'vector':
      return `vector([${body.all(node.items).join(',')}])`;
    case 'set':
      return body.at(node.span, `set(rt,[${body.all(node.items).join(',')}])`);
    case 'map':
      return body.at(node.span, `map(rt,[${body.all(node.items).join(',')}])`);
    case 'fn':
      return functionValue(body, node.func);
    case 'call': {
      const value = emitCall(body, node);
      if (body.ownership.made.has(node)) return `adopt(${value})`;
      const from = body.ownership.handed.get(node);
      return from === undefined ? value : `handOut(${body.variable(from)},${value})`;
    }
    case 'primitive':
      return primitive(body, node);
    case 'cast':
      return body.helper(node.cast.span, 'rt.cast', [body.unit.entry(node.cast), body.expression(node.value)]);
    case 'capability':
      return emitCapability(body, node);
    case 'context':
      return emitContext(body, node);
    case 'context-write':
      return emitContextWrite(body, node);
    case 'checkpoint':
      return emitCheckpoint(body, node);
    default:
      throw new Error(`unexpected node ${node.t}`);
  }
}

function constant(body: Body, value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  return body.unit.constant(value);
}

/** The runtime's part of a keeper's reading (`ownership.ts`). */
const READERS: Readonly<Record<Reading, string>> = { take: 'own', release: 'release', peek: 'peek' };

/** A read; one that may come before its definition falls back to what the name means outside (R4.5). */
function local(body: Body, node: LocalNode): string {
  const name = body.variable(node.variable);
  const reading = body.ownership.readings.get(node);
  if (reading !== undefined) return `${READERS[reading]}(${name})`;
  if (!node.checked) return name;
  const { fallback } = node.variable;
  const other =
    fallback === null
      ? body.at(node.span, `rt.undefinedSymbol(${body.unit.constant(node.variable.name)},${body.unit.constant([])})`)
      : body.expression(fallback);
  return `(${name}===undefined?${other}:${name})`;
}

function primitive(body: Body, node: Extract<Node, { t: 'primitive' }>): string {
  const inline = inlinePrimitive(body, node.name, node.args);
  if (inline !== null) return inline;
  if (node.name === '%spread') return emitSpread(body, node);
  if (isOnce(node)) return emitOnce(body, node);
  const fn = body.unit.constant(body.unit.linker.primitive(node.name));
  return body.at(node.span, `${fn}(${['rt', ...body.all(node.args)].join(',')})`);
}

/** `if` as an expression where neither branch needs statements. */
function choice(body: Body, node: IfNode): string {
  const condition = body.test(node.test);
  const name = body.temp();
  let first = '';
  let second = '';
  const then = body.block(() => {
    first = body.expression(node.then);
  });
  const other = body.block(() => {
    second = body.expression(node.else);
  });
  if (then.length === 0 && other.length === 0) return `(${condition}?${first}:${second})`;
  body.emit(`let ${name};if(${condition}){`);
  body.append(then);
  body.emit(`${name}=${first};}else{`);
  body.append(other);
  body.emit(`${name}=${second};}`);
  return name;
}

// ── tests ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function test(body: Body, node: Node): string {
  if (node.t === 'call' && node.callee.t === 'library') {
    const inline = inlineTest(body, node.callee.name, node.args, node.span);
    if (inline !== null) return inline;
  }
  if (node.t === 'const') return node.value === null || node.value === false ? 'false' : 'true';
  if (node.t === 'primitive' && isBooleanPrimitive(node.name)) return primitive(body, node);
  if (node.t === 'bind' && node.gives === 'true') {
    statement(body, node, DROP);
    return 'true';
  }
  if (node.t === 'and' || node.t === 'or') return logicTest(body, node);
  const value = body.held(node);
  return `(${value}!==null&&${value}!==false)`;
}

/** `and`, `or` as a JavaScript boolean. */
function logicTest(body: Body, node: LogicNode): string {
  const parts = node.items.map((item) => {
    let text = '';
    return {
      lines: body.block(() => {
        text = test(body, item);
      }),
      text,
    };
  });
  const operator = node.t === 'and' ? '&&' : '||';
  if (parts.slice(1).every(({ lines }) => lines.length === 0)) {
    body.append(parts[0]?.lines ?? []);
    return `(${parts.map(({ text }) => text).join(operator)})`;
  }
  const name = body.temp();
  const label = body.unit.name('L');
  body.emit(`let ${name};${label}:{`);
  for (const { lines, text } of parts) {
    body.append(lines);
    body.emit(`${name}=${text};if(${node.t === 'and' ? '!' : ''}${name})break ${label};`);
  }
  body.emit('}');
  return name;
}

// ── statements ──────────────────────────────────────────────────────────────────────────────────────────────────────

function statement(body: Body, node: Node, to: Destination): void {
  switch (node.t) {
    case 'do':
      return inOrder(body, node.body, to);
    case 'scope': {
      openScope(body, node);
      return statement(body, node.body, to);
    }
    case 'if':
      return branches(body, node, to);
    case 'cond':
      return cond(body, node, to);
    case 'and':
    case 'or':
      return logic(body, node, to);
    case 'bind':
      return bind(body, node, to);
    case 'loop':
      return loop(body, node, to);
    case 'recur':
      return recur(body, node);
    case 'times':
      return times(body, node, to);
    case 'while':
      return whileLoop(body, node, to);
    case 'break':
      return body.emit(`break ${body.breaks.at(-1) as string};`);
    case 'try':
      return tryCatch(body, node, to);
    case 'step':
      return emitStep(body, node, to);
    case 'parallel':
      return body.deliver(emitParallel(body, node as ParallelNode), to);
    default:
      return body.deliver(simple(body, node), to);
  }
}

function inOrder(body: Body, nodes: readonly Node[], to: Destination): void {
  if (nodes.length === 0) return body.deliver('null', to);
  nodes.forEach((node, i) => statement(body, node, i === nodes.length - 1 ? to : DROP));
}

/** Declares a scope's variables: where they are bound if nothing can see them before, else here. */
function openScope(body: Body, node: ScopeNode): void {
  const direct = new Set<Variable>();
  if (node.body.t === 'do') {
    for (const child of node.body.body) {
      if (child.t !== 'bind') continue;
      const { variable } = child;
      if (variable.kind === 'bound' && variable.assignments === 1 && known(variable) === null && !variable.mutable)
        direct.add(variable);
    }
  }
  const early: string[] = [];
  for (const variable of node.variables) {
    if (direct.has(variable)) body.declareAtBind.add(variable);
    else early.push(body.variable(variable), ...owner(body, variable));
  }
  if (early.length > 0) body.emit(`let ${early.join(',')};`);
  declareFunctions(
    body,
    node.variables.filter(({ kind }) => kind === 'def'),
  );
}

/** The variable that remembers the branch in which a shared, mutable one was made (R12.15). */
function owner(body: Body, variable: Variable): string[] {
  return variable.mutable && variable.captured && body.unit.hasParallel ? [`o${variable.id}=rt.branch`] : [];
}

function branches(body: Body, node: IfNode, to: Destination): void {
  const condition = test(body, node.test);
  body.emit(`if(${condition}){`);
  statement(body, node.then, to);
  body.emit('}else{');
  statement(body, node.else, to);
  body.emit('}');
}

function cond(body: Body, node: CondNode, to: Destination): void {
  const label = body.unit.name('L');
  body.emit(`${label}:{`);
  for (const { variables, test: condition, body: then } of node.clauses) {
    if (variables.length > 0)
      body.emit(`let ${variables.flatMap((one) => [body.variable(one), ...owner(body, one)]).join(',')};`);
    declareFunctions(
      body,
      variables.filter(({ kind }) => kind === 'def'),
    );
    const text = test(body, condition);
    body.emit(`if(${text}){`);
    statement(body, then, to);
    body.emit(`break ${label};}`);
  }
  statement(body, node.otherwise, to);
  body.emit('}');
}

/** `and`, `or`: the value of the item that decides. */
function logic(body: Body, node: LogicNode, to: Destination): void {
  const name = body.temp();
  const label = body.unit.name('L');
  body.emit(`let ${name};${label}:{`);
  node.items.forEach((item, i) => {
    statement(body, item, { t: 'to', name });
    if (i < node.items.length - 1) {
      body.emit(
        `if(${node.t === 'and' ? `${name}===null||${name}===false` : `${name}!==null&&${name}!==false`})break ${label};`,
      );
    }
  });
  body.emit('}');
  body.deliver(name, to);
}

function bind(body: Body, node: BindNode, to: Destination): void {
  const { variable } = node;
  const func = known(variable);
  if (func !== null && node.value.t === 'fn') {
    if (variable.kind === 'bound') declareFunctions(body, [variable]);
    if (variable.asValue || variable.checked || to.t !== 'drop') {
      body.emit(`${body.variable(variable)}=${functionValue(body, func, true)};`);
    }
  } else if (body.declareAtBind.has(variable)) {
    const value = body.expression(node.value);
    body.declareAtBind.delete(variable);
    body.emit(`const ${body.variable(variable)}=${value};`);
  } else {
    assign(body, variable, node);
  }
  if (to.t === 'drop') return;
  body.deliver(node.gives === 'value' ? body.variable(variable) : node.gives === 'nil' ? 'null' : 'true', to);
}

function assign(body: Body, variable: Variable, node: BindNode): void {
  const name = body.variable(variable);
  if (!variable.mutable || !variable.captured) return statement(body, node.value, { t: 'to', name });
  // Others can see the variable: an attempt must not change it, and neither may a branch that did not make it.
  const value = body.held(node.value);
  if (body.mode === 'p') body.emit('rt.state();');
  if (body.unit.hasParallel && node.gives === 'nil') {
    const check = `rt.mine(o${variable.id},${body.unit.constant(variable.name)})`;
    body.emit(`${body.at(node.span, check)};`);
  }
  body.emit(`${name}=${value};`);
}

// ── loops ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function loop(body: Body, node: LoopNode, to: Destination): void {
  const label = body.unit.name('L');
  const outer = node.variables.map((variable) =>
    variable.captured || variable.mutable ? body.unit.name('w') : body.variable(variable),
  );
  // Inits are sequential (R5.9). One that closures capture exists inside the iteration alone; a later init reads it under the
  // same name out here, in a block of its own.
  const copies = node.variables.some((variable, i) => outer[i] !== body.variable(variable));
  if (copies) body.emit(`let ${outer.join(',')};{`);
  node.variables.forEach((variable, i) => {
    const value = body.expression(node.inits[i] as Node);
    const name = body.variable(variable);
    if (!copies) body.emit(`let ${name}=${value};`);
    else if (outer[i] === name) body.emit(`${name}=${value};`);
    else body.emit(`let ${[`${name}=${value}`, ...owner(body, variable)].join(',')};${outer[i] as string}=${name};`);
  });
  if (copies) body.emit('}');
  const before = body.hot;
  // Behind a fast version the generic loop is for what is seldom.
  body.hot = !emitFastLoop(body, node);
  body.loops.set(node, { label, names: outer });
  body.emit(`${label}:for(;;){`);
  node.variables.forEach((variable, i) => {
    if (outer[i] === body.variable(variable)) return;
    body.emit(`let ${[`${body.variable(variable)}=${outer[i] as string}`, ...owner(body, variable)].join(',')};`);
  });
  statement(body, node.body, to);
  body.emit(`break ${label};}`);
  body.hot = before;
}

function recur(body: Body, node: RecurNode): void {
  const { label, names } = body.loops.get(node.target) as { label: string; names: readonly string[] };
  jump(body, { label, names, args: node.args, span: node.span });
}

function times(body: Body, node: TimesNode, to: Destination): void {
  const most = body.held(node.count);
  const item = body.variable(node.item);
  const label = body.unit.name('L');
  body.breaks.push(label);
  body.emit(`${label}:for(let ${item}=0;${item}<${most};${item}++){`);
  if (node.metered) meter(body, node.span);
  often(body, () => statement(body, node.body, DROP));
  body.emit('}');
  body.breaks.pop();
  body.deliver('null', to);
}

function whileLoop(body: Body, node: WhileNode, to: Destination): void {
  const label = body.unit.name('L');
  const count = body.temp();
  body.breaks.push(label);
  body.emit(`let ${count}=0;${label}:for(;;){`);
  let condition = '';
  often(body, () => (condition = test(body, node.test)));
  body.emit(`if(!${condition})break;`);
  const most = node.most === null ? 'rt.limits.loopIterations' : body.unit.constant(node.most);
  body.emit(`if(++${count}>${most})${body.at(node.span, `rt.loopLimit(${most})`)};`);
  if (node.metered) meter(body, node.span);
  often(body, () => statement(body, node.body, DROP));
  body.emit('}');
  body.breaks.pop();
  body.deliver('null', to);
}

/** Emits what runs often. */
function often(body: Body, work: () => void): void {
  const before = body.hot;
  body.hot = true;
  work();
  body.hot = before;
}

// ── errors ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `try`: never the engine's `finally`, which would run on a discarded attempt too (core, hole 5). */
function tryCatch(body: Body, node: TryNode, to: Destination): void {
  const result = body.temp();
  body.emit(`let ${result}=null;`);
  const inside: Destination = { t: 'to', name: result };
  const pending = node.finally === null ? null : body.temp();
  if (pending !== null) body.emit(`let ${pending}=null;try{`);
  if (node.clauses.length > 0) body.emit('try{');
  statement(body, node.body, inside);
  if (node.clauses.length > 0) catchClauses(body, node, inside);
  if (pending !== null) {
    body.emit(`}catch(e){${pending}=rt.caught(e,s);}`);
    statement(body, node.finally as Node, DROP);
    body.emit(`if(${pending}!==null)throw rt.again(${pending});`);
  }
  body.deliver(result, to);
}

function catchClauses(body: Body, node: TryNode, to: Destination): void {
  const error = body.temp();
  body.emit(`}catch(e){const ${error}=rt.caught(e,s);`);
  const label = body.unit.name('L');
  body.emit(`${label}:{`);
  for (const { kinds, variable, body: handler } of node.clauses) {
    body.emit(kinds === null ? '{' : `if(isCaught(${error},${body.unit.constant(kinds)})){`);
    body.emit(`let ${[`${body.variable(variable)}=${error}`, ...owner(body, variable)].join(',')};`);
    statement(body, handler, to);
    body.emit(`break ${label};}`);
    if (kinds === null) break;
  }
  if (!node.clauses.some(({ kinds }) => kinds === null)) body.emit(`throw rt.again(${error});`);
  body.emit('}}');
}
