/**
 * The one intermediate form: what analysis makes of forms and what the compiler turns into JavaScript. Patterns, threading,
 * comprehensions and the effect functions are already lowered to the few nodes below; every name is resolved. `span` is the
 * place in the source that an error raised by the node carries (R1.34).
 */
import type { Effects, Json } from '../machine/types.ts';
import type { Span, Value } from '../values/kinds.ts';
import type { Type } from '../types/type.ts';

/** How a function may behave towards the host (decision 2): it is compiled plain, as a generator, or both. */
export type Behaviour = 'never' | 'unknown' | 'yields';

/** A lexical or program variable. */
export interface Variable {
  readonly id: number;
  readonly name: string;
  /** The function whose body declares it; a read from another function makes it `captured`. */
  readonly owner: Func;
  /** `def` variables are undefined until their definition has run (R4.5); the others are bound where they are declared. */
  readonly kind: 'bound' | 'def';
  /** Number of definitions and `set!`s that assign it. */
  assignments: number;
  captured: boolean;
  /** The function it is bound to, when that is known; reliable only while `assignments` is 1. */
  func: Func | null;
  /** True when it is used otherwise than as the head of a call, so that a function value must exist. */
  asValue: boolean;
  /** True when some read may come before the definition has run. */
  checked: boolean;
  /** What the name means before its definition has run; null: reading it is UndefinedSymbol. */
  fallback: Node | null;
  /** The parallel branch it is made in (R12.15). */
  readonly branch: Branch | null;
  /** True when it may change between two reads: `set!`, or a second definition. */
  mutable: boolean;
}

/** A branch of `parallel` or `step-parallel`, as a place where variables are made. */
export interface Branch {
  readonly parent: Branch | null;
}

/** One arity of a function. Patterns, defaults and casts of parameters stand at the head of `body`. */
export interface Clause {
  readonly params: readonly Variable[];
  readonly rest: Variable | null;
  body: Node;
  /** The cast of the result (R6.3). */
  cast: Cast | null;
  /** True when a `recur` or a self tail call goes back to the head. */
  loops: boolean;
}

export interface Cast {
  readonly type: Type;
  readonly where: string;
  readonly span: Span;
}

/** A function of the program. `clauses` are sorted by arity, the one with a rest parameter last. */
export interface Func {
  readonly id: number;
  readonly name: string;
  readonly span: Span;
  readonly parent: Func | null;
  readonly clauses: Clause[];
  behaviour: Behaviour;
  /** What its own body does, gathered by analysis and solved by `inferBehaviour`. */
  readonly facts: { yields: boolean; unknown: boolean; loops: boolean; readonly callees: Callee[] };
  /** The variable that it is bound to, where it has a name. */
  variable: Variable | null;
}

/** A call whose behaviour depends on something not yet known when it was analysed. */
export type Callee =
  | { readonly t: 'variable'; readonly variable: Variable }
  | { readonly t: 'func'; readonly func: Func }
  | { readonly t: 'library'; readonly name: string; readonly args: readonly Node[] };

interface At {
  readonly span: Span;
}

