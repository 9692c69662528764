/**
 * Static checking (R15.20): one walk over an analysed program that infers types for literals, annotated names, results of
 * the library and what is computed from them, and reports what must fail if it is reached. It is sure or it is silent:
 * a type inferred here holds for every value that the expression can have, and where a test decides what is reached, code
 * that cannot be is not looked at. Inside a `try` that catches, and a step that goes on after a failure, nothing is
 * reported: there failing may be the point.
 */
import { areDisjoint, isSubtype } from '../types/relations.ts';
import { typeText } from '../types/type.ts';
import type { Type } from '../types/type.ts';
import { Keyword } from '../values/kinds.ts';
import type { Span, Value } from '../values/kinds.ts';
import { known } from './behaviour.ts';
import type { Library } from './library.ts';
import { applyOperation } from './operation-types.ts';
import type { CallNode, CastNode, Clause, Func, Node, ParallelNode, Program, StepNode, Variable } from './program.ts';
import {
  ANY,
  applyWays,
  CALLABLE,
  DATA,
  ERROR,
  FALSY,
  FN,
  isNever,
  MAP,
  mapOf,
  NEVER,
  NIL,
  SET,
  shown,
  typeOfLiteral,
  unionOf,
  VECTOR,
  vectorOf,
  written,
  wrongCount,
} from './static-types.ts';
import type { Applied, Failure } from './static-types.ts';

/** Receives what must fail, at its span. */
export type Report = (failure: Failure, span: Span) => void;

/** Reports every place of a program that must fail when it is reached. */
export function checkTypes(program: Program, library: Library, report: Report): void {
  new Checker(library, report).func(program.main);
}

const NAME: Type = {
  t: 'union',
  members: [
    { t: 'basic', name: 'keyword' },
    { t: 'basic', name: 'string' },
  ],
};

class Checker {
  readonly #library: Library;
  readonly #report: Report;
  /** What is known of variables that keep their first value. */
  readonly #types = new Map<Variable, Type>();
  /** Above 0 inside what expects failures. */
  #tolerant = 0;

  constructor(library: Library, report: Report) {
    this.#library = library;
    this.#report = report;
  }

  func({ clauses, name }: Func): void {
    for (const { body, cast } of clauses) {
      const type = this.#type(body);
      if (cast !== null) this.#cast(type, { type: cast.type, where: cast.where || name, span: cast.span });
    }
  }

  #fail(failure: Failure, span: Span): Type {
    if (this.#tolerant === 0) this.#report(failure, span);
    return NEVER;
  }

  #all(nodes: readonly Node[]): Type[] {
    return nodes.map((node) => this.#type(node));
  }

  /** The type of every value that the node can have. */
  #type(node: Node): Type {
    switch (node.t) {
      case 'const':
        return typeOfLiteral(node.value);
      case 'type':
        return ANY;
      case 'local':
        return node.checked ? ANY : (this.#types.get(node.variable) ?? (known(node.variable) === null ? ANY : FN));
      case 'library':
        return FN;
      case 'undefined':
        return NEVER;
      case 'vector':
        return this.#collection(node.items, vectorOf);
      case 'set':
        return this.#collection(node.items, () => SET);
      case 'map':
        return this.#collection(node.items, (types) => typeOfMap(node.items, types));
      case 'fn':
        this.func(node.func);
        return FN;
      case 'call':
        return this.#call(node);
      case 'cast':
        return this.#cast(this.#type(node.value), { ...node.cast, span: node.span });
      case 'primitive':
        return this.#operation(node);
      case 'bind':
        return this.#bind(node);
      default:
        return this.#flow(node);
    }
  }

