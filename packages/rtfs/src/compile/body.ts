/**
 * One body of one function on its way to JavaScript: the lines so far, the mode, and the order of evaluation.
 *
 * An expression is emitted as text that must be evaluated exactly once, right after the lines emitted so far. What needs
 * statements emits lines first; operands already emitted are then spilled to constants before those lines, so that evaluation
 * stays left to right (R4.2) whatever shape a form takes.
 */
import type { Behaviour, Clause, Func, LoopNode, Node, Variable } from '../syntax/program.ts';
import type { Span } from '../values/kinds.ts';
import type { Ownership } from './ownership.ts';
import type { Code, Unit } from './unit.ts';

/** Where a statement's value goes. */
export type Destination =
  | { readonly t: 'return' }
  | { readonly t: 'drop' }
  | { readonly t: 'to'; readonly name: string };

export const RETURN: Destination = { t: 'return' };
export const DROP: Destination = { t: 'drop' };

/** Emits nodes; implemented by `emit.ts`, which ties the topics together. */
export interface Emitter {
  expression(body: Body, node: Node): string;
  statement(body: Body, node: Node, to: Destination): void;
  test(body: Body, node: Node): string;
}

/** Names that keep their value from here on: constants, temporaries, variables that nothing reassigns. */
const STABLE = /^(?:[ktvlix]\d+|K\[\d+\]|null|true|false|undefined|-?\d+)$/;
/** No such name is longer; a longer text is not looked into, for it is still in pieces. */
const STABLE_LENGTH = 12;

/** The names that a line declares; more that it merely uses may be among them. */
const DECLARED = /(?:^(?:let|const) |,)([a-z]\d+)(?=[=,;])/g;
/** Lines of one function whose names may live in registers. */
const LINES = 1000;

/** What a body is the body of. */
export interface BodyPlace {
  readonly func: Func;
  readonly clause: Clause | null;
  readonly mode: 'p' | 'g';
  readonly ownership: Ownership;
}

export class Body {
  readonly unit: Unit;
  readonly emitter: Emitter;
  readonly func: Func;
  readonly clause: Clause | null;
  readonly mode: 'p' | 'g';
  readonly ownership: Ownership;
  lines: Code[] = [];
  private emitted = 0;
  /** The temporaries made so far, and the variables named: what the engine keeps for this function. */
  temporaries = 0;
  readonly named = new Set<Variable>();
  /** Labels of the loops being emitted, and the names their variables are assigned under. */
  readonly loops = new Map<LoopNode | Clause, { label: string; names: readonly string[] }>();
  /** The label that a `break` leaves. */
  readonly breaks: string[] = [];
  /** Whether what is being emitted may run often enough that its common case stands in line; elsewhere less code is better. */
  hot: boolean;
  /** Variables that are declared where they are bound, because nothing sees them before. */
  readonly declareAtBind = new Set<Variable>();

  constructor(unit: Unit, emitter: Emitter, at: BodyPlace) {
    this.unit = unit;
    this.emitter = emitter;
    this.func = at.func;
    this.clause = at.clause;
    this.mode = at.mode;
    this.ownership = at.ownership;
    this.hot = !unit.cold.has(at.func);
  }

  emit(line: Code): void {
    this.lines.push(line);
    if (++this.emitted > LINES && typeof line === 'string') this.keepOutOfRegisters(line);
  }

  /**
   * What a yield, and what registers of one value cost the engine's compiler grows with the registers of the function; with very
   * many of both it kills the process. So the names that a long function declares behind its first lines are captured, by a function
   * that is never made: then they live elsewhere.
   */
  private keepOutOfRegisters(line: string): void {
    if (!line.startsWith('const ') && !line.startsWith('let ')) return;
    const names = Array.from(line.matchAll(DECLARED), ([, name]) => name as string);
    this.lines.push(`if(0)()=>[${names.join(',')}];`);
  }

  /** Takes over the lines of a `block`. */
  append(lines: readonly Code[]): void {
    if (lines.length > 0) this.lines.push(lines);
  }

  /** A fresh temporary. */
  temp(): string {
    this.temporaries++;
    return this.unit.name('t');
  }

  /** The JavaScript name of a variable; one that can change has a name that is never taken for stable. */
  variable(variable: Variable): string {
    this.named.add(variable);
    return `${variable.mutable ? 'm' : 'v'}${variable.id}`;
  }

  isStable(expression: string): boolean {
    return expression.length <= STABLE_LENGTH && STABLE.test(expression);
  }

  /** `expression` under a name that keeps its value. */
  hold(expression: string): string {
    if (this.isStable(expression)) return expression;
    const name = this.temp();
    this.emit(`const ${name}=${expression};`);
    return name;
  }

  expression(node: Node): string {
    return this.emitter.expression(this, node);
  }

  /** The node's value under a stable name. */
  held(node: Node): string {
    return this.hold(this.expression(node));
  }

  statement(node: Node, to: Destination): void {
    this.emitter.statement(this, node, to);
  }

  test(node: Node): string {
    return this.emitter.test(this, node);
  }

  /** The expressions of several nodes, to be evaluated left to right. */
  all(nodes: readonly Node[]): string[] {
    const out: string[] = [];
    let spilled = 0;
    for (const node of nodes) {
      const before = this.lines.length;
      const expression = this.expression(node);
      if (this.lines.length > before) {
        this.spill(out, spilled, before);
        spilled = out.length;
      }
      out.push(expression);
    }
    return out;
  }

  /** Several nodes under stable names. */
  allHeld(nodes: readonly Node[]): string[] {
    return nodes.map((node) => this.held(node));
  }

  /** Evaluates what is in `expressions` from index `from` on before line `at`. */
  private spill(expressions: string[], from: number, at: number): void {
    const later = this.lines.splice(at);
    for (let i = from; i < expressions.length; i++) expressions[i] = this.hold(expressions[i] as string);
    for (const line of later) this.lines.push(line);
  }

  /** The lines that `work` emits, apart. */
  block(work: () => void): Code[] {
    const outer = this.lines;
    this.lines = [];
    work();
    const inner = this.lines;
    this.lines = outer;
    return inner;
  }

  /** Delivers a value. */
  deliver(expression: string, to: Destination): void {
    if (to.t === 'to') this.emit(`${to.name}=${expression};`);
    else if (to.t === 'drop') {
      if (!this.isStable(expression)) this.emit(`${expression};`);
    } else this.emit(`return ${this.cast(expression)};`);
  }

  private cast(expression: string): string {
    const cast = this.clause?.cast ?? null;
    if (cast === null) return expression;
    return this.helper(cast.span, 'rt.cast', [this.unit.entry(cast), expression]);
  }

  /** Marks `expression` as one that can fail: an error inside it carries `span`. */
  at(span: Span, expression: string): string {
    if (this.unit.isLibrary) return expression;
    return `(s=${this.unit.site(span, this.func.name)},${expression})`;
  }

  /** A call of one of the runtime's own functions, which can fail; the place goes behind its arguments, evaluated after them. */
  helper(span: Span, name: string, args: readonly string[]): string {
    const site = this.unit.isLibrary ? '' : `,s=${this.unit.site(span, this.func.name)}`;
    return `${name}(${args.join(',')}${site})`;
  }

  /** How a function is compiled here. */
  behaviour(func: Func): Behaviour {
    return this.unit.yields ? func.behaviour : 'never';
  }
}