/** A literal or quoted datum; collections among them are shared, which their persistence allows. */
export interface ConstNode extends At {
  readonly t: 'const';
  readonly value: Value;
}
/** A type as an argument of a runtime operation (`(valid? T v)`). */
export interface TypeNode extends At {
  readonly t: 'type';
  readonly type: Type;
}
export interface LocalNode extends At {
  readonly t: 'local';
  readonly variable: Variable;
  readonly checked: boolean;
}
/** A library function as a value. */
export interface LibraryNode extends At {
  readonly t: 'library';
  readonly name: string;
}
export interface UndefinedNode extends At {
  readonly t: 'undefined';
  readonly name: string;
  readonly similar: readonly string[];
}
export interface CollectionNode extends At {
  readonly t: 'vector' | 'set' | 'map';
  readonly items: readonly Node[];
}
export interface DoNode extends At {
  readonly t: 'do';
  readonly body: readonly Node[];
}
export interface IfNode extends At {
  readonly t: 'if';
  readonly test: Node;
  readonly then: Node;
  readonly else: Node;
}
/** `and` and `or`: the value of the deciding item. */
export interface LogicNode extends At {
  readonly t: 'and' | 'or';
  readonly items: readonly Node[];
}
/** Clauses in order; the first whose test holds gives the value. Flat, so that a long `case` is not a deep tree. */
export interface CondNode extends At {
  readonly t: 'cond';
  readonly otherwise: Node;
  readonly clauses: readonly { readonly variables: readonly Variable[]; readonly test: Node; readonly body: Node }[];
}
/** Declares variables around a body. */
export interface ScopeNode extends At {
  readonly t: 'scope';
  readonly variables: readonly Variable[];
  readonly body: Node;
}
/** Assigns a variable. `gives` says what the node's value is: the assigned value, nil, or true (inside a match test). */
export interface BindNode extends At {
  readonly t: 'bind';
  readonly variable: Variable;
  readonly value: Node;
  readonly gives: 'value' | 'nil' | 'true';
}
export interface FnNode extends At {
  readonly t: 'fn';
  readonly func: Func;
}
/** Application of anything. `tail` is true in tail position of `func`'s clause. */
export interface CallNode extends At {
  readonly t: 'call';
  readonly callee: Node;
  readonly args: readonly Node[];
  readonly tailOf: Clause | null;
  readonly func: Func;
}
/** An operation of the runtime (`primitives.ts`) that a program cannot name. */
export interface PrimitiveNode extends At {
  readonly t: 'primitive';
  readonly name: string;
  readonly args: readonly Node[];
}
export interface LoopNode extends At {
  readonly t: 'loop';
  readonly variables: readonly Variable[];
  readonly inits: readonly Node[];
  readonly body: Node;
}
export interface RecurNode extends At {
  readonly t: 'recur';
  readonly target: LoopNode | Clause;
  readonly args: readonly Node[];
}
/** Runs `body` `count` times with `item` = 0, 1, …; nil. A metered one costs one unit an iteration. */
export interface TimesNode extends At {
  readonly t: 'times';
  readonly count: Node;
  readonly item: Variable;
  readonly body: Node;
  readonly metered: boolean;
}
export interface WhileNode extends At {
  readonly t: 'while';
  readonly test: Node;
  readonly body: Node;
  readonly metered: boolean;
  /** The name of the limit and its value; null takes the limit `loopIterations` of the machine. */
  readonly most: number | null;
}
/** Leaves the innermost `times` or `while` of the same function. */
export interface BreakNode extends At {
  readonly t: 'break';
}
export interface TryNode extends At {
  readonly t: 'try';
  readonly body: Node;
  readonly finally: Node | null;
  /** `kinds` in folded spelling (R8.5); null catches everything. */
  readonly clauses: readonly {
    readonly kinds: readonly string[] | null;
    readonly variable: Variable;
    readonly body: Node;
  }[];
}
export interface CastNode extends At {
  readonly t: 'cast';
  readonly value: Node;
  readonly cast: Cast;
}
/** `(call id arg*)` (R11.1). */
export interface CapabilityNode extends At {
  readonly t: 'capability';
  readonly id: Node;
  readonly args: readonly Node[];
  readonly hints: Node | null;
  readonly site: string;
}
/** Reads a context value: of the step first when `steps` is set, then `local`, then of the host (R12.20, R12.21). */
export interface ContextNode extends At {
  readonly t: 'context';
  readonly key: Node;
  readonly steps: boolean;
  readonly local: Node | null;
  readonly otherwise: Node | null;
  readonly site: string;
}
export interface ContextWriteNode extends At {
  readonly t: 'context-write';
  readonly key: Node;
  readonly value: Node;
}
export interface CheckpointNode extends At {
  readonly t: 'checkpoint';
  readonly label: string | null;
  readonly value: Node;
  readonly site: string;
}

/** The literal options of a step (R12.2–R12.8), checked. */
export interface StepOptions {
  readonly expose: boolean | null;
  readonly contextKeys: readonly string[] | null;
  readonly isolation: 'inherit' | 'isolated' | 'sandboxed' | null;
  readonly timeoutMs: number | null;
  readonly retries: number;
  readonly backoffMs: number;
  readonly merge: 'keep-existing' | 'overwrite' | 'merge';
  /** As written, for the record and for admission. */
  readonly json: Json;
}
export interface StepNode extends At {
  readonly t: 'step';
  readonly name: string;
  readonly options: StepOptions;
  readonly params: Variable | null;
  readonly paramsValue: Node | null;
  readonly onFail: 'fail' | 'continue' | Node;
  readonly body: Node;
  readonly site: string;
}
/** `names` is null for `step-parallel`, whose value is a vector. */
export interface ParallelNode extends At {
  readonly t: 'parallel';
  readonly names: readonly string[] | null;
  readonly branches: readonly Node[];
  readonly options: StepOptions | null;
  readonly site: string;
}

export type Node =
  | ConstNode
  | TypeNode
  | LocalNode
  | LibraryNode
  | UndefinedNode
  | CollectionNode
  | DoNode
  | IfNode
  | LogicNode
  | CondNode
  | ScopeNode
  | BindNode
  | FnNode
  | CallNode
  | PrimitiveNode
  | LoopNode
  | RecurNode
  | TimesNode
  | WhileNode
  | BreakNode
  | TryNode
  | CastNode
  | CapabilityNode
  | ContextNode
  | ContextWriteNode
  | CheckpointNode
  | StepNode
  | ParallelNode;

/** An analysed program. `main` has one clause without parameters; `input` is bound to the run's input (R4.7). */
export interface Program {
  readonly main: Func;
  readonly input: Variable;
  readonly funcs: readonly Func[];
  readonly effects: Effects;
  readonly hasParallel: boolean;
}