  #collection(items: readonly Node[], make: (types: readonly Type[]) => Type): Type {
    const types = this.#all(items);
    return types.some(isNever) ? NEVER : make(types);
  }

  // ── control ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #flow(node: Node): Type {
    switch (node.t) {
      case 'do':
        return this.#sequence(node.body);
      case 'if':
        return this.#branches([{ test: node.test, body: node.then }], node.else);
      case 'cond':
        return this.#branches(node.clauses, node.otherwise);
      case 'and':
      case 'or':
        return this.#logic(node.items, node.t === 'and');
      case 'scope':
        return this.#type(node.body);
      case 'loop':
        this.#all(node.inits);
        return this.#type(node.body);
      case 'recur':
        this.#all(node.args);
        return NEVER;
      case 'break':
        return NEVER;
      case 'times':
        this.#all([node.count, node.body]);
        return NIL;
      case 'while':
        this.#all([node.test, node.body]);
        return NIL;
      case 'try':
        return this.#try(node);
      default:
        return this.#effect(node);
    }
  }

  /** A cast of a variable that stands as a statement is one of a parameter: it holds for all that follows. */
  #sequence(body: readonly Node[]): Type {
    let before: Map<Variable, Type | undefined> | null = null;
    let result: Type = NIL;
    let ends = false;
    for (const node of body) {
      result = this.#type(node);
      ends ||= isNever(result);
      if (node.t !== 'cast' || node.value.t !== 'local' || node.value.variable.mutable) continue;
      const { variable } = node.value;
      before ??= new Map();
      if (!before.has(variable)) before.set(variable, this.#types.get(variable));
      this.#types.set(variable, node.cast.type);
    }
    for (const [variable, type] of before ?? []) {
      if (type === undefined) this.#types.delete(variable);
      else this.#types.set(variable, type);
    }
    return ends ? NEVER : result;
  }

  /** Clauses in order; those that no value can reach are not looked at. */
  #branches(clauses: readonly { readonly test: Node; readonly body: Node }[], otherwise: Node): Type {
    const results: Type[] = [];
    for (const { test, body } of clauses) {
      const type = this.#type(test);
      if (isNever(type)) return unionOf(results);
      if (!isSubtype(type, FALSY)) results.push(this.#type(body));
      if (areDisjoint(type, FALSY)) return unionOf(results);
    }
    return unionOf([...results, this.#type(otherwise)]);
  }

  #logic(items: readonly Node[], all: boolean): Type {
    if (items.length === 0) return ANY;
    const results: Type[] = [];
    for (const item of items) {
      const type = this.#type(item);
      results.push(type);
      const decides = all ? isSubtype(type, FALSY) : areDisjoint(type, FALSY);
      if (isNever(type) || decides) break;
    }
    return unionOf(results);
  }

  #try(node: Extract<Node, { t: 'try' }>): Type {
    const catches = node.clauses.length > 0;
    const body = catches ? this.#tolerating(node.body) : this.#type(node.body);
    const results = [body];
    for (const { variable, body: handler } of node.clauses) {
      this.#types.set(variable, ERROR);
      results.push(this.#type(handler));
    }
    if (node.finally !== null && isNever(this.#type(node.finally))) return NEVER;
    return unionOf(results);
  }

  #tolerating(node: Node): Type {
    this.#tolerant++;
    const type = this.#type(node);
    this.#tolerant--;
    return type;
  }

  #bind({ variable, value, gives }: Extract<Node, { t: 'bind' }>): Type {
    const type = this.#type(value);
    // What a pattern binds under a name may be tested further on.
    const plain = gives !== 'true' || variable.name === '';
    if (variable.assignments === 1 && !variable.mutable && plain) this.#types.set(variable, type);
    if (isNever(type)) return NEVER;
    return gives === 'value' ? type : gives === 'nil' ? NIL : typeOfLiteral(true);
  }

  // ── effects ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #effect(node: Node): Type {
    switch (node.t) {
      case 'capability': {
        const [id, ...args] = this.#all([node.id, ...node.args]) as [Type, ...Type[]];
        if (node.hints !== null) this.#type(node.hints);
        if ([id, ...args].some(isNever)) return NEVER;
        if (areDisjoint(id, NAME)) return this.#fail(kindFailure('call', 'keyword or string', id), node.span);
        args.forEach((arg, i) => this.#serialisable(arg, node.args[i] as Node));
        return ANY;
      }
      case 'context':
        for (const part of [node.key, node.local, node.otherwise]) if (part !== null) this.#type(part);
        return ANY;
      case 'context-write':
        this.#type(node.key);
        this.#serialisable(this.#type(node.value), node.value);
        return NIL;
      case 'checkpoint': {
        const type = this.#type(node.value);
        this.#serialisable(type, node.value);
        return type;
      }
      case 'step':
        return this.#step(node);
      case 'parallel':
        return this.#parallel(node);
      default:
        return ANY;
    }
  }

  /** Functions and atoms do not cross the boundary (R11.2). */
  #serialisable(type: Type, { span }: Node): void {
    if (!isNever(type) && areDisjoint(type, DATA))
      this.#fail({ kind: 'SerializationError', what: `Cannot serialise ${shown(type)}`, argument: null }, span);
  }

  #step({ paramsValue, onFail, body }: StepNode): Type {
    if (paramsValue !== null) this.#type(paramsValue);
    if (onFail === 'fail') return this.#type(body);
    this.#tolerating(body);
    if (onFail !== 'continue') this.#type(onFail);
    return ANY;
  }

  #parallel({ branches, names }: ParallelNode): Type {
    const types = this.#all(branches);
    if (types.some(isNever)) return NEVER;
    return names === null ? VECTOR : MAP;
  }

  // ── casts and applications ───────────────────────────────────────────────────────────────────────────────────────

  #cast(type: Type, to: CastNode['cast']): Type {
    if (isNever(type)) return NEVER;
    if (areDisjoint(type, to.type)) return this.#fail(castFailure(type, to), to.span);
    return isSubtype(type, to.type) ? type : to.type;
  }

  #operation(node: Extract<Node, { t: 'primitive' }>): Type {
    const types = this.#all(node.args);
    if (types.some(isNever)) return NEVER;
    return this.#applied(applyOperation(node, types), node);
  }

  #call(node: CallNode): Type {
    const { callee, args } = node;
    const func =
      callee.t === 'fn' ? callee.func : callee.t === 'local' && !callee.checked ? known(callee.variable) : null;
    const head = this.#type(callee);
    const types = this.#all(args);
    if (isNever(head) || types.some(isNever)) return NEVER;
    if (callee.t === 'library') {
      const ways = this.#library.get(callee.name)?.ways();
      return ways === undefined ? ANY : this.#applied(applyWays(callee.name, ways, types), node);
    }
    if (func !== null) return this.#applied(applyFunc(func, types), node);
    if (areDisjoint(head, CALLABLE)) return this.#fail(kindFailure('call', 'function', head), node.span);
    if (callee.t === 'const' && callee.value instanceof Keyword)
      return this.#applied(applyKeyword(callee.value, types), node);
    return ANY;
  }

  #applied(
    { result, failure }: Applied,
    { args, span }: { readonly args: readonly Node[]; readonly span: Span },
  ): Type {
    if (failure === null) return result;
    return this.#fail(failure, failure.argument === null ? span : (args[failure.argument] as Node).span);
  }
}

/** A map literal; `types` are those of its keys and values in turn. */
function typeOfMap(items: readonly Node[], types: readonly Type[]): Type {
  const keys: (Value | undefined)[] = [];
  const values: Type[] = [];
  for (let i = 0; i < items.length; i += 2) {
    const key = items[i] as Node;
    const simple = key.t === 'const' && (key.value instanceof Keyword || typeof key.value === 'string');
    keys.push(simple ? key.value : undefined);
    values.push(types[i + 1] as Type);
  }
  return mapOf(keys, values);
}

function kindFailure(operation: string, expected: string, got: Type, argument: number | null = null): Failure {
  return { kind: 'TypeError', what: `Type error in ${operation}: expected ${expected}, got ${shown(got)}`, argument };
}

function castFailure(type: Type, to: { type: Type; where: string }, argument: number | null = null): Failure {
  const what = `Type validation error: ${to.where}: expected ${typeText(to.type)}, got ${written(type)}`;
  return { kind: 'TypeValidationError', what, argument };
}

/** `(:k m)` and `(:k m default)` (R4.8). */
function applyKeyword(keyword: Keyword, args: readonly Type[]): Applied {
  const [subject] = args;
  if (subject === undefined || args.length > 2) return wrongCount(`:${keyword.name}`, { min: 1, max: 2 }, args.length);
  if (!areDisjoint(subject, LOOKED_INTO)) return { result: ANY, failure: null };
  return { result: NEVER, failure: kindFailure(`:${keyword.name}`, 'map', subject, 0) };
}

const LOOKED_INTO: Type = { t: 'union', members: [MAP, SET, ERROR, NIL] };

/** A function of the program: its arity, the casts of its parameters, and that of its result. */
function applyFunc({ name, clauses }: Func, args: readonly Type[]): Applied {
  const clause = clauses.find(({ params, rest }) =>
    rest === null ? params.length === args.length : params.length <= args.length,
  );
  if (clause === undefined) {
    const counts = clauses.map(({ params }) => params.length);
    const max = clauses.some(({ rest }) => rest !== null) ? null : Math.max(...counts);
    return wrongCount(name === '' ? 'fn' : name, { min: Math.min(...counts), max }, args.length);
  }
  for (const [i, cast] of parameterCasts(clause)) {
    const arg = args[i] as Type;
    if (areDisjoint(arg, cast.type)) return { result: NEVER, failure: castFailure(arg, cast, i) };
  }
  return { result: clause.cast?.type ?? ANY, failure: null };
}

/** The casts at the head of a clause, by the position of their parameter (R6.3), and that of a struct's constructor. */
function parameterCasts({ params, body }: Clause): (readonly [number, CastNode['cast']])[] {
  const inside = body.t === 'scope' ? body.body : body;
  const found: (readonly [number, CastNode['cast']])[] = [];
  if (inside.t === 'primitive' && inside.name === '%conform') {
    const [to, value] = inside.args;
    const at = value?.t === 'local' ? params.indexOf(value.variable) : -1;
    if (to?.t === 'type' && at >= 0) found.push([at, { type: to.type, where: 'value', span: inside.span }]);
  }
  for (const node of inside.t === 'do' ? inside.body : []) {
    if (node.t !== 'cast' || node.value.t !== 'local') continue;
    const at = params.indexOf(node.value.variable);
    if (at >= 0 && !params[at]?.mutable) found.push([at, node.cast]);
  }
  return found;
}
